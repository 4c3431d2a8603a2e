// Readers in the same family are readers in the same job: a family's jobs do not wait for each
// other.
#include "compiler/graph/temp.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace wfc {
namespace {

constexpr std::size_t kNoFamily = static_cast<std::size_t>(-1);

std::vector<std::size_t> family_of_steps(std::size_t steps,
                                         const std::vector<wfr::Family>& families) {
  std::vector<std::size_t> family_of(steps, kNoFamily);
  for (std::size_t f = 0; f < families.size(); ++f) {
    for (const StepId id : families[f].steps) family_of[wfr::index_of(id)] = f;
  }
  return family_of;
}

}  // namespace

std::vector<bool> outputs_in_scratch(const Workflow& workflow,
                                     const wfr::TaskGraph& graph,
                                     const std::vector<wfr::Family>& families,
                                     std::vector<PassNote>& notes,
                                     Sink& sink) {
  const std::vector<std::size_t> family_of = family_of_steps(workflow.steps.size(), families);
  std::vector<bool> in_scratch(workflow.steps.size());
  for (const StepId id : workflow.order) {
    const StepDef& step = workflow.step(id);
    if (!step.temp) continue;
    const auto elsewhere =
        std::find_if(graph.edges.begin(), graph.edges.end(), [&](const wfr::Edge& edge) {
          // Tasks of one step that wait for each other may be in jobs of their own.
          return edge.from == id && edge.kind == wfr::EdgeKind::Data &&
                 (edge.to == id ||
                  family_of[wfr::index_of(edge.to)] != family_of[wfr::index_of(id)]);
        });
    in_scratch[wfr::index_of(id)] = elsewhere == graph.edges.end();
    if (in_scratch[wfr::index_of(id)]) {
      notes.push_back({"temp", {id}, "its files stay on the disk of the node", step.temp_span});
      continue;
    }
    const std::string& reader = workflow.step(elsewhere->to).spec.name;
    sink.report({Kind::TempKept,
                 step.temp_span,
                 fmt::format("the outputs of step `{}` stay with the data: `{}` reads them in "
                             "another job",
                             step.spec.name,
                             reader),
                 "put both into one job with `[jobs] per = \"LEVEL\"`, or `job = \"LEVEL\"` on "
                 "both; `wfc plan --why` says what keeps them apart",
                 {}});
  }
  return in_scratch;
}

}  // namespace wfc
