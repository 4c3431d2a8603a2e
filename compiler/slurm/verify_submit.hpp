// The emitted submit.sh and bin/submit, read back: the calls of `job`, and the lines without which
// they mean nothing.
#pragma once

#include "compiler/slurm/verify_text.hpp"

#include <string>
#include <vector>

namespace wfc::readback {

// AfterCorrOrAny: until the element of the same index has succeeded, or all elements have ended.
enum class WaitKind { AfterCorr, AfterCorrOrAny, AfterOk, AfterAny, AfterNotOk };
const char* wait_word(WaitKind kind);

struct Wait {
  WaitKind kind = WaitKind::AfterAny;
  std::size_t on = 0;  // position of an earlier call
};

// job NAME ELEMENTS PLACE [KIND:NAME...]
struct Call {
  std::string name;
  std::uint32_t elements = 0;
  std::vector<Wait> waits;
  Span span;
};

struct Submit {
  Source source;
  std::string plan;     // the hash
  std::string verdict;  // name of the verdict's job
  Span plan_line;
  Span verdict_line;
  std::vector<Call> calls;
};

// Of submit.sh every line must be understood. nullopt after errors.
std::optional<Submit> parse_submit(const Source& source, Report& report);
// Of bin/submit only the lines that hand dependencies to sbatch and start it are looked for. False
// after errors.
bool check_program(const Source& source, Report& report);

}  // namespace wfc::readback
