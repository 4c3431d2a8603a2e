// Keys and fingerprints compared with the records, in words.
#include "runtime/run/staleness.hpp"

#include "runtime/run/content_digests.hpp"
#include "runtime/run/failure.hpp"
#include "runtime/run/inputs.hpp"
#include "runtime/run/job.hpp"
#include "runtime/run/outputs.hpp"
#include "runtime/run/path_state.hpp"
#include "runtime/run/paths.hpp"

#include <algorithm>
#include <optional>
#include <utility>

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
      keys_(plan, out_dir),
      maker_(plan, job_places(plan, out_dir), false) {}

Cause Staleness::compare_key(const Slot& recorded,
                             const TaskKey& now,
                             std::vector<std::string>* reasons) const {
  if (reasons == nullptr) return Cause::Changed;
  const std::optional<Record> record = find_record(out_dir_, slots_.paths(), recorded);
  const std::optional<std::vector<KeyPart>> before =
      record ? parse_parts(record->message) : std::nullopt;
  if (!before) {
    reasons->emplace_back("its key has changed; what it was made of is no longer on record");
    return Cause::Changed;
  }
  *reasons = explain_difference(*before, now.parts);
  if (reasons->empty()) reasons->emplace_back("the order of what it reads has changed");
  return Cause::Changed;
}

Cause Staleness::unfinished(const Slot& recorded, std::vector<std::string>* reasons) const {
  const auto because = [&](Cause cause, std::string text) {
    if (reasons != nullptr) reasons->push_back(std::move(text));
    return cause;
  };
  if (recorded.verdict == Verdict::Cancelled) return because(Cause::Stopped, "it was stopped");
  if (recorded.verdict == Verdict::UpstreamFailed) {
    return because(Cause::WasBlocked, "it could not run, and what it waited for is done now");
  }
  if (recorded.verdict != Verdict::Failed) {
    return because(Cause::NotRun, "it has not been run yet");
  }
  if (reasons == nullptr) return Cause::Failed;
  const std::optional<Record> record = find_record(out_dir_, slots_.paths(), recorded);
  return because(
      Cause::Failed,
      "it has failed: " + (record ? first_line(record->message) : failure_name(recorded.failure)));
}

Cause Staleness::compare(Task task,
                         const Slot& recorded,
                         const std::vector<ProducerDigest>& producers,
                         std::vector<std::string>* reasons) const {
  const auto because = [&](Cause cause, const std::string& text) {
    if (reasons != nullptr) reasons->push_back(text);
    return cause;
  };
  const TaskInputs inputs = find_inputs(plan_, task, maker_.context(task, 1));
  if (!inputs.missing.empty()) return because(Cause::MissingInput, inputs.missing);
  if (recorded.verdict != Verdict::Done) return unfinished(recorded, reasons);
  const TaskKey now = keys_.make(task, producers, inputs.outside);
  if (!(now.key == recorded.key)) return compare_key(recorded, now, reasons);
  if (plan_.step(task.step).in_scratch) {
    return because(Cause::Current, "its outputs are made again when a step that reads them runs");
  }
  const std::string& root = maker_.places().root;
  const FoundOutputs found =
      find_outputs(plan_, root, task, recorded, slots_.records(), content_of(out_dir_ / "state"));
  if (!found.missing.empty()) {
    const std::string absence = absence_of(below(root, found.missing));
    const bool link = absence.starts_with("is a link");
    return because(
        Cause::OutputGone,
        "its output `" + found.missing + "` " + (link ? absence : "is not there any more"));
  }
  if (!(found.fingerprint == recorded.fingerprint)) {
    return because(Cause::OutputChanged,
                   "its outputs were changed by something else since it made them");
  }
  return because(Cause::Current,
                 "its command, parameters, environment and inputs are the same as then");
}

std::vector<ProducerDigest> Staleness::producers_of(Task task) {
  std::vector<ProducerDigest> producers;
  for (const std::uint32_t edge : gate_.edges_into(task.step)) {
    const Edge& relation = plan_.graph.edges[edge];
    if (relation.kind != EdgeKind::Data) continue;
    producers.push_back({relation.from, gate_.look(edge, task.index).digest});
  }
  return producers;
}

TaskOutlook Staleness::look(Task task) {
  for (const std::uint32_t edge : gate_.edges_into(task.step)) {
    const ProducerState& state = gate_.look(edge, task.index);
    if (state.verdict != Verdict::Done) {
      return {Cause::BlockedByProducer, {blame_text(plan_, state)}};
    }
  }
  TaskOutlook outlook;
  outlook.cause = compare(task, slot(task), producers_of(task), &outlook.reasons);
  return outlook;
}

}  // namespace wfr
