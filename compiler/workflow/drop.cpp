// Leaves out the steps that need a step that is left out.
#include "compiler/workflow/context.hpp"

#include <fmt/format.h>

namespace wfc {

void drop_steps(Context& context) {
  // Each round drops at least one step, or is the last.
  for (bool changed = true; changed;) {
    changed = false;
    for (StepDef& step : context.workflow.steps) {
      if (step.dropped) continue;
      for (const NeedDef& need : step.needs) {
        if (need.optional || !context.workflow.step(need.step).dropped) continue;
        step.dropped = true;
        changed = true;
        context.report(
            Kind::StepDropped,
            need.span,
            fmt::format("step `{}` is left out because it needs `{}`", step.spec.name, need.name),
            need.implied ? "" : fmt::format("write \"{}?\" to leave out only the need", need.name));
        break;
      }
    }
  }
}

}  // namespace wfc
