// Levels whose names are listed.
#include "compiler/tree/listed.hpp"

#include "compiler/tree/directory.hpp"
#include "compiler/tree/instances.hpp"
#include "compiler/tree/links.hpp"
#include "compiler/tree/near_name.hpp"
#include "compiler/tree/paths.hpp"
#include "compiler/tree/sheet_index.hpp"
#include "compiler/tree/visible.hpp"
#include "compiler/workflow/sheet.hpp"
#include "compiler/workflow/unicode.hpp"

#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <fmt/format.h>

namespace wfc {

namespace {

constexpr std::size_t kReportedAtMost = 3;
// A list is the same everywhere: what is wrong with it shows in the first directories.
constexpr std::uint32_t kLookedAt = 1000;

// The parents below which the level's directories will be; all where no step makes them.
wfr::InstanceSet makers_of(const ScanState& scan, const LevelDef& level, wfr::Storage& storage) {
  const wfr::InstanceSet all = wfr::all_nodes(level.under, scan.tree.level(level.under).size());
  if (!level.made_by) return all;
  const StepDef& step = scan.workflow.step(*level.made_by);
  if (step.dropped || !scan.tree.is_at_or_above(step.spec.each, level.under)) return all;
  return step_instances(step, scan.tree, storage);
}

// Looks for directories on the disk that the names listed below one parent probably mean.
class DiskNames {
 public:
  DiskNames(ScanState& scan, const LevelBuilder& builder) : scan_(scan), builder_(builder) {}

  // Reads what is below a parent. What cannot be read is not there for this check: the tasks
  // themselves need no list of names.
  void open(wfr::Ordinal parent) {
    close();
    directory_ = scan_.path_of(builder_.def().under, parent);
    if (reader_.open(directory_, scan_.root.string()) != 0) return;
    reader_.read([this](const DirectoryEntry& entry) {
      if (entry.kind == EntryKind::Other) return;
      by_folded_.emplace(folded(entry.name), entry.name);
      if (entry.kind != EntryKind::Directory) links_.emplace(entry.name);
    });
  }
  void close() {
    by_folded_.clear();
    links_.clear();
  }

  // A name that is listed below the parent that is open.
  void look_for(const std::string& name, std::uint32_t row = wfr::kNone) {
    if (by_folded_.empty() || builder_.filter().trimmed(name)) return;
    const auto [begin, end] = by_folded_.equal_range(folded(name));
    const std::string* other = nullptr;  // a directory that differs in case or Unicode form
    for (auto at = begin; at != end; ++at) {
      if (at->second == name) return check_link(name);
      if (other == nullptr || at->second < *other) other = &at->second;
    }
    if (other != nullptr) report(name, row, *other);
  }

  void report_rest() {
    if (foreign_ > kReportedAtMost) {
      scan_.sink.report(Kind::ForeignLink,
                        builder_.def().source_span,
                        fmt::format("{} more directories are reached by links of other users",
                                    foreign_ - kReportedAtMost));
    }
    if (reported_ <= kReportedAtMost) return;
    scan_.sink.report(
        Kind::NameDiffers,
        builder_.def().source_span,
        fmt::format("{} more names differ from a directory's only in case or Unicode form",
                    reported_ - kReportedAtMost));
  }

 private:
  void check_link(const std::string& name) {
    if (links_.count(name) == 0) return;
    const std::string path = join_path(directory_, name);
    const auto link = wfr::foreign_link_at(reader_.fd(), name, path);
    if (!link || ++foreign_ > kReportedAtMost) return;
    report_foreign_link(scan_, builder_.def().source_span, *link);
  }

  void report(const std::string& name, std::uint32_t row, const std::string& other) {
    if (++reported_ > kReportedAtMost) return;
    const LevelDef& level = builder_.def();
    scan_.sink.report(
        Kind::NameDiffers,
        row == wfr::kNone ? level.source_span : cell_span(level, row, 0),
        fmt::format("`{}` differs from the directory `{}` in `{}` only in {}",
                    visible(name),
                    visible(other),
                    visible(directory_),
                    folded_difference(name, other)),
        fmt::format("did you mean `{}`? a second directory would be made", visible(other)));
  }

  ScanState& scan_;
  const LevelBuilder& builder_;
  DirectoryReader reader_;
  std::string directory_;                                        // that is open
  std::unordered_multimap<std::string, std::string> by_folded_;  // its names
  std::unordered_set<std::string> links_;                        // of them, and what may be one
  std::size_t reported_ = 0;
  std::size_t foreign_ = 0;
};

}  // namespace

void offer_listed(ScanState& scan, LevelBuilder& builder) {
  const LevelDef& level = builder.def();
  SheetIndex sheet(scan.workflow, level);
  wfr::Storage storage;
  const wfr::InstanceSet makers = makers_of(scan, level, storage);
  DiskNames disk(scan, builder);
  const std::uint32_t parents = scan.tree.level(level.under).size();
  for (wfr::Ordinal parent = 0; parent < parents; ++parent) {
    const std::vector<std::uint32_t>& rows = sheet.rows_at(scan.tree, parent);
    const bool wanted = makers.contains(scan.tree.ancestor(level.under, parent, makers.level));
    if (wanted) {
      // What a step makes is its own affair.
      const bool look = !level.made_by && (!rows.empty() || parent < kLookedAt);
      if (look) disk.open(parent);
      for (const std::string& name : level.values) {
        disk.look_for(name);
        builder.offer(name);
      }
      for (const std::uint32_t row : rows) {
        disk.look_for(level.rows[row].front(), row);
        builder.offer(level.rows[row].front(), row);
      }
      disk.close();
    }
    builder.close_parent(parent, wanted);
  }
  disk.report_rest();
  sheet.report_unused(scan);
}

}  // namespace wfc
