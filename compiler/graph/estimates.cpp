// Sizes of inputs, by stat.
#include "compiler/graph/estimates.hpp"

#include "compiler/tree/paths.hpp"

#include <algorithm>
#include <string>
#include <system_error>
#include <vector>

#include <fmt/format.h>

namespace wfc {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kLookedAt = 1000;

double megabytes_of(const std::string& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (fs::is_regular_file(status)) {
    const std::uintmax_t bytes = fs::file_size(path, error);
    return error ? 0 : static_cast<double>(bytes) / (1024.0 * 1024.0);
  }
  double sum = 0;
  if (!fs::is_directory(status)) return sum;
  for (fs::recursive_directory_iterator it(path, error), end; !error && it != end;
       it.increment(error)) {
    std::error_code ignored;
    if (it->is_regular_file(ignored)) {
      sum += static_cast<double>(it->file_size(ignored)) / (1024.0 * 1024.0);
    }
  }
  return sum;
}

// What a task at this node reads that is there already.
double inputs_at(const StepDef& step,
                 const wfr::Tree& tree,
                 wfr::Ordinal node,
                 const DataRoot& root) {
  double sum = 0;
  const std::string directory = tree.directory(step.spec.each, node);
  for (const wfr::InputSpec& input : step.spec.inputs) {
    if (input.made_by_edge != wfr::kNone) continue;
    const std::string text = expand_at(tree, input.path, step.spec.each, node, input.glob);
    if (!input.glob) {
      sum += megabytes_of(join_path(root.path, path_from(directory, text)));
      continue;
    }
    const std::string pattern = path_from(escape_glob(directory), text);
    for (const std::string& path : glob_paths(root, pattern)) {
      sum += megabytes_of(join_path(root.path, path));
    }
  }
  return sum;
}

}  // namespace

void estimate_by_inputs(Workflow& workflow,
                        const wfr::TaskGraph& graph,
                        const DataRoot& root,
                        Sink& sink) {
  for (std::uint32_t s = 0; s < workflow.steps.size(); ++s) {
    StepDef& step = workflow.steps[s];
    const wfr::InstanceSet& tasks = graph.instances[s];
    if (step.rate_mb_s <= 0 || tasks.count == 0) continue;
    const std::uint32_t looked = std::min(tasks.count, kLookedAt);
    double largest = 0;
    for (std::uint32_t i = 0; i < looked; ++i) {
      const auto task = static_cast<wfr::TaskIndex>(std::uint64_t{i} * tasks.count / looked);
      largest = std::max(largest, inputs_at(step, graph.tree, tasks.node_at(task), root));
    }
    step.estimate_s = largest / step.rate_mb_s;
    if (largest > 0 || !step.rate_span.known()) continue;
    sink.report({Kind::UnknownDuration,
                 step.rate_span,
                 fmt::format("the `rate` of `{}` has no effect: none of its inputs exists yet",
                             step.spec.name),
                 "outputs of other steps do not exist when compiling: give an `estimate`",
                 {{step.span, "this step"}}});
  }
}

}  // namespace wfc
