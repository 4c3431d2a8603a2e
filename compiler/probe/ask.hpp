// Asks Slurm's commands, through the seam of processes.
#pragma once

#include "compiler/probe/probe.hpp"
#include "runtime/run/process.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace wfc {

// An answer takes milliseconds; a controller that is down lets a command try again for minutes.
inline constexpr std::int64_t kAnswerNs = 10'000'000'000;

enum class AskOutcome : std::uint8_t { Good, Failed, TimedOut, NotThere };
struct Answer {
  AskOutcome outcome = AskOutcome::Good;
  std::string text;  // stdout and stderr
};
Answer ask(wfr::Processes& processes, const std::vector<std::string>& argv);

// All that a probe needs. nullopt when scontrol or sinfo does not answer: `error` says why, in
// words for the user. Without accounting, or without an answer of sacctmgr, the rest is still good.
std::optional<SlurmAnswers> ask_slurm(wfr::Processes& processes,
                                      const std::string& user,
                                      std::string& error);

}  // namespace wfc
