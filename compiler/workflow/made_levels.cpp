// `made_by`: directories that a step makes, and whether they are known when compiling.
#include "compiler/workflow/context.hpp"
#include "compiler/workflow/values.hpp"
#include "runtime/kernels/kernel.hpp"

#include <map>

#include <fmt/format.h>

namespace wfc {
namespace {

Span made_by_span(const Context& context, LevelId level) {
  return span_at(
      *context.level_tables[wfr::index_of(level)], "made_by", context.workflow.level(level).span);
}

// The levels of a step whose names its kernel says, coarse to fine.
void check_kernel(Context& context, StepId maker, const std::vector<LevelId>& levels) {
  const StepDef& step = context.workflow.step(maker);
  const wfr::KernelDecl* kernel =
      step.spec.command == wfr::CommandKind::Kernel ? wfr::find_kernel(step.spec.kernel) : nullptr;
  if (kernel == nullptr || kernel->makes.empty()) {
    if (step.spec.command == wfr::CommandKind::Kernel && kernel == nullptr) return;  // reported
    for (const LevelId level : levels) {
      context.report(
          Kind::NotSupportedYet,
          made_by_span(context, level),
          fmt::format("directories that are known only after `{}` has run are not supported yet",
                      step.spec.name),
          "list them with `values`, or make them with a kernel that declares them");
    }
    return;
  }
  if (levels.size() != kernel->makes.size()) {
    context.report(
        Kind::KernelLevels,
        made_by_span(context, levels.front()),
        fmt::format("kernel `{}` makes {} levels of directories (`{}`), but {} {} made by `{}`",
                    kernel->name,
                    kernel->makes.size(),
                    fmt::join(kernel->makes, "`, `"),
                    levels.size(),
                    levels.size() == 1 ? "level is" : "levels are",
                    step.spec.name),
        "declare a level for each, coarse to fine");
    return;
  }
  for (std::size_t i = 1; i < levels.size(); ++i) {
    if (context.workflow.level(levels[i]).under == levels[i - 1]) continue;
    context.report(Kind::KernelLevels,
                   context.workflow.level(levels[i]).span,
                   fmt::format("`{}` makes `{}` directly below `{}`",
                               kernel->name,
                               context.workflow.level(levels[i]).name,
                               context.workflow.level(levels[i - 1]).name),
                   "put the levels of one kernel directly below each other");
  }
}

}  // namespace

void resolve_made_by(Context& context) {
  Workflow& workflow = context.workflow;
  for (std::size_t i = 1; i < workflow.levels.size(); ++i) {
    const std::string* name = text_at(*context.level_tables[i], "made_by");
    if (name == nullptr) continue;
    const Span span = made_by_span(context, static_cast<LevelId>(i));
    const std::optional<StepId> maker = find_step(context, *name, span);
    if (!maker) continue;
    LevelDef& level = workflow.levels[i];
    const StepDef& step = workflow.step(*maker);
    if (step.spec.finalizer != wfr::FinalizerKind::None) {
      context.report(Kind::FinalizerKey,
                     span,
                     fmt::format("`{}` is a finalizer: no step could use what it makes", *name));
      continue;
    }
    if (!is_at_or_above(workflow, step.spec.each, level.under)) {
      context.sink.report(
          {Kind::UnrelatedLevel,
           span,
           fmt::format("a task of `{}` cannot make directories of `{}`", *name, level.name),
           fmt::format("run it at {} or above", quoted_level(workflow, level.under)),
           {{step.each_span, "its tasks are here"}}});
      continue;
    }
    level.made_by = maker;
  }
}

void check_made_levels(Context& context) {
  std::map<StepId, std::vector<LevelId>> made;
  for (std::size_t i = 1; i < context.workflow.levels.size(); ++i) {
    const LevelDef& level = context.workflow.levels[i];
    if (level.made_by && level.source == LevelSource::Match) {
      made[*level.made_by].push_back(static_cast<LevelId>(i));
    }
  }
  for (const auto& [maker, levels] : made) check_kernel(context, maker, levels);
}

}  // namespace wfc
