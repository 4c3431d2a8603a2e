// Which steps have secrets, and so run, log and report in private.
#pragma once

#include "runtime/plan/step.hpp"

#include <algorithm>
#include <string_view>

namespace wfr {

// How the shell text begins that reads a secret from its file (compiler/workflow/secrets.cpp).
constexpr std::string_view kReadSecret = "wfc_secret_file=";

inline bool has_secret(const StepSpec& step) {
  return std::any_of(step.run.pieces.begin(), step.run.pieces.end(), [](const Piece& piece) {
    return piece.kind == PieceKind::Text && piece.text == kReadSecret;
  });
}

}  // namespace wfr
