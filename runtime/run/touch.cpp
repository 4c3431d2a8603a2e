// Adopting what already exists.
#include "runtime/run/touch.hpp"

#include "runtime/plan/expand.hpp"
#include "runtime/plan/state.hpp"
#include "runtime/run/attempt.hpp"
#include "runtime/run/content_digests.hpp"
#include "runtime/run/file_moves.hpp"
#include "runtime/run/gate.hpp"
#include "runtime/run/host.hpp"
#include "runtime/run/inputs.hpp"
#include "runtime/run/job.hpp"
#include "runtime/run/key.hpp"
#include "runtime/run/outputs.hpp"
#include "runtime/run/ownership.hpp"
#include "runtime/run/paths.hpp"
#include "runtime/run/scratch_outputs.hpp"

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

namespace wfr {
namespace {

constexpr std::size_t kMostReasons = 10;

std::int64_t now_ns() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

class Toucher {
 public:
  Toucher(const Plan& plan, const std::filesystem::path& out_dir, const Selection* only)
      : plan_(plan),
        only_(only),
        slots_(plan, state_paths(out_dir, plan.hash), true),
        gate_(plan, slots_),
        keys_(plan, out_dir),
        content_(content_of(out_dir / "state")),
        maker_(plan, job_places(plan, out_dir), false),
        log_(slots_.paths().log_dir()) {}

  void step(const TouchRequest& request, TouchResult& result) {
    std::vector<std::pair<TaskIndex, Slot>> made;
    std::size_t reasons = 0;
    const std::vector<std::uint32_t> depths = own_depths(plan_.graph, request.step);
    std::uint32_t depth = 0;
    const auto write = [&] {
      // The records are on the disk before the slots that point at them.
      log_.sync();
      slots_.of(request.step).write_many(made);
      result.recorded += made.size();
      made.clear();
    };
    for_each_in_order(plan_.graph, request.step, [&](TaskIndex index) {
      if (!request.tasks.contains(index)) return;
      if (only_ != nullptr && !only_->contains({request.step, index})) return;
      // The slots of the step itself are read too: those of one depth before the next.
      if (!depths.empty() && depths[index] != std::exchange(depth, depths[index])) write();
      const Task task{request.step, index};
      Slot slot = slots_.of(task.step).read(index);
      bool changed = false;
      const std::string reason = look(task, request.named, slot, changed);
      if (!reason.empty()) {
        ++result.left;
        if (reasons++ < kMostReasons) {
          result.reasons.push_back(task_name(plan_, task) + ": " + reason);
        }
      } else if (changed) {
        made.emplace_back(index, slot);
      } else {
        ++result.up_to_date;
      }
    });
    write();
  }

 private:
  // "" when the task is or may be recorded as done: then `slot` is what it shall be.
  std::string look(Task task, bool named, Slot& slot, bool& changed) {
    std::vector<ProducerDigest> producers;
    for (const std::uint32_t edge : gate_.edges_into(task.step)) {
      const ProducerState& state = gate_.look(edge, task.index);
      // Its key holds what it has read, which is known of tasks that are done.
      if (state.verdict != Verdict::Done) {
        return blame_text(plan_, state) + "; record what it needs first";
      }
      const Edge& relation = plan_.graph.edges[edge];
      if (relation.kind == EdgeKind::Data) producers.push_back({relation.from, state.digest});
    }
    const TaskContext context = maker_.context(task, 1);
    const TaskInputs inputs = find_inputs(plan_, task, context);
    if (!inputs.missing.empty()) return inputs.missing;
    const std::string& root = maker_.places().root;
    const std::vector<TaskOutput> declared = declared_outputs(plan_, root, task);
    if (declared.empty() && !named) {
      return "it declares no outputs; name its step to record it as done all the same";
    }
    const bool in_scratch = plan_.step(task.step).in_scratch;
    const std::string directory = below(root, task_directory(plan_, task));
    const OwnedFiles own = owned_files(slots_.records(), slot, directory);
    FoundOutputs found;
    if (!in_scratch)
      found = find_outputs(root, declared, adopted(task, declared, inputs, own), content_);
    if (!found.missing.empty()) return "its output `" + found.missing + "` is not there";
    const TaskKey key = keys_.make(task, producers, inputs.outside);
    if (in_scratch) found.fingerprint = scratch_fingerprint(slot, key.key);
    changed = slot.verdict != Verdict::Done || !(slot.key == key.key) || !own.recorded ||
              !(slot.fingerprint == found.fingerprint);
    if (changed) slot = record(task, key, found, slot.attempt);
    return "";
  }

