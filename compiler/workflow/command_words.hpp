// The placeholders that only a command has: needs, inputs, outputs, and what the running task
// knows.
#pragma once

#include "compiler/workflow/context.hpp"

namespace wfc {

struct CommandWord {
  std::string first;  // "needs"
  std::string rest;   // "sort.table"; "" without a dot
  Span span;
};

bool is_command_word(const std::string& first, const std::string& rest);
// nullopt when it is wrong, which is reported. Marks outputs as mentioned.
std::optional<wfr::Piece> bind_command_word(Context& context,
                                            StepDef& step,
                                            const CommandWord& word);

}  // namespace wfc
