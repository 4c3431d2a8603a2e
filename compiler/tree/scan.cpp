// Workflow -> Tree: levels from coarse to fine, each from the disk, a list, a sheet or a kernel.
#include "compiler/tree/scan.hpp"

#include "compiler/tree/directory.hpp"
#include "compiler/tree/instances.hpp"
#include "compiler/tree/level_builder.hpp"
#include "compiler/tree/made.hpp"
#include "compiler/tree/visible.hpp"
#include "compiler/tree/walk.hpp"

#include <algorithm>
#include <cstring>
#include <deque>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace wfc {

namespace {

constexpr std::size_t kReportedAtMost = 3;

// The rows of a sheet by the names of the directories above, where it has columns for them.
class SheetIndex {
 public:
  SheetIndex(const Workflow& workflow, const LevelDef& level) : level_(level) {
    for (LevelId id = level.under; id != wfr::kRootLevel; id = workflow.level(id).under) {
      const auto column =
          std::find(level.columns.begin(), level.columns.end(), workflow.level(id).name);
      if (column == level.columns.end()) continue;
      above_.emplace_back(id, static_cast<std::size_t>(column - level.columns.begin()) + 1);
    }
    for (std::uint32_t row = 0; row < level.rows.size(); ++row) {
      std::string key;
      for (const auto& [id, cell] : above_) add_to_key(key, level.rows[row].at(cell));
      rows_[key].push_back(row);
    }
  }

  const std::vector<std::uint32_t>& rows_at(const wfr::Tree& tree, wfr::Ordinal parent) {
    std::string key;
    for (const auto& [id, cell] : above_) {
      const wfr::Ordinal node = tree.ancestor(level_.under, parent, id);
      add_to_key(key, tree.level(id).names.at(node));
    }
    const auto found = rows_.find(key);
    if (found == rows_.end()) return none_;
    used_ += found->second.size();
    return found->second;
  }

  [[nodiscard]] bool names_parents() const { return !above_.empty(); }
  [[nodiscard]] std::size_t unused() const { return level_.rows.size() - used_; }

 private:
  // A name holds no NUL, so that it can end each part.
  static void add_to_key(std::string& key, std::string_view name) {
    key += name;
    key += '\0';
  }

  const LevelDef& level_;
  std::vector<std::pair<LevelId, std::size_t>> above_;
  std::unordered_map<std::string, std::vector<std::uint32_t>> rows_;
  std::vector<std::uint32_t> none_;
  std::size_t used_ = 0;
};

class Scanner {
 public:
  Scanner(const Workflow& workflow, const std::filesystem::path& root, Sink& sink)
      : state_{workflow, root, sink, {}, {}, {}}, discovery_(state_) {}

  wfr::Tree run() {
    start_root();
    readable_ = check_root();
    std::deque<LevelId> queue{wfr::kRootLevel};
    for (; !queue.empty(); queue.pop_front()) {
      for (const LevelId child : children_of(queue.front())) queue.push_back(child);
      build_below(queue.front());
    }
    check_links(state_);
    return std::move(state_.tree);
  }

 private:
  void start_root() {
    wfr::Tree& tree = state_.tree;
    tree.levels.resize(state_.workflow.levels.size());
    tree.levels[0].names.begin = tree.storage.keep(std::vector<std::uint64_t>{0, 0});
    tree.levels[0].parent = tree.storage.keep(std::vector<wfr::Ordinal>{0});
  }

  bool check_root() {
    const std::string path = state_.path_of(wfr::kRootLevel, 0);
    const EntryStatus status = follow_entry(-1, path);
    if (status.error == 0 && status.is_directory) return true;
    const char* const why =
        status.error != 0 ? std::strerror(status.error) : "it is not a directory";
    state_.sink.report(Kind::RootMissing,
                       state_.workflow.span,
                       fmt::format("the data root `{}` cannot be used: {}", visible(path), why),
                       "set `root` in [workflow]; it is relative to the workflow file");
    return false;
  }

  [[nodiscard]] std::vector<LevelId> children_of(LevelId parent) const {
    std::vector<LevelId> children;
    for (std::size_t i = 1; i < state_.workflow.levels.size(); ++i) {
      if (state_.workflow.levels[i].under == parent) {
        children.push_back(LevelId{static_cast<std::uint16_t>(i)});
      }
    }
    return children;
  }

  // All child levels of a finished level: those on disk share one walk.
  void build_below(LevelId parent) {
    std::vector<LevelBuilder> on_disk;
    for (const LevelId id : children_of(parent)) {
      const LevelDef& level = state_.workflow.level(id);
      LevelBuilder builder(id, level);
      if (readable_ && is_on_disk(state_.workflow, level)) {
        on_disk.push_back(std::move(builder));
        continue;
      }
      const std::size_t errors = state_.sink.errors();
      fill(builder);
      finish(builder, errors);
    }
    if (on_disk.empty()) return;
    const std::size_t errors = state_.sink.errors();
    walk_level(state_, parent, on_disk);
    for (LevelBuilder& builder : on_disk) finish(builder, errors);
  }

