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

// A key or outputs that are not those on record.
struct Difference {
  bool same_key = false;
  std::optional<std::vector<KeyPart>> before;  // nullopt: it is on record no longer
  std::vector<KeyPart> now;
};

bool only_times(const Difference& difference) {
  return difference.before && only_times_differ(*difference.before, difference.now);
}

Cause cause_of(const Difference& difference, std::vector<std::string>* reasons) {
  const bool times = only_times(difference);
  const Cause cause = times                 ? Cause::Times
                      : difference.same_key ? Cause::OutputChanged
                                            : Cause::Changed;
  if (reasons == nullptr) return cause;
  if (times) reasons->emplace_back("only the times of its inputs or outputs changed");
  if (cause == Cause::OutputChanged) {
    reasons->emplace_back("its outputs were changed by something else");
  }
  if (difference.same_key) return cause;
  if (!difference.before) {
    reasons->emplace_back("its inputs or command changed; the old ones are no longer on record");
    return cause;
  }
  for (std::string& text : explain_difference(*difference.before, difference.now)) {
    reasons->push_back(std::move(text));
  }
  if (reasons->empty()) reasons->emplace_back("the order of its inputs changed");
  return cause;
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
      maker_(plan, job_places(plan, out_dir), false),
      context_(maker_.context({}, 1)),
      content_(content_of(out_dir / "state")) {}

std::optional<std::vector<KeyPart>> Staleness::recorded_parts(const Slot& recorded) {
  const std::optional<Record> record = slots_.records().read(recorded);
  return record ? parse_parts(record->message) : std::nullopt;
}

Cause Staleness::unfinished(const Slot& recorded, std::vector<std::string>* reasons) const {
  const auto because = [&](Cause cause, std::string text) {
    if (reasons != nullptr) reasons->push_back(std::move(text));
    return cause;
  };
  if (recorded.verdict == Verdict::Cancelled) return because(Cause::Stopped, "it was stopped");
  if (recorded.verdict == Verdict::UpstreamFailed) {
    return because(Cause::WasBlocked, "it was blocked, and what blocked it is done now");
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
                         bool made_is_there,
                         std::vector<std::string>* reasons) {
  const auto because = [&](Cause cause, const std::string& text) {
    if (reasons != nullptr) reasons->push_back(text);
    return cause;
  };
  const TaskInputs inputs = made_is_there ? find_outside_inputs(plan_, task, context_)
                                          : find_inputs(plan_, task, context_);
  if (!inputs.missing.empty()) return because(Cause::MissingInput, inputs.missing);
  if (recorded.verdict != Verdict::Done) return unfinished(recorded, reasons);
  const TaskKey now = keys_.make(task, producers, inputs.outside);
  const bool same_key = now.key == recorded.key;
  const bool in_scratch = plan_.step(task.step).in_scratch;
  if (same_key && in_scratch) {
    return because(
        Cause::Current,
        "its outputs are temporary: they are made again when a step that reads them runs");
  }
  Difference difference{same_key, {}, now.parts};
  if (!same_key) {
    difference.before = recorded_parts(recorded);
    // Where more than times differs the outputs tell nothing new.
    if (in_scratch || !only_times(difference)) return cause_of(difference, reasons);
  }
  const std::string& root = maker_.places().root;
  const FoundOutputs found = find_outputs(plan_, root, task, recorded, slots_.records(), content_);
  if (!found.missing.empty()) {
    const std::string absence = absence_of(below(root, found.missing));
    const bool link = absence.starts_with("is a ");
    return because(
        Cause::OutputGone,
        "its output `" + found.missing + "` " + (link ? absence : "does not exist any more"));
  }
  if (!same_key || !(found.fingerprint == recorded.fingerprint)) {
    if (same_key) difference.before = recorded_parts(recorded);
    difference.now = with_made(std::move(difference.now), found.sizes);
    return cause_of(difference, reasons);
  }
  return because(Cause::Current, "its command, parameters, environment and inputs are unchanged");
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
  outlook.cause = compare(task, slot(task), producers_of(task), false, &outlook.reasons);
  return outlook;
}

}  // namespace wfr
