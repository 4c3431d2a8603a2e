// The rows of a level's sheet by the directories above.
#include "compiler/tree/sheet_index.hpp"

#include "compiler/tree/directory.hpp"
#include "compiler/tree/level_builder.hpp"
#include "compiler/tree/near_name.hpp"
#include "compiler/tree/paths.hpp"
#include "compiler/tree/visible.hpp"
#include "compiler/workflow/sheet.hpp"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

namespace wfc {

namespace {

constexpr std::size_t kReportedAtMost = 3;

// A name holds no NUL, so that it can end each part.
void add_to_key(std::string& key, std::string_view name) {
  key += name;
  key += '\0';
}

}  // namespace

SheetIndex::SheetIndex(const Workflow& workflow, const LevelDef& level) : level_(level) {
  for (LevelId id = level.under; id != wfr::kRootLevel; id = workflow.level(id).under) {
    const auto column =
        std::find(level.columns.begin(), level.columns.end(), workflow.level(id).name);
    if (column == level.columns.end()) continue;
    above_.push_back({id, static_cast<std::size_t>(column - level.columns.begin()) + 1});
  }
  if (above_.empty() && !level.rows.empty()) {
    std::vector<std::uint32_t>& all = rows_[""].rows;
    all.resize(level.rows.size());
    std::iota(all.begin(), all.end(), 0U);
    return;
  }
  for (std::uint32_t row = 0; row < level.rows.size(); ++row) {
    std::string key;
    for (const Above& above : above_) add_to_key(key, level.rows[row].at(above.cell));
    rows_[key].rows.push_back(row);
  }
}

const std::vector<std::uint32_t>& SheetIndex::rows_at(const wfr::Tree& tree, wfr::Ordinal parent) {
  std::string key;
  for (const Above& above : above_) {
    const wfr::Ordinal node = tree.ancestor(level_.under, parent, above.level);
    add_to_key(key, tree.level(above.level).names.at(node));
  }
  const auto found = rows_.find(key);
  if (found == rows_.end()) return none_;
  found->second.used = true;
  return found->second.rows;
}

namespace {

// Whether a level would have the name if `only` and `exclude` were not there.
bool is_left_out(const ScanState& scan, LevelId id, const std::string& name) {
  const LevelDef& level = scan.workflow.level(id);
  if (!NameFilter(level).trimmed(name)) return false;
  if (level.source == LevelSource::Values) {
    return std::find(level.values.begin(), level.values.end(), name) != level.values.end();
  }
  if (level.source == LevelSource::File) {
    return std::any_of(
        level.rows.begin(), level.rows.end(), [&](const auto& row) { return row.front() == name; });
  }
  if (!is_on_disk(scan.workflow, level)) return true;
  // Below any directory that the level above has kept; below one that it has not, nobody asks.
  const std::uint32_t parents = scan.tree.level(level.under).size();
  for (wfr::Ordinal parent = 0; parent < parents; ++parent) {
    if (follow_entry(-1, join_path(scan.path_of(level.under, parent), name)).is_directory) {
      return true;
    }
  }
  return false;
}

}  // namespace

const SheetIndex::Above* SheetIndex::wrong_cell(const ScanState& scan,
                                                const std::vector<std::string>& row) const {
  const Above* wrong = nullptr;
  for (auto above = above_.rbegin(); above != above_.rend(); ++above) {
    const std::string& name = row.at(above->cell);
    if (has_name(scan.tree.level(above->level).names, name)) continue;
    if (is_left_out(scan, above->level, name)) return nullptr;
    if (wrong == nullptr) wrong = &*above;
  }
  // Each name is there, but not below that parent.
  return wrong != nullptr ? wrong : &above_.front();
}

void SheetIndex::report_unused(ScanState& scan) const {
  if (above_.empty()) return;
  std::vector<std::uint32_t> unused;
  for (const auto& [key, rows] : rows_) {
    if (!rows.used) unused.insert(unused.end(), rows.rows.begin(), rows.rows.end());
  }
  std::sort(unused.begin(), unused.end());
  std::size_t reported = 0;
  for (const std::uint32_t row : unused) {
    const Above* const wrong = wrong_cell(scan, level_.rows[row]);
    if (wrong == nullptr || ++reported > kReportedAtMost) continue;
    const std::string& name = level_.rows[row].at(wrong->cell);
    const wfr::Level& above = scan.tree.level(wrong->level);
    const std::string near = near_name(name, above.names);
    scan.sink.report(
        Kind::SheetRowUnused,
        cell_span(level_, row, wrong->cell),
        fmt::format("`{}` is not a directory of level `{}`{}",
                    visible(name),
                    above.name,
                    has_name(above.names, name) ? " below the one that the row names" : ""),
        near.empty() || near == name ? "correct the row, or make the directory"
                                     : fmt::format("did you mean `{}`?", visible(near)));
  }
  if (reported > kReportedAtMost) {
    scan.sink.report(Kind::SheetRowUnused,
                     level_.source_span,
                     fmt::format("{} more rows of `{}` name directories that are not there",
                                 reported - kReportedAtMost,
                                 level_.file));
  }
}

}  // namespace wfc