  void fill(LevelBuilder& builder) {
    const LevelDef& level = builder.def();
    const std::uint32_t parents = state_.tree.level(level.under).size();
    if (!readable_) {
      for (wfr::Ordinal parent = 0; parent < parents; ++parent) builder.close_parent(parent);
    } else if (level.source == LevelSource::Match) {
      discovery_.offer_made(builder);
    } else {
      fill_listed(builder, parents);
    }
  }

  // From `values` or a sheet: below every parent where the step that makes them has a task.
  void fill_listed(LevelBuilder& builder, std::uint32_t parents) {
    const LevelDef& level = builder.def();
    SheetIndex sheet(state_.workflow, level);
    wfr::Storage storage;
    const wfr::InstanceSet makers = makers_of(level, storage);
    const bool asked = makers.level != level.under || makers.count != makers.nodes;
    for (wfr::Ordinal parent = 0; parent < parents; ++parent) {
      const wfr::Tree& tree = state_.tree;
      if (!asked || makers.contains(tree.ancestor(level.under, parent, makers.level))) {
        for (const std::string& name : level.values) builder.offer(name);
        for (const std::uint32_t row : sheet.rows_at(tree, parent)) {
          builder.offer(level.rows[row].front(), row);
        }
      }
      builder.close_parent(parent);
    }
    if (sheet.names_parents() && sheet.unused() > 0 && !asked) {
      state_.sink.report(
          Kind::SheetRowUnused,
          level.source_span,
          fmt::format("{} of `{}` {}",
                      sheet.unused() == 1 ? "a row" : fmt::format("{} rows", sheet.unused()),
                      level.file,
                      sheet.unused() == 1 ? "names a directory that is not there"
                                          : "name directories that are not there"),
          "correct the rows, or make the directories");
    }
  }

  // The parents below which the level's directories will be; all where no step makes them.
  wfr::InstanceSet makers_of(const LevelDef& level, wfr::Storage& storage) const {
    const wfr::InstanceSet all = wfr::all_nodes(level.under, state_.tree.level(level.under).size());
    if (!level.made_by) return all;
    const StepDef& step = state_.workflow.step(*level.made_by);
    if (step.dropped || !state_.tree.is_at_or_above(step.spec.each, level.under)) return all;
    return step_instances(step, state_.tree, storage);
  }

  void finish(LevelBuilder& builder, std::size_t errors_before) {
    report_duplicates(builder);
    const bool reported = state_.sink.errors() > errors_before;
    const std::uint32_t nodes = builder.size();
    builder.finish(state_.tree);
    const std::uint32_t parents = state_.tree.level(builder.def().under).size();
    if (nodes == 0 && parents > 0 && readable_ && !reported) {
      report_empty(builder, parents);
    }
  }

  void report_duplicates(const LevelBuilder& builder) {
    const auto& duplicates = builder.duplicates();
    for (std::size_t i = 0; i < std::min(duplicates.size(), kReportedAtMost); ++i) {
      state_.sink.report(
          Kind::DuplicateDirectory,
          builder.def().source_span,
          fmt::format("`{}` is named twice in `{}`",
                      visible(duplicates[i].name),
                      visible(state_.path_of(builder.def().under, duplicates[i].parent))),
          "each directory can be named once within the directory above it");
    }
  }

  void report_empty(const LevelBuilder& builder, std::uint32_t parents) {
    const LevelDef& level = builder.def();
    const std::string first = visible(state_.path_of(level.under, 0));
    const std::string where =
        parents == 1 ? fmt::format("in `{}`", first)
                     : fmt::format("in any of {} directories, the first is `{}`", parents, first);
    if (builder.trimmed() > 0) {
      state_.sink.report(
          Kind::LevelEmpty,
          level.span,
          fmt::format("`only` and `exclude` of level `{}` leave none of {} directories",
                      level.name,
                      builder.trimmed()),
          "loosen them");
      return;
    }
    std::string help = "check the pattern, or make the directories";
    if (is_on_disk(state_.workflow, level) && !state_.unmatched.empty()) {
      std::sort(state_.unmatched.begin(), state_.unmatched.end());
      std::string names;
      for (const std::string& name : state_.unmatched) {
        names += fmt::format("{}`{}`", names.empty() ? "" : ", ", visible(name));
      }
      help = fmt::format("the first has {}", names);
      if (parents == 1) help = fmt::format("there is {}", names);
    }
    state_.sink.report(Kind::LevelEmpty,
                       level.source_span,
                       level.source == LevelSource::Match
                           ? fmt::format("level `{}` matches nothing: there is no `{}` {}",
                                         level.name,
                                         visible(level.match),
                                         where)
                           : fmt::format("level `{}` has no directory {}", level.name, where),
                       help);
  }

  ScanState state_;
  Discovery discovery_;
  bool readable_ = true;
};

}  // namespace

wfr::Tree scan(const Workflow& workflow, const std::filesystem::path& root, Sink& sink) {
  return Scanner(workflow, root, sink).run();
}

}  // namespace wfc