  // What globs match and nobody else has made; of a task that is done just what it owns.
  std::set<std::string> adopted(Task task,
                                const std::vector<TaskOutput>& declared,
                                const TaskInputs& inputs,
                                const OwnedFiles& own) {
    std::set<std::string> paths = own.paths;
    const bool glob = std::any_of(declared.begin(), declared.end(), [](const TaskOutput& output) {
      return output.kind == OutputKind::Glob;
    });
    if (!glob ||
        (own.done && find_outputs(maker_.places().root, declared, paths).missing.empty())) {
      return paths;
    }
    std::set<std::string> others = outputs_beside(task);
    others.merge(input_paths(own.directory, inputs.words));
    for (const TaskOutput& output : declared) {
      if (output.kind != OutputKind::Glob) continue;
      for (const std::string& path : glob_matches(output)) {
        if (others.count(path) > 0) continue;
        if (!is_directory(path)) {
          paths.insert(path);
          continue;
        }
        paths.insert(path + "/");
        for (const std::string& inner : tree_below(path)) paths.insert(inner);
      }
    }
    return paths;
  }

  // Of the other steps in the task's directory.
  std::set<std::string> outputs_beside(Task task) {
    std::set<std::string> paths;
    const std::string& root = maker_.places().root;
    const InstanceSet& own = plan_.graph.tasks(task.step);
    const Ordinal node = own.node_at(task.index);
    for (std::uint32_t i = 0; i < plan_.steps.size(); ++i) {
      const StepId id{i};
      const InstanceSet& tasks = plan_.graph.tasks(id);
      if (id == task.step || tasks.level != own.level || !tasks.contains(node)) continue;
      const Task other{id, tasks.rank_of(node)};
      const Slot slot = slots_.of(id).read(other.index);
      const OwnedFiles its =
          owned_files(slots_.records(), slot, below(root, task_directory(plan_, other)));
      paths.insert(its.paths.begin(), its.paths.end());
      for (const TaskOutput& output : declared_outputs(plan_, root, other)) {
        if (output.kind != OutputKind::Glob) paths.insert(output.path);
      }
    }
    return paths;
  }

  Slot record(Task task, const TaskKey& key, const FoundOutputs& found, std::uint16_t attempt) {
    Record record = host_record();
    record.kind = RecordKind::End;
    record.task = task;
    record.attempt = attempt;
    record.verdict = Verdict::Done;
    record.time_ns = now_ns();
    record.message = parts_text(with_made(key.parts, found.sizes));
    record.owned =
        owned_names(below(maker_.places().root, task_directory(plan_, task)), found.files);
    Slot slot;
    slot.verdict = Verdict::Done;
    slot.attempt = attempt;
    slot.key = key.key;
    slot.fingerprint = found.fingerprint;
    slot.time_ns = record.time_ns;
    slot.log_offset = log_.append(record, false);
    slot.log_file = log_.file_id();
    return slot;
  }

  const Plan& plan_;
  const Selection* only_;
  SlotStore slots_;
  Gate gate_;
  KeyMaker keys_;
  ContentOf content_;
  AttemptMaker maker_;
  LogWriter log_;
};

}  // namespace

TouchResult touch(const Plan& plan,
                  const std::filesystem::path& out_dir,
                  const std::vector<TouchRequest>& requests,
                  const Selection* only) {
  TouchResult result;
  Toucher toucher(plan, out_dir, only);
  for (const StepId id : plan.order) {
    for (const TouchRequest& request : requests) {
      if (request.step == id) toucher.step(request, result);
    }
  }
  return result;
}

}  // namespace wfr
