// What the expansion of paths and the expansion of commands share.
#pragma once

#include "runtime/plan/plan.hpp"

#include <string>
#include <string_view>

namespace wfr {

// The text of a piece that a node alone decides: Text, Value, LevelName, LevelColumn.
std::string_view piece_text(const Tree& tree, const Piece& piece, LevelId level, Ordinal node);

// directory / name without ".", "..", empty components and a final '/'; an absolute name stays
// as it is but for that.
std::string join_path(std::string_view directory, std::string_view name);

}  // namespace wfr
