// The children on disk of every directory of one level.
#include "compiler/tree/walk.hpp"

#include "compiler/tree/directory.hpp"
#include "compiler/tree/paths.hpp"
#include "compiler/tree/visible.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fmt/format.h>

namespace wfc {

namespace {

using FileIdentity = std::pair<std::uint64_t, std::uint64_t>;  // device, inode
constexpr std::size_t kShownUnmatched = 3;
constexpr std::size_t kReportedAtMost = 3;
constexpr int kDeepest = 256;  // directories above the root that are looked at

// State of one walk over one level's directories.
class Walk {
 public:
  Walk(ScanState& scan, LevelId parent, std::vector<LevelBuilder>& children)
      : scan_(scan), parent_(parent), children_(children) {}

  void run() {
    const std::uint32_t nodes = scan_.tree.level(parent_).size();
    for (wfr::Ordinal node = 0; node < nodes; ++node) {
      visit_directory(node);
      for (LevelBuilder& child : children_) child.close_parent(node);
    }
    report_rest();
  }

 private:
  void visit_directory(wfr::Ordinal node) {
    node_ = node;
    above_.clear();
    const std::string path = scan_.path_of(parent_, node);
    int error = reader_.open(path);
    // A directory that a step will make need not be there yet.
    if (error == ENOENT && !comes_from_disk()) return;
    if (error == 0) {
      error = reader_.read([this](std::string_view name, EntryKind kind) { visit(name, kind); });
    }
    if (error != 0) report_unreadable(path, error);
  }

  [[nodiscard]] bool comes_from_disk() const {
    const LevelDef& level = scan_.workflow.level(parent_);
    return parent_ == wfr::kRootLevel || is_on_disk(scan_.workflow, level);
  }

  void visit(std::string_view name, EntryKind kind) {
    if (kind == EntryKind::Other || name.starts_with(".wfr.")) return;
    bool wanted = false;
    for (const LevelBuilder& child : children_) wanted |= child.filter().matched(name);
    if (!wanted) {
      const bool shown = node_ == 0 && kind == EntryKind::Directory && !name.starts_with('.') &&
                         scan_.unmatched.size() < kShownUnmatched;
      if (shown) scan_.unmatched.emplace_back(name);
      return;
    }
    if (kind != EntryKind::Directory && !leads_to_directory(name, kind)) return;
    for (LevelBuilder& child : children_) {
      if (child.filter().matched(name)) child.offer(name);
    }
  }

  // For a symbolic link, and where the file system does not tell what an entry is.
  bool leads_to_directory(std::string_view name, EntryKind kind) {
    if (all_trimmed(name)) return true;
    const EntryStatus status = follow_entry(reader_.fd(), name);
    // A link that leads nowhere is like a file: not a directory of the level.
    if (status.error == ENOENT) return false;
    if (status.error == ELOOP) {
      report_loop(name);
      return false;
    }
    if (status.error != 0) {
      const std::string path = scan_.path_of(parent_, node_);
      report_unreadable(join_path(path, name), status.error);
      return false;
    }
    if (!status.is_directory) return false;
    if (kind == EntryKind::Unknown && !is_link(reader_.fd(), name)) return true;
    if (above_.empty()) find_above();
    const FileIdentity identity{status.device, status.inode};
    if (std::find(above_.begin(), above_.end(), identity) != above_.end()) {
      report_loop(name);
      return false;
    }
    for (const LevelBuilder& child : children_) {
      if (!child.filter().matched(name) || child.filter().trimmed(name)) continue;
      scan_.links.push_back({child.id(), node_, std::string(name), status.device, status.inode});
    }
    return true;
  }

  // `exclude` is the remedy for a loop, so an excluded name is not looked at.
  [[nodiscard]] bool all_trimmed(std::string_view name) const {
    return std::all_of(children_.begin(), children_.end(), [name](const LevelBuilder& child) {
      return !child.filter().matched(name) || child.filter().trimmed(name);
    });
  }

  // This directory, those above it in the tree, and those above the root.
  void find_above() {
    wfr::Ordinal node = node_;
    for (LevelId level = parent_;; level = scan_.tree.level(level).under) {
      add_above(scan_.path_of(level, node));
      if (level == wfr::kRootLevel) break;
      node = scan_.tree.level(level).parent[node];
    }
    std::string path = scan_.root.string();
    for (int i = 0; i < kDeepest; ++i) {
      path += "/..";
      const FileIdentity before = above_.back();
      add_above(path);
      if (above_.back() == before) break;
    }
  }

  void add_above(const std::string& path) {
    const EntryStatus status = follow_entry(-1, path);
    above_.emplace_back(status.device, status.inode);
  }

  void report_loop(std::string_view name) {
    if (++loops_ > kReportedAtMost) return;
    const std::string path = join_path(scan_.path_of(parent_, node_), name);
    scan_.sink.report(
        Kind::DirectoryLoop,
        level_span(),
        fmt::format("the symbolic link `{}` leads back to a directory above it", visible(path)),
        "remove the link, or leave it out with `exclude`");
  }

  void report_unreadable(const std::string& path, int error) {
    if (++unreadable_ > kReportedAtMost) return;
    scan_.sink.report(
        Kind::DirectoryUnreadable,
        level_span(),
        fmt::format("cannot read the directory `{}`: {}", visible(path), std::strerror(error)),
        "make it readable, or leave it out with `exclude` of its level");
  }

  void report_rest() {
    if (loops_ > kReportedAtMost) {
      scan_.sink.report(Kind::DirectoryLoop,
                        level_span(),
                        fmt::format("{} more symbolic links lead back to a directory above them",
                                    loops_ - kReportedAtMost));
    }
    if (unreadable_ > kReportedAtMost) {
      scan_.sink.report(
          Kind::DirectoryUnreadable,
          level_span(),
          fmt::format("{} more directories cannot be read", unreadable_ - kReportedAtMost));
    }
  }

  [[nodiscard]] Span level_span() const { return children_.front().def().source_span; }

  ScanState& scan_;
  LevelId parent_;
  std::vector<LevelBuilder>& children_;
  DirectoryReader reader_;
  wfr::Ordinal node_ = 0;
  std::vector<FileIdentity> above_;
  std::size_t loops_ = 0;
  std::size_t unreadable_ = 0;
};

}  // namespace

std::string ScanState::path_of(LevelId level, wfr::Ordinal node) const {
  const std::string directory = tree.directory(level, node);
  if (directory == ".") return root.empty() ? "." : root.string();
  return join_path(root.string(), directory);
}

bool is_on_disk(const Workflow& workflow, const LevelDef& level) {
  if (level.source != LevelSource::Match) return false;
  // Nobody makes the directories of a step that is dropped: they are there already, or not at all.
  return !level.made_by || workflow.step(*level.made_by).dropped;
}

void walk_level(ScanState& scan, LevelId parent, std::vector<LevelBuilder>& children) {
  scan.unmatched.clear();
  Walk(scan, parent, children).run();
}

}  // namespace wfc
