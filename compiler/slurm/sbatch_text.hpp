// Text that goes into a script outside of the shell's words: #SBATCH lines and comments.
#pragma once

#include "compiler/slurm/emit.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace kainjow::mustache {
template <class StringType>
class basic_data;
using data = basic_data<std::string>;  // NOLINT(readability-identifier-naming): theirs
}  // namespace kainjow::mustache

namespace wfc {

// sbatch reads a #SBATCH line by itself: blanks end a word, '#' starts a comment, quotes and
// backslashes have their usual meaning. Every other character than a plain one gets a backslash.
std::string sbatch_quote(std::string_view value);
// True if the text cannot be part of a line.
bool has_control(std::string_view text);
// One line of a comment: control characters become '?'.
std::string comment_text(std::string_view text);
// "0-00:05:00": Slurm counts in minutes and rounds up.
std::string sbatch_time(std::uint64_t seconds);

// A template with its partials, rendered: {{x}} is one shell word, {{{x}}} is the text as it is.
// std::runtime_error, with the template's name, when the template is not valid.
std::string render_template(const std::string& name,
                            kainjow::mustache::data& data,
                            const TemplateReader& templates);

}  // namespace wfc
