// The command of a task as it will be executed, for people.
#pragma once

#include "runtime/plan/plan.hpp"
#include "runtime/run/decide.hpp"

#include <filesystem>
#include <ostream>
#include <string>

namespace wfc {

// Its directory and its command, expanded, in indented lines. Outputs have their own names where a
// run gives them temporary ones; what only a run knows has a name in capitals (SCRATCH, HOSTFILE,
// LIST). `out`: absolute.
std::string command_text(const wfr::Plan& plan, const std::filesystem::path& out, wfr::Task task);
// That of every task that would run, each under its name.
void show_commands(const wfr::Plan& plan,
                   const std::filesystem::path& out,
                   const wfr::Decision& decision,
                   std::ostream& stream);

}  // namespace wfc
