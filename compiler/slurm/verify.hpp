// Reads back what was emitted and proves that it does what the plan says: `wfc verify`.
// Shares no code with the passes that made it: a parser and an arithmetic of its own.
#pragma once

#include "compiler/diagnostics/diagnostic.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wfc {

// Contents by place in the out directory: "submit.sh", "bin/submit", "jobs/01-a.sbatch",
// "plan/HASH/plan.wfp", "plan/HASH/tables/01-a.u32"; others are not looked at.
using EmittedFiles = std::map<std::string, std::string_view>;

// An order that Slurm keeps although the workflow does not ask for all of it.
struct ExtraOrder {
  std::string later;  // names of job arrays
  std::string earlier;
  std::string why;
};

struct Verified {
  std::uint64_t jobs = 0;       // array tasks, and the verdict and finalizers
  std::uint64_t tasks = 0;      // each is in exactly one job
  std::uint64_t relations = 0;  // pairs of a task and one that it waits for
  std::vector<ExtraOrder> extra;
};

// Who asks decides what an error means: files that may have been edited, or bytes that were made
// just now, from the built-in templates or from the user's.
enum class VerifyWhen : std::uint8_t { Later, BuiltInTemplates, OwnTemplates };

// `out` is what stands before the places in messages. nullopt after errors, of which there is one
// at least.
std::optional<Verified> verify(const EmittedFiles& files,
                               const std::string& out,
                               VerifyWhen when,
                               Sink& sink);

// "12,400 tasks in 62 jobs, each once; 37,000 dependencies verified; 2 waits are stricter than
// needed"
std::string summary(const Verified& verified);

}  // namespace wfc
