// Quoting for TOML files that wfc writes.
#pragma once

#include <string>

namespace wfc {

// A key of TOML: bare where it can be, else quoted.
std::string toml_key(const std::string& name);
// A basic string of TOML, with its quotes. The text is UTF-8.
std::string toml_text(const std::string& text);
// What may stand behind a `#`: control characters become '?'.
std::string toml_comment(std::string text);

}  // namespace wfc
