// Directories that a symbolic link gives a second name.
#include "compiler/tree/links.hpp"

#include "compiler/tree/paths.hpp"
#include "compiler/tree/visible.hpp"
#include "compiler/tree/walk.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <system_error>
#include <tuple>
#include <utility>

#include <fmt/format.h>

namespace wfc {

namespace {

namespace fs = std::filesystem;

std::optional<wfr::Ordinal> find_child(const wfr::Tree& tree,
                                       LevelId child,
                                       wfr::Ordinal parent,
                                       const std::string& name) {
  wfr::Range range = tree.descendants(tree.level(child).under, {parent, parent + 1}, child);
  const wfr::Names& names = tree.level(child).names;
  const std::uint32_t end = range.end;
  // Names are sorted bytewise within their parent.
  while (range.begin < range.end) {
    const std::uint32_t middle = range.begin + range.size() / 2;
    if (names.at(middle) < name) {
      range.begin = middle + 1;
    } else {
      range.end = middle;
    }
  }
  if (range.begin == end || names.at(range.begin) != name) return std::nullopt;
  return range.begin;
}

// The node of `level` whose directory lies at `path`, relative to the root.
std::optional<wfr::Ordinal> find_node(const wfr::Tree& tree, LevelId level, const fs::path& path) {
  if (level == wfr::kRootLevel) {
    return path == "." ? std::optional<wfr::Ordinal>(0) : std::nullopt;
  }
  const fs::path above = path.parent_path().empty() ? fs::path(".") : path.parent_path();
  const auto parent = find_node(tree, tree.level(level).under, above);
  if (!parent) return std::nullopt;
  return find_child(tree, level, *parent, path.filename().string());
}

class LinkCheck {
 public:
  explicit LinkCheck(ScanState& scan) : scan_(scan) {
    std::error_code error;
    root_ = fs::canonical(scan.path_of(wfr::kRootLevel, 0), error);
  }

  void check(const FollowedLink& link) {
    const std::string path = join_path(scan_.path_of(above(link.level), link.parent), link.name);
    const auto [at, is_new] = first_.try_emplace({link.level, link.device, link.inode}, path);
    if (!is_new) {
      report(link.level, path, at->second);
      return;
    }
    std::error_code error;
    const fs::path physical = fs::canonical(path, error);
    if (error) return;
    const auto node = find_node(scan_.tree, link.level, physical.lexically_relative(root_));
    if (node) report(link.level, path, scan_.path_of(link.level, *node));
  }

 private:
  [[nodiscard]] LevelId above(LevelId level) const { return scan_.tree.level(level).under; }

  void report(LevelId level, const std::string& link, const std::string& other) {
    scan_.sink.report(
        Kind::DirectoryTwice,
        scan_.workflow.level(level).source_span,
        fmt::format(
            "`{}` is a symbolic link to the same directory as `{}`", visible(link), visible(other)),
        "their tasks would write the same files: leave one out with `exclude`");
  }

  ScanState& scan_;
  fs::path root_;
  std::map<std::tuple<LevelId, std::uint64_t, std::uint64_t>, std::string> first_;
};

}  // namespace

void report_foreign_link(ScanState& scan, const Span& span, const wfr::ForeignLink& link) {
  scan.sink.report(
      Kind::ForeignLink,
      span,
      fmt::format(
          "the link `{}` belongs to user {} and leads to what belongs to user {}: it is not "
          "followed",
          visible(link.path),
          link.owner,
          link.target_owner),
      fmt::format("{}; or leave it out with `exclude`", wfr::kForeignLinkHelp));
}

void check_links(ScanState& scan) {
  if (scan.links.empty()) return;
  LinkCheck check(scan);
  for (const FollowedLink& link : scan.links) check.check(link);
}

}  // namespace wfc
