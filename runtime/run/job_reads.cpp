// What a task of a job reads, before it starts: is everything there, and what is its key?
#include "runtime/files/read_file.hpp"
#include "runtime/run/inputs.hpp"
#include "runtime/run/job_runner.hpp"
#include "runtime/run/paths.hpp"
#include "runtime/run/posix_processes.hpp"

#include <exception>
#include <utility>

#include <fmt/format.h>

namespace wfr {

TaskKey JobRunner::key_of(Task task, const TaskInputs& inputs) {
  std::vector<ProducerDigest> producers;
  for (const std::uint32_t edge : gate_.edges_into(task.step)) {
    const Edge& relation = plan_.graph.edges[edge];
    if (relation.kind != EdgeKind::Data) continue;
    producers.push_back({relation.from, gate_.look(edge, task.index).digest});
  }
  return keys_.make(task, producers, inputs.outside);
}

bool JobRunner::wait_for(Task task, TaskInputs& found) {
  if (found.awaited.empty()) return false;
  if (settling_.wait(task, found.awaited, monotonic_ns())) {
    scheduler_.release(task);
    return true;
  }
  found.missing += fmt::format(", and did not become visible in {} s", plan_.settle_s);
  return false;
}

bool JobRunner::find_what_it_reads(Attempt& attempt, TaskContext& context, const Slot& slot) {
  const Task task = attempt.task;
  try {
    context.starting = true;
    TaskInputs inputs = find_inputs(plan_, task, context);
    const std::string link = foreign_link_problem(
        below(maker_.places().root, task_directory(plan_, task)), context.root.string());
    if (!link.empty()) inputs = {{}, {}, "the directory of the task " + link, ""};
    if (!inputs.missing.empty()) {
      if (wait_for(task, inputs)) return false;
      fail_to_start(std::move(attempt), {FailureKind::MissingInput, 0, inputs.missing});
      return false;
    }
    settling_.found(task);
    attempt.key = key_of(task, inputs);
    if (plan_.step(task.step).in_scratch) {
      attempt.fingerprint = scratch_fingerprint(slot, attempt.key.key);
    }
    context.inputs = inputs.words;
  } catch (const std::exception& error) {
    fail_to_start(std::move(attempt), {FailureKind::MissingInput, 0, error.what()});
    return false;
  }
  return true;
}

}  // namespace wfr
