// Names in `where` that are not there: their tasks would be missing without a word.
#include "compiler/graph/checks.hpp"
#include "compiler/tree/instances.hpp"
#include "compiler/tree/near_name.hpp"
#include "compiler/tree/pattern.hpp"
#include "compiler/tree/visible.hpp"

#include <string>

#include <fmt/format.h>

namespace wfc {

namespace {

// With `only` or `exclude` at the level or above it, names are missing because that was asked for.
bool is_narrowed(const Workflow& workflow, LevelId id) {
  for (; id != wfr::kRootLevel; id = workflow.level(id).under) {
    if (!workflow.level(id).only.empty() || !workflow.level(id).exclude.empty()) return true;
  }
  return false;
}

void check_entry(const Workflow& workflow,
                 const wfr::Tree& tree,
                 const WhereDef& where,
                 Sink& sink) {
  if (is_narrowed(workflow, where.level)) return;
  const wfr::Names& values = where_values(where, tree);
  for (const Pattern& pattern : make_patterns(where.patterns)) {
    const std::string* const name = pattern.only_name();
    if (name == nullptr || has_name(values, *name)) continue;
    const std::string near = near_name(*name, values);
    const std::string& level = workflow.level(where.level).name;
    sink.report(
        Kind::NameNotThere,
        where.span,
        where.column.empty()
            ? fmt::format("`where` names `{}`, which is not a directory of level `{}`",
                          visible(*name),
                          level)
            : fmt::format("`where` names `{}`, which is nowhere in column `{}` of level `{}`",
                          visible(*name),
                          where.column,
                          level),
        near.empty() ? "correct or remove the name"
                     : fmt::format("did you mean `{}`?", visible(near)));
  }
}

}  // namespace

void check_where(const Workflow& workflow, const wfr::TaskGraph& graph, Sink& sink) {
  for (std::uint32_t s = 0; s < workflow.steps.size(); ++s) {
    if (graph.instances[s].count == 0) continue;
    for (const WhereDef& where : workflow.steps[s].where) {
      check_entry(workflow, graph.tree, where, sink);
    }
  }
}

}  // namespace wfc
