// The language as JSON Schema (draft 7, which editors of TOML read).
#pragma once

#include <string>

namespace wfc {

// Made from the same key tables that `resolve` reads.
std::string language_schema();

}  // namespace wfc
