// What a command that has succeeded has not made, or has made as something else.
#pragma once

#include "runtime/run/outputs.hpp"

#include <string>

namespace wfr {

// `missing`: the declared output, as OutputFiles::install() returns it.
std::string missing_output_text(const OutputFiles& files, const std::string& missing);

}  // namespace wfr
