// Why a program could not be started, told from the file that it is in.
#pragma once

#include "runtime/run/process.hpp"

#include <string>
#include <string_view>

namespace wfr {

// The reason of a failed Processes::start() with this errno (ENOENT or EACCES).
std::string start_problem(const ProcessRequest& request, int error);
// After exit status 126 or 127 of `program`, started in `directory`: what is wrong with its first
// line, or with that of the script that `tail`, the end of its output, has the shell complain
// about. "" when nothing is known.
std::string exit_problem(const std::string& program,
                         const std::string& directory,
                         std::string_view tail);
// What keeps the kernel from starting the program in this file: an interpreter that is not there, a
// carriage return behind it. "" when its first line is right, or when there is no file.
std::string interpreter_problem(const std::string& file);

}  // namespace wfr
