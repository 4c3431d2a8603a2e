// Scripts, calls and plan put together: which block each array index runs, and what waits for what.
#pragma once

#include "compiler/slurm/verify_script.hpp"
#include "compiler/slurm/verify_submit.hpp"
#include "runtime/plan/plan.hpp"

#include <string>
#include <vector>

namespace wfc::readback {

// Array indices [index, index + count) run the blocks [block, block + count).
struct Run {
  std::uint32_t index = 0;
  std::uint32_t block = 0;
  std::uint32_t count = 0;
  friend bool operator==(const Run&, const Run&) = default;
};

struct Job {
  const Script* script = nullptr;
  const Call* call = nullptr;
  std::uint32_t array = wfr::kNone;   // index into Plan::arrays; kNone: the verdict, a finalizer
  std::uint32_t family = wfr::kNone;  // index into Plan::families
  std::vector<Run> runs;              // by ascending index; of an array only
  // The tasks of each of the family's steps, as ranges by ascending block.
  std::vector<std::vector<wfr::Range>> tasks;
  [[nodiscard]] const std::string& name() const { return call->name; }
  [[nodiscard]] bool is_array() const { return array != wfr::kNone; }
  // Of the retry ladder; 1: the workflow itself. An array of a later pass shares out all blocks of
  // its family by a rule of wfr's: `runs` is one run of all of them.
  std::uint32_t pass = 1;
};

struct Emitted {
  wfr::Plan plan;
  Submit submit;
  std::vector<Script> scripts;  // by position of their calls
  std::vector<Job> jobs;        // the same
};

// Reads everything that submit.sh names and checks that scripts, calls and plan agree. nullopt
// after errors.
std::optional<Emitted> read_emitted(const EmittedFiles& files,
                                    const std::string& out,
                                    Report& report);

}  // namespace wfc::readback
