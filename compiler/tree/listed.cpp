// Levels whose names are listed.
#include "compiler/tree/listed.hpp"

#include "compiler/tree/directory.hpp"
#include "compiler/tree/instances.hpp"
#include "compiler/tree/near_name.hpp"
#include "compiler/tree/sheet_index.hpp"
#include "compiler/tree/visible.hpp"
#include "compiler/workflow/sheet.hpp"
#include "compiler/workflow/unicode.hpp"

#include <string>
#include <unordered_map>
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

  void add(const std::string& name, std::uint32_t row = wfr::kNone) {
    if (builder_.filter().trimmed(name)) return;
    by_folded_.emplace(folded(name), listed_.size());
    listed_.push_back({name, row, false, ""});
  }

  // What cannot be read is not there for this check: the tasks themselves need no list of names.
  void look_in(wfr::Ordinal parent) {
    const std::string directory = scan_.path_of(builder_.def().under, parent);
    if (!listed_.empty() && reader_.open(directory) == 0) {
      reader_.read([this](const DirectoryEntry& entry) {
        if (entry.kind != EntryKind::Other) compare(entry.name);
      });
      for (const Listed& listed : listed_) report(listed, directory);
    }
    listed_.clear();
    by_folded_.clear();
  }

  void report_rest() {
    if (reported_ <= kReportedAtMost) return;
    scan_.sink.report(
        Kind::NameDiffers,
        builder_.def().source_span,
        fmt::format("{} more names differ from a directory's only in case or Unicode form",
                    reported_ - kReportedAtMost));
  }

 private:
  struct Listed {
    std::string name;
    std::uint32_t row = wfr::kNone;
    bool there = false;
    std::string other;  // a directory that differs in case or Unicode form
  };

  void compare(std::string_view directory) {
    const auto [begin, end] = by_folded_.equal_range(folded(directory));
    for (auto at = begin; at != end; ++at) {
      Listed& listed = listed_[at->second];
      if (listed.name == directory) {
        listed.there = true;
      } else if (listed.other.empty() || directory < listed.other) {
        listed.other = directory;
      }
    }
  }

  void report(const Listed& listed, const std::string& directory) {
    if (listed.there || listed.other.empty() || ++reported_ > kReportedAtMost) return;
    const LevelDef& level = builder_.def();
    scan_.sink.report(
        Kind::NameDiffers,
        listed.row == wfr::kNone ? level.source_span : cell_span(level, listed.row, 0),
        fmt::format("`{}` differs from the directory `{}` in `{}` only in {}",
                    visible(listed.name),
                    visible(listed.other),
                    visible(directory),
                    folded_difference(listed.name, listed.other)),
        fmt::format("did you mean `{}`? a second directory would be made", visible(listed.other)));
  }

  ScanState& scan_;
  const LevelBuilder& builder_;
  DirectoryReader reader_;
  std::vector<Listed> listed_;
  std::unordered_multimap<std::string, std::size_t> by_folded_;
  std::size_t reported_ = 0;
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
      for (const std::string& name : level.values) {
        if (look) disk.add(name);
        builder.offer(name);
      }
      for (const std::uint32_t row : rows) {
        if (look) disk.add(level.rows[row].front(), row);
        builder.offer(level.rows[row].front(), row);
      }
      if (look) disk.look_in(parent);
    }
    builder.close_parent(parent, wanted);
  }
  disk.report_rest();
  sheet.report_unused(scan);
}

}  // namespace wfc
