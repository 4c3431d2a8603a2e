// What a command that has succeeded has not made, or has made as something else.
#pragma once

#include "runtime/run/outputs.hpp"

#include <stdexcept>
#include <string>

namespace wfr {

// `missing`: the declared output, as OutputFiles::install() returns it.
std::string missing_output_text(const OutputFiles& files, const std::string& missing);
// The same of one that is not there any more once it has got its name.
std::string vanished_output_text(const OutputFiles& files, const std::string& missing);

// Of a link at `file` that does not lead to what the output `name` has to be.
std::string misleading_link_text(const std::string& name, const std::string& file);

struct MissingOutputError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace wfr
