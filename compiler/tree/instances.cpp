// Which nodes of a step's level have a task: `each` trimmed by `where`.
#include "compiler/tree/instances.hpp"

#include "compiler/tree/pattern.hpp"

#include <algorithm>
#include <vector>

namespace wfc {

const wfr::Names& where_values(const WhereDef& where, const wfr::Tree& tree) {
  const wfr::Level& level = tree.level(where.level);
  if (where.column.empty()) return level.names;
  const auto column = std::find_if(level.columns.begin(),
                                   level.columns.end(),
                                   [&](const wfr::Column& c) { return c.name == where.column; });
  return column == level.columns.end() ? level.names : column->values;
}

wfr::InstanceSet step_instances(const StepDef& step, const wfr::Tree& tree, wfr::Storage& storage) {
  const LevelId each = step.spec.each;
  const std::uint32_t nodes = tree.level(each).size();
  if (step.dropped) return wfr::make_instances(each, std::vector<bool>(nodes), storage);
  if (step.where.empty()) return wfr::all_nodes(each, nodes);
  std::vector<bool> selected(nodes, true);
  for (const WhereDef& where : step.where) {
    const wfr::Names& values = where_values(where, tree);
    const std::vector<Pattern> patterns = make_patterns(where.patterns, where.column.empty());
    for (wfr::Ordinal node = 0; node < values.size(); ++node) {
      if (matches_any(patterns, values.at(node))) continue;
      const wfr::Range below = tree.descendants(where.level, {node, node + 1}, each);
      std::fill(selected.begin() + below.begin, selected.begin() + below.end, false);
    }
  }
  return wfr::make_instances(each, selected, storage);
}

}  // namespace wfc
