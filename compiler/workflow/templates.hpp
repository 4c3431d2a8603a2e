// Texts with placeholders -> wfr::Template: every name bound, every placeholder allowed where it
// is.
#pragma once

#include "compiler/workflow/context.hpp"

#include <string>

namespace wfc {

enum class TemplatePlace : std::uint8_t {
  Input,        // {LEVEL} at or above the step, {LEVEL.COLUMN}, {params.X}
  Output,       // the same, and {LEVEL} below the step
  KernelParam,  // as Input, and {LEVEL.dir}
  Command,      // everything
};

// `text` must hold a string. What is wrong is reported at the placeholder itself. For a Command the
// step's needs, inputs and outputs must be known; `mentioned` of its outputs is set.
wfr::Template bind_template(Context& context,
                            StepDef& step,
                            const ast::Value& text,
                            TemplatePlace place);

// Whether the template is text that is known when compiling, and which.
std::optional<std::string> constant_text(const wfr::Template& text);
// A parameter as it is written into a text: true, 4, 2.5, or the text itself.
std::string param_text(const ParamValue& value);

// Whether the content of braces, as "s.ref" or "params.x", has a meaning in some text.
bool is_known_placeholder(const Context& context, const std::string& content);

}  // namespace wfc
