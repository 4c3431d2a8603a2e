// Cuts the blocks, counts their depths and arrays, and adds up the longest job's time.
#include "compiler/graph/depth_trial.hpp"

#include "compiler/graph/blocks.hpp"
#include "compiler/graph/depths.hpp"
#include "compiler/graph/job_resources.hpp"

#include <optional>
#include <vector>

namespace wfc {
namespace {

// A depth begins when the one before has ended, and Slurm takes a while to see that.
constexpr double kTurnaround = 60;
// Where nothing says how long a task takes.
constexpr double kSomeTime = 600;
// Where the site does not say how long a job may take, one of more than a day is better cut.
constexpr double kDay = 86400;

}  // namespace

double DepthOutcome::seconds() const {
  return depths * (job_s + kTurnaround);
}

DepthOutcome DepthTrial::of(const Draft& draft) const {
  const JobGraph jobs = cut_blocks(graph_, {draft}, split_);
  const wfr::BlockMap& map = jobs.maps.front();
  DepthOutcome outcome;
  outcome.blocks = map.blocks();
  add_time(draft, outcome);
  const auto depths = pairs_of_blocks(graph_, map, draft.steps).depths;
  if (!depths) {
    outcome.circle = true;
    return outcome;
  }
  if (depths->empty()) {
    outcome.depths = 1;
    outcome.arrays = (map.blocks() + room_.array_size - 1) / room_.array_size;
    return outcome;
  }
  // Parts of the split count as one here: partition_to_fit() counts what is made.
  const std::vector<DepthArray> arrays =
      depth_arrays(*depths, static_cast<std::uint32_t>(room_.array_size), {0});
  outcome.arrays = arrays.size();
  outcome.depths = arrays.back().depth + 1;
  return outcome;
}

void DepthTrial::add_time(const Draft& draft, DepthOutcome& outcome) const {
  const JobLoad load =
      load_of(workflow_, graph_, draft, most_tasks_in_a_directory(graph_, draft), draft.pack);
  const std::optional<double> seconds = makespan(workflow_, graph_, load);
  outcome.job_s = seconds ? *seconds : kSomeTime * rounds(workflow_, graph_, load, 0);
  // One task has the time that it asks for.
  if (workflow_.jobs.time_s > 0 || load.tasks.front() <= 1) return;
  const std::uint64_t most = longest_time(workflow_, draft.steps);
  outcome.in_time = most == 0 || outcome.job_s <= static_cast<double>(most);
  outcome.endless = most == 0 && outcome.job_s > kDay;
}

}  // namespace wfc
