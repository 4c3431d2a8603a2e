// Two sweeps over the job's tasks: forward, what will run; backward, what that reads.
#include "runtime/run/scratch_outputs.hpp"

#include "runtime/run/content_digests.hpp"
#include "runtime/run/hash.hpp"
#include "runtime/run/inputs.hpp"
#include "runtime/run/outputs.hpp"
#include "runtime/run/pass_tasks.hpp"
#include "runtime/run/paths.hpp"

#include <exception>
#include <filesystem>
#include <optional>

namespace wfr {

Key scratch_fingerprint(const Slot& recorded, const Key& key) {
  // A step that was not `temp` then has made files, and its readers know it by them.
  if (recorded.verdict == Verdict::Done && recorded.key == key) return recorded.fingerprint;
  return Hasher().add("scratch").add(key).digest();
}

ScratchOutputs::ScratchOutputs(const Plan& plan,
                               const JobOptions& options,
                               SlotStore& slots,
                               const KeyMaker& keys,
                               const AttemptMaker& maker)
    : plan_(plan),
      options_(options),
      slots_(slots),
      keys_(keys),
      maker_(maker),
      gate_(plan, slots, [this](Task task, const Slot& recorded) {
        return foreseen(task, recorded);
      }) {
  if (maker.places().job_scratch.empty()) return;
  steps_.resize(plan.steps.size());
  for (const auto& [id, range] : options.tasks) {
    Foresight& step = steps_[index_of(id)];
    step.range = range;
    step.states.resize(range.size());
    if (!plan.step(id).in_scratch) continue;
    step.fingerprints.resize(range.size());
    step.wanted.resize(range.size());
    step.readers.resize(range.size());
  }
  for (const StepId id : plan.order) {
    Foresight& step = steps_[index_of(id)];
    const std::vector<TaskIndex> order =
        step.range.empty() ? std::vector<TaskIndex>{} : own_order(plan.graph, id);
    for (const TaskIndex i : order) {
      if (step.range.contains(i)) look({id, i}, step);
    }
    if (!order.empty()) continue;
    for (TaskIndex i = step.range.begin; i < step.range.end; ++i) look({id, i}, step);
  }
  for (auto id = plan.order.rbegin(); id != plan.order.rend(); ++id) {
    const Range range = steps_[index_of(*id)].range;
    for (TaskIndex i = range.begin; i < range.end; ++i) want_producers({*id, i});
  }
}

ScratchOutputs::Foresight* ScratchOutputs::of(Task task) {
  if (steps_.empty()) return nullptr;
  Foresight& step = steps_[index_of(task.step)];
  return step.range.contains(task.index) ? &step : nullptr;
}

const ScratchOutputs::Foresight* ScratchOutputs::of(Task task) const {
  if (steps_.empty()) return nullptr;
  const Foresight& step = steps_[index_of(task.step)];
  return step.range.contains(task.index) ? &step : nullptr;
}

bool ScratchOutputs::wanted(Task task) const {
  const Foresight* step = of(task);
  return step != nullptr && !step->wanted.empty() && step->wanted[task.index - step->range.begin];
}

Slot ScratchOutputs::foreseen(Task task, const Slot& recorded) const {
  const Foresight* step = of(task);
  if (step == nullptr) return recorded;
  const std::size_t at = task.index - step->range.begin;
  if (step->states[at] == State::AsRecorded) return recorded;
  Slot slot;
  if (step->states[at] == State::Unknown) return slot;
  slot.verdict = Verdict::Done;
  slot.fingerprint = step->fingerprints[at];
  return slot;
}

bool ScratchOutputs::will_run(Task task) const {
  const Foresight* step = of(task);
  if (step == nullptr) return false;
  if (!step->wanted.empty()) return wanted(task);
  return step->states[task.index - step->range.begin] == State::Unknown;
}

void ScratchOutputs::look(Task task, Foresight& step) {
  const bool in_scratch = plan_.step(task.step).in_scratch;
  const bool chosen = options_.only == nullptr || options_.only->contains(task);
  if (!chosen && !in_scratch) return;
  State& state = step.states[task.index - step.range.begin];
  bool known = true;
  std::vector<ProducerDigest> producers;
  for (const std::uint32_t edge : gate_.edges_into(task.step)) {
    const ProducerState& made = gate_.look(edge, task.index);
    const Edge& relation = plan_.graph.edges[edge];
    if (made.verdict == Verdict::Done) {
      if (relation.kind == EdgeKind::Data) producers.push_back({relation.from, made.digest});
      continue;
    }
    const Foresight* blamed = of(made.blamed);
    // One that has failed in another job, or that cannot run in this one.
    if (blamed == nullptr ||
        blamed->states[made.blamed.index - blamed->range.begin] != State::Unknown) {
      return;
    }
    known = false;
  }
  if (!known) {
    state = State::Unknown;
    return;
  }
  std::optional<TaskInputs> inputs;
  try {
    TaskContext context = maker_.context(task, 1);
    context.job_scratch.clear();
    inputs = find_inputs(plan_, task, context);
  } catch (const std::exception&) {
    return;  // it will fail, and say why
  }
  if (!inputs->missing.empty()) return;
  const Slot slot = slots_.of(task.step).read(task.index);
  const Key key = keys_.make(task, producers, inputs->outside).key;
  const bool same = slot.verdict == Verdict::Done && slot.key == key;
  const bool again =
      options_.always_run || (options_.again != nullptr && options_.again->contains(task));
  if (in_scratch) {
    state = State::Known;
    step.fingerprints[task.index - step.range.begin] = scratch_fingerprint(slot, key);
    step.wanted[task.index - step.range.begin] = chosen && (!same || again);
    return;
  }
  const std::string& root = maker_.places().root;
  if (same && !again) {
    const FoundOutputs found = find_outputs(
        plan_, root, task, slot, slots_.records(), content_of(options_.out_dir / "state"));
    if (found.missing.empty() && found.fingerprint == slot.fingerprint) return;
  }
  state = State::Unknown;
}

// What `reader` reads of this job's scratch.
template <class Visit>
void ScratchOutputs::for_each_read(Task reader, Visit visit) {
  for (const std::uint32_t edge : gate_.edges_into(reader.step)) {
    const Edge& relation = plan_.graph.edges[edge];
    if (relation.kind != EdgeKind::Data || !plan_.step(relation.from).in_scratch) continue;
    for (const TaskIndex index : producers(plan_.graph, relation, reader.index)) {
      const Task producer{relation.from, index};
      if (Foresight* step = of(producer)) visit(producer, *step, index - step->range.begin);
    }
  }
}

void ScratchOutputs::want_producers(Task reader) {
  if (!will_run(reader)) return;
  for_each_read(reader, [](Task, Foresight& step, std::size_t at) {
    step.wanted[at] = true;
    ++step.readers[at];
  });
}

void ScratchOutputs::finished(Task reader) {
  if (steps_.empty() || !will_run(reader)) return;
  for_each_read(reader, [this](Task producer, Foresight& step, std::size_t at) {
    if (--step.readers[at] == 0) remove(producer);
  });
}

void ScratchOutputs::remove(Task producer) const {
  std::error_code ignored;
  for (const TaskOutput& output : declared_outputs(plan_, maker_.places().job_scratch, producer)) {
    if (output.kind == OutputKind::Glob) {
      for (const std::string& path : matches(output.pattern)) {
        std::filesystem::remove_all(path, ignored);
      }
    } else {
      std::filesystem::remove_all(output.path, ignored);
    }
  }
}

}  // namespace wfr
