// Keys and fingerprints compared with the records, in words.
#include "runtime/run/staleness.hpp"

#include "runtime/run/failure.hpp"
#include "runtime/run/inputs.hpp"
#include "runtime/run/job.hpp"
#include "runtime/run/outputs.hpp"

#include <algorithm>
#include <optional>

namespace wfr {
namespace {

namespace fs = std::filesystem;

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

}  // namespace

std::optional<Record> find_record(const fs::path& out_dir,
                                  const StatePaths& state,
                                  const Slot& slot) {
  if (std::optional<Record> own = read_record(state.log_dir(), slot)) return own;
  std::vector<fs::path> others;
  std::error_code error;
  for (fs::directory_iterator it(out_dir / "state", error), end; !error && it != end;
       it.increment(error)) {
    others.push_back(it->path());
  }
  std::sort(others.begin(), others.end());
  for (const fs::path& other : others) {
    std::optional<Record> record = read_record(other / "log", slot);
    // Another plan's log of the same name may have another record there: the time tells.
    if (record && record->time_ns == slot.time_ns) return record;
  }
  return std::nullopt;
}

Staleness::Staleness(const Plan& plan, const fs::path& out_dir, const StatePaths& state)
    : plan_(plan),
      out_dir_(out_dir),
      slots_(plan, state, false, out_dir / "state"),
      gate_(plan, slots_),
      keys_(plan),
      maker_(plan, job_places(plan, out_dir), false) {}

std::vector<std::string> Staleness::key_reasons(const Slot& slot, const TaskKey& now) const {
  const std::optional<Record> record = find_record(out_dir_, slots_.paths(), slot);
  const std::optional<std::vector<KeyPart>> before =
      record ? parse_parts(record->message) : std::nullopt;
  if (!before) return {"its key has changed; what it was made of is no longer on record"};
  std::vector<std::string> reasons = explain_difference(*before, now.parts);
  if (reasons.empty()) reasons.emplace_back("the order of what it reads has changed");
  return reasons;
}

TaskOutlook Staleness::look(Task task) {
  std::vector<ProducerDigest> producers;
  for (const std::uint32_t edge : gate_.edges_into(task.step)) {
    const ProducerState& state = gate_.look(edge, task.index);
    if (state.verdict != Verdict::Done) return {Fate::Blocked, {blame_text(plan_, state)}};
    const Edge& relation = plan_.graph.edges[edge];
    if (relation.kind == EdgeKind::Data) producers.push_back({relation.from, state.digest});
  }
  const TaskInputs inputs = find_inputs(plan_, task, maker_.context(task, 1));
  if (!inputs.missing.empty()) return {Fate::Blocked, {inputs.missing}};
  const Slot recorded = slot(task);
  switch (recorded.verdict) {
    case Verdict::None:
      return {Fate::Runs, {"it has not been run yet"}};
    case Verdict::UpstreamFailed:
      return {Fate::Runs, {"it could not run, and what it waited for is done now"}};
    case Verdict::Cancelled:
      return {Fate::Runs, {"it was stopped"}};
    case Verdict::Failed: {
      const std::optional<Record> record = find_record(out_dir_, slots_.paths(), recorded);
      return {Fate::Runs,
              {"it has failed: " +
               (record ? first_line(record->message) : failure_name(recorded.failure))}};
    }
    case Verdict::Done:
      break;
  }
  const TaskKey now = keys_.make(task, producers, inputs.outside);
  if (!(now.key == recorded.key)) return {Fate::Runs, key_reasons(recorded, now)};
  if (plan_.step(task.step).in_scratch) {
    return {Fate::UpToDate, {"its outputs are made again when a step that reads them runs"}};
  }
  const std::string& root = maker_.places().root;
  const FoundOutputs found = find_outputs(root, declared_outputs(plan_, root, task));
  if (!found.missing.empty()) {
    return {Fate::Runs, {"its output `" + found.missing + "` is not there any more"}};
  }
  if (!(found.fingerprint == recorded.fingerprint)) {
    return {Fate::Runs, {"its outputs were changed by something else since it made them"}};
  }
  return {Fate::UpToDate, {"its command, parameters, environment and inputs are the same as then"}};
}

}  // namespace wfr
