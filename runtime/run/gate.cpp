// Batch reads of producers' slots, one cached via node an edge.
#include "runtime/run/gate.hpp"

#include "runtime/plan/expand.hpp"
#include "runtime/plan/visible.hpp"
#include "runtime/run/hash.hpp"

#include <algorithm>
#include <utility>

namespace wfr {
namespace {

// A gather over a million tasks reads a megabyte at a time.
constexpr std::uint32_t kSlotsAtOnce = 16384;

}  // namespace

SlotStore::SlotStore(const Plan& plan,
                     StatePaths paths,
                     bool writable,
                     const std::filesystem::path& states)
    : plan_(plan),
      paths_(std::move(paths)),
      writable_(writable),
      files_(plan.steps.size()),
      records_(paths_.log_dir(), states) {}

SlotFile& SlotStore::of(StepId step) {
  const std::scoped_lock lock(mutex_);
  std::unique_ptr<SlotFile>& file = files_[index_of(step)];
  if (!file) {
    file = std::make_unique<SlotFile>(
        paths_.slots(plan_.step(step)), plan_.graph.tasks(step).count, writable_);
  }
  return *file;
}

Gate::Gate(const Plan& plan, SlotStore& slots, SlotView view)
    : plan_(plan),
      slots_(slots),
      view_(std::move(view)),
      into_(plan.steps.size()),
      cached_(plan.graph.edges.size()) {
  for (std::uint32_t e = 0; e < plan.graph.edges.size(); ++e) {
    into_[index_of(plan.graph.edges[e].to)].push_back(e);
  }
}

const ProducerState& Gate::look(std::uint32_t edge, TaskIndex consumer) {
  const Edge& relation = plan_.graph.edges[edge];
  const TaskList tasks = producers(plan_.graph, relation, consumer);
  Cached& cached = cached_[edge];
  if (cached.valid && cached.tasks == tasks && cached.state.verdict == Verdict::Done) {
    return cached.state;
  }
  cached = {true, tasks, {}};
  Hasher digest;
  for (std::uint32_t done = 0; done < tasks.size();) {
    const Range whole = tasks.run_at(done);
    const Range run{whole.begin, whole.begin + std::min(kSlotsAtOnce, whole.size())};
    const std::vector<Slot> slots = slots_.of(relation.from).read_range(run);
    for (std::uint32_t i = 0; i < slots.size(); ++i) {
      const Task producer{relation.from, run.begin + i};
      const Slot slot = view_ ? view_(producer, slots[i]) : slots[i];
      if (slot.verdict != Verdict::Done) {
        cached.state.verdict = slot.verdict;
        cached.state.blamed = producer;
        return cached.state;
      }
      // A level always relates the same directories; a file of pairs may come to name others whose
      // outputs are alike.
      if (relation.pairs) digest.add(task_directory(plan_, producer));
      digest.add(slot.fingerprint);
    }
    done += run.size();
  }
  cached.state.digest = digest.digest();
  return cached.state;
}

std::string blame_text(const Plan& plan, const ProducerState& state) {
  std::string text = "`" + visible(task_name(plan, state.blamed)) + "` ";
  switch (state.verdict) {
    case Verdict::Failed:
      return text + "has failed";
    case Verdict::UpstreamFailed:
      return text + "is blocked";
    case Verdict::Cancelled:
      return text + "was stopped";
    default:
      return text + "has not been run";
  }
}

}  // namespace wfr
