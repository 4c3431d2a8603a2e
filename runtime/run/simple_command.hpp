// Tells a `run` that is one plain command, so that no shell need be started for it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wfr {

// The words of `source` when bash would do nothing but run them: bare safe characters and
// single-quoted strings, one command, whose name is neither a builtin nor a reserved word. nullopt
// otherwise.
std::optional<std::vector<std::string>> simple_command(std::string_view source);

}  // namespace wfr
