// Counts the tasks of a step inside one job, and divides.
#include "compiler/slurm/limit_share.hpp"

#include "compiler/slurm/arrays.hpp"
#include "compiler/slurm/resources.hpp"

#include <algorithm>

namespace wfc {
namespace {

// The most tasks of a step in one block of the map.
std::uint32_t most_in_a_block(const wfr::Plan& plan, const wfr::BlockMap& map, StepId step) {
  if (map.begin.empty() && plan.graph.tasks(step).level == map.level) return 1;
  std::uint32_t most = 0;
  for (std::uint32_t block = 0; block < map.blocks(); ++block) {
    std::uint32_t tasks = 0;
    for (const wfr::Range& some : tasks_in_blocks(plan, map, step, {block, block + 1})) {
      tasks += some.size();
    }
    most = std::max(most, tasks);
  }
  return most;
}

}  // namespace

std::uint32_t jobs_at_once(const Workflow& workflow,
                           const wfr::Plan& plan,
                           const wfr::Family& family) {
  // What Slurm is asked for: more than the family's own cpus where memory is asked for by cpus.
  const JobRequest request =
      request_of(workflow.site, family.job, workflow.step(family.steps.front()).slurm);
  const std::uint32_t cpus = most_cpus_of(request);
  std::uint32_t jobs = 0;
  for (const StepId id : family.steps) {
    const wfr::StepSpec& step = plan.step(id);
    if (step.limit == 0) continue;
    const std::uint32_t by_cpus = std::max(1U, cpus / std::max(1U, step.resources.cpus));
    const std::uint32_t inside = std::max(
        1U,
        std::min({step.limit, by_cpus, most_in_a_block(plan, plan.maps[family.block_map], id)}));
    const std::uint32_t of_step = step.limit / inside;
    jobs = jobs == 0 ? of_step : std::min(jobs, of_step);
  }
  return jobs;
}

void share_limit(std::uint32_t jobs, std::size_t first, std::vector<wfr::JobArray>& arrays) {
  const std::size_t count = arrays.size() - first;
  if (jobs == 0) return;
  if (jobs < count) {
    for (std::size_t i = first; i < arrays.size(); ++i) {
      arrays[i].limit = 1;
      if (i < first + jobs) continue;
      arrays[i].after.push_back({wfr::Dep::AfterAny, static_cast<wfr::ArrayId>(i - jobs)});
    }
    return;
  }
  std::uint64_t elements = 0;
  for (std::size_t i = first; i < arrays.size(); ++i) elements += arrays[i].size();
  const std::uint64_t spare = jobs - count;
  std::uint64_t given = 0;
  std::uint64_t seen = 0;
  for (std::size_t i = first; i < arrays.size(); ++i) {
    // One each, and of the rest what the elements up to here are due, less what is given.
    seen += arrays[i].size();
    const std::uint64_t due = elements == 0 ? 0 : spare * seen / elements;
    arrays[i].limit = static_cast<std::uint32_t>(1 + due - given);
    given = due;
  }
}

}  // namespace wfc
