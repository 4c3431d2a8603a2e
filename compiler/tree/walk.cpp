// The children on disk of every directory of one level.
#include "compiler/tree/walk.hpp"

#include "compiler/tree/directory.hpp"
#include "compiler/tree/near_name.hpp"
#include "compiler/tree/paths.hpp"
#include "compiler/tree/sheet_rows.hpp"
#include "compiler/tree/visible.hpp"
#include "compiler/workflow/sheet.hpp"

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
      const bool looked_at = visit_directory(node);
      for (LevelBuilder& child : children_) child.close_parent(node, looked_at);
    }
    report_rest();
  }

 private:
  // False for a directory that is not there, or cannot be read (which is reported).
  bool visit_directory(wfr::Ordinal node) {
    node_ = node;
    above_.clear();
    const std::string path = scan_.path_of(parent_, node);
    int error = reader_.open(path, scan_.root.string());
    if (error == ENOENT && !comes_from_disk()) {
      // A directory that a step will make need not be there yet.
      if (!scan_.workflow.level(parent_).made_by) report_row(node);
      return false;
    }
    if (error == 0) {
      error = reader_.read([this](const DirectoryEntry& entry) { visit(entry); });
    }
    if (error != 0) report_unreadable(path, error);
    return error == 0;
  }

  // A directory that a sheet names and that nobody makes.
  void report_row(wfr::Ordinal node) {
    if (++rows_ > kReportedAtMost) return;
    const wfr::Level& level = scan_.tree.level(parent_);
    const std::string name(level.names.at(node));
    const std::string above = scan_.path_of(level.under, level.parent[node]);
    const std::string near = near_name(name, directories_in(above));
    const auto row = row_of_node(scan_.workflow, scan_.tree, parent_, node);
    const LevelDef& def = scan_.workflow.level(parent_);
    scan_.sink.report(Kind::RowWithoutDirectory,
                      row ? cell_span(def, *row, 0) : def.source_span,
                      fmt::format("there is no directory `{}` in `{}`, so it has no `{}`",
                                  visible(name),
                                  visible(above),
                                  children_.front().def().name),
                      near.empty()
                          ? "correct the row, make the directory, or leave it out with `exclude`"
                          : fmt::format("did you mean `{}`?", visible(near)));
  }

  [[nodiscard]] std::vector<std::string> directories_in(const std::string& path) const {
    std::vector<std::string> names;
    DirectoryReader reader;
    if (reader.open(path, scan_.root.string()) != 0) return names;
    reader.read([&names](const DirectoryEntry& entry) {
      if (entry.kind != EntryKind::Other) names.emplace_back(entry.name);
    });
    std::sort(names.begin(), names.end());
    return names;
  }

  [[nodiscard]] bool comes_from_disk() const {
    const LevelDef& level = scan_.workflow.level(parent_);
    return parent_ == wfr::kRootLevel || is_on_disk(scan_.workflow, level);
  }

  void visit(const DirectoryEntry& entry) {
    const auto& [name, kind, inode] = entry;
    if (name.starts_with(".wfr.") || is_out(entry)) return;
    bool wanted = false;
    for (const LevelBuilder& child : children_) wanted |= child.filter().matched(name);
    if (kind == EntryKind::Other) {
      if (wanted) ++scan_.matched_files;
      return;
    }
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

  [[nodiscard]] bool is_out(const DirectoryEntry& entry) const {
    if (entry.kind != EntryKind::Directory) return false;
    return std::any_of(scan_.outs.begin(), scan_.outs.end(), [&](const OutDirectory& out) {
      if (out.inode == 0 || (entry.inode != out.inode && entry.name != out.name)) return false;
      return out.is(follow_entry(reader_.fd(), entry.name));
    });
  }

  [[nodiscard]] bool is_out(const EntryStatus& status) const {
    return std::any_of(scan_.outs.begin(), scan_.outs.end(), [&](const OutDirectory& out) {
      return out.is(status);
    });
  }

  // For a symbolic link, and where the file system does not tell what an entry is.
  bool leads_to_directory(std::string_view name, EntryKind kind) {
    if (all_trimmed(name)) return true;
    const EntryStatus status = follow_entry(reader_.fd(), name);
    if (status.error == ELOOP) {
      report_loop(name, "itself");
      return false;
    }
    if (status.error == ENOENT) {
      // Not an entry that has gone away since.
      if (is_link(reader_.fd(), name)) add_broken(name);
      return false;
    }
    if (status.error != 0) {
      const std::string path = scan_.path_of(parent_, node_);
      report_unreadable(join_path(path, name), status.error);
      return false;
    }
    if (!status.is_directory || is_out(status)) return false;
    if (kind == EntryKind::Unknown && !is_link(reader_.fd(), name)) return true;
    if (above_.empty()) find_above();
    const FileIdentity identity{status.device, status.inode};
    if (std::find(above_.begin(), above_.end(), identity) != above_.end()) {
      report_loop(name);
      return false;
    }
    if (is_foreign(name)) return false;
    for (const LevelBuilder& child : children_) {
      if (!child.filter().matched(name) || child.filter().trimmed(name)) continue;
      scan_.links.push_back({child.id(), node_, std::string(name), status.device, status.inode});
    }
    return true;
  }

  bool is_foreign(std::string_view name) {
    const std::string path = join_path(scan_.path_of(parent_, node_), name);
    const auto link = wfr::foreign_link_at(reader_.fd(), std::string(name), path);
    if (link && ++foreign_ <= kReportedAtMost) report_foreign_link(scan_, level_span(), *link);
    return link.has_value();
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

  void report_loop(std::string_view name, std::string_view where = "a directory above it") {
    if (++loops_ > kReportedAtMost) return;
    const std::string path = join_path(scan_.path_of(parent_, node_), name);
    scan_.sink.report(Kind::DirectoryLoop,
                      level_span(),
                      fmt::format("the symbolic link `{}` leads back to {}", visible(path), where),
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

  void add_broken(std::string_view name) {
    if (++broken_ > kReportedAtMost) return;
    const std::string path = join_path(scan_.path_of(parent_, node_), name);
    broken_names_ += fmt::format("{}`{}`", broken_names_.empty() ? "" : ", ", visible(path));
  }

  void report_broken() {
    if (broken_ == 0) return;
    scan_.sink.report(
        Kind::LinkToNothing,
        level_span(),
        fmt::format("{} {} broken, and {} left out: {}{}",
                    broken_ == 1 ? "a symbolic link" : fmt::format("{} symbolic links", broken_),
                    broken_ == 1 ? "is" : "are",
                    broken_ == 1 ? "is" : "are",
                    broken_names_,
                    broken_ > kReportedAtMost ? ", ..." : ""),
        "repair or remove it, or list it in `exclude`");
  }

  void report_rest() {
    report_broken();
    if (rows_ > kReportedAtMost) {
      scan_.sink.report(Kind::RowWithoutDirectory,
                        scan_.workflow.level(parent_).source_span,
                        fmt::format("{} more rows of `{}` name directories that are not there",
                                    rows_ - kReportedAtMost,
                                    scan_.workflow.level(parent_).file));
    }
    if (loops_ > kReportedAtMost) {
      scan_.sink.report(Kind::DirectoryLoop,
                        level_span(),
                        fmt::format("{} more symbolic links lead back to a directory above them",
                                    loops_ - kReportedAtMost));
    }
    if (foreign_ > kReportedAtMost) {
      scan_.sink.report(Kind::ForeignLink,
                        level_span(),
                        fmt::format("{} more directories are reached by links of other users",
                                    foreign_ - kReportedAtMost));
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
  std::size_t rows_ = 0;
  std::size_t foreign_ = 0;
  std::size_t broken_ = 0;
  std::string broken_names_;
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
  scan.matched_files = 0;
  Walk(scan, parent, children).run();
}

}  // namespace wfc
