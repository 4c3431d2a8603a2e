// Secret parameters: `token = { secret = true, file = "~/.token" }`. wfc keeps the file's name
// alone; the task's own bash reads the file, so that no plan, script, record or report can hold the
// value.
#pragma once

#include "compiler/workflow/context.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace wfc {

struct Secret {
  std::string name;
  std::string file;  // absolute, "~/..." or relative to the workflow file
};

// The secret parameter of this name in [params], if it is one and complete.
std::optional<Secret> secret_of(const Context& context, const std::string& name);
// Says what is wrong with `NAME = { secret = true, ... }`.
void check_secret(Context& context, const ast::Entry& entry, const ast::Table& table);
// The shell source that stands for it in `run`: a variable in double quotes.
std::string secret_word(const Secret& secret);
// What `run` begins with, so that its bash has the variable: reads the file, and fails when that is
// not its owner's alone.
std::vector<wfr::Piece> read_secret(const Secret& secret);

}  // namespace wfc
