// What becomes of a task, and why: the words that `wfc run -n`, `plan`, `status`, `why` and
// `submit.sh` share.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace wfr {

enum class Fate : std::uint8_t { UpToDate, Runs, Blocked, Live };

// In groups, one a fate; fate_of() knows where they end.
enum class Cause : std::uint8_t {
  // UpToDate
  NotChosen,  // nobody asked about it
  Current,    // it is done, and all that its result depends on is as it was
  // Runs
  NotRun,
  WasBlocked,  // it was blocked, and what blocked it is done now or runs
  Stopped,
  Failed,
  Forced,          // it is up to date as far as was checked, but `--force` asks for it
  Changed,         // its command, parameters, environment or inputs
  OutputGone,      // it is done, and an output does not exist any more
  OutputChanged,   // something else has written to its outputs
  Times,           // only the times of files that it reads or has made have changed
  Producer,        // it is done, and a task that it reads or waits for runs before it
  ProducerTimes,   // as Producer, where nothing but times of files has changed
  WantedByReader,  // its outputs are temporary, and a task that reads them runs
  // Blocked
  BlockedByProducer,  // a task that it waits for is not done and does not run
  MissingInput,
  // Live
  InQueue  // a job in Slurm's queue will run it
};
constexpr std::size_t kCauses = static_cast<std::size_t>(Cause::InQueue) + 1;

constexpr Fate fate_of(Cause cause) {
  if (cause <= Cause::Current) return Fate::UpToDate;
  if (cause <= Cause::WantedByReader) return Fate::Runs;
  return cause <= Cause::MissingInput ? Fate::Blocked : Fate::Live;
}
// Recorded as done, and not to be relied on any more.
constexpr bool is_stale(Cause cause) {
  return cause >= Cause::Changed && cause <= Cause::ProducerTimes;
}
// Nothing but the times of files: `wfc touch --times` may take it as it is.
constexpr bool only_times(Cause cause) {
  return cause == Cause::Times || cause == Cause::ProducerTimes;
}

constexpr bool is_blocked(Cause cause) {
  return fate_of(cause) == Fate::Blocked;
}
constexpr bool runs(Cause cause) {
  return fate_of(cause) == Fate::Runs;
}
// What reads its outputs will find others than before.
constexpr bool changes_results(Cause cause) {
  const bool again = cause == Cause::WantedByReader;  // makes just what it has made
  return (runs(cause) || fate_of(cause) == Fate::Live) && !only_times(cause) && !again;
}

using CauseCounts = std::array<std::uint64_t, kCauses>;

}  // namespace wfr
