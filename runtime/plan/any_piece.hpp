// Whether a step's command says something.
#pragma once

#include "runtime/plan/step.hpp"

#include <algorithm>

namespace wfr {

// `predicate`: of a Piece. True if it holds for one of `run`, `argv` or the templates among a
// kernel's parameters.
template <class Predicate>
bool any_piece(const StepSpec& step, Predicate predicate) {
  const auto in = [&](const Template& text) {
    return std::any_of(text.pieces.begin(), text.pieces.end(), predicate);
  };
  return in(step.run) || std::any_of(step.argv.begin(), step.argv.end(), in) ||
         std::any_of(step.param_templates.begin(),
                     step.param_templates.end(),
                     [&](const auto& param) { return in(param.second); });
}

}  // namespace wfr
