// Sizes of inputs, by stat.
#include "compiler/graph/estimates.hpp"

#include "compiler/tree/paths.hpp"
#include "runtime/files/holder.hpp"
#include "runtime/files/read_file.hpp"
#include "runtime/files/safe_open.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

namespace wfc {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kLookedAt = 1000;

constexpr double kMegabyte = 1024.0 * 1024.0;

double bytes_below(int directory) {
  double sum = 0;
  for (const wfr::Entry& entry : wfr::entries_in(directory)) {
    if (entry.directory) {
      const wfr::Descriptor inner = wfr::open_inner_directory(directory, entry.name.c_str());
      if (inner) sum += bytes_below(inner.get());
      continue;
    }
    struct stat info {};
    const bool there = fstatat(directory, entry.name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0;
    if (there && S_ISREG(info.st_mode)) sum += static_cast<double>(info.st_size);
  }
  return sum;
}

double megabytes_of(const std::string& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (fs::is_regular_file(status)) {
    const std::uintmax_t bytes = fs::file_size(path, error);
    return error ? 0 : static_cast<double>(bytes) / kMegabyte;
  }
  if (!fs::is_directory(status)) return 0;
  try {
    std::optional<wfr::ForeignLink> link;
    const wfr::Descriptor directory = wfr::open_directory(path, "", link);
    return directory ? bytes_below(directory.get()) / kMegabyte : 0;
  } catch (const std::system_error&) {
    return 0;  // it is an estimate
  }
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
