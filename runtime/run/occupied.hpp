// Over all tasks, before the first of them runs: what stands in the places of outputs and is
// nobody's that wfc knows. A hundred such files are one message, not a hundred failures.
#pragma once

#include "runtime/plan/plan.hpp"
#include "runtime/plan/state.hpp"
#include "runtime/run/decide.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace wfr {

// One output and what is in its place or inside it: absolute paths, all of them.
struct OccupiedPlace {
  Task task;
  std::string output;
  std::vector<std::string> foreign;
};

struct Occupied {
  std::vector<OccupiedPlace> places;  // in the order of the plan
  std::uint64_t tasks = 0;            // that have some
  // Every output of every task that was asked about is there, and no task of the plan has a record.
  bool all_there = false;
};

// Of all tasks that the decision runs: the one answer of `wfc run`, `plan`, `status`, `why` and
// `submit.sh`. Waits for the disk with up to 32 threads, and shows its progress on a terminal.
// Throws std::system_error.
Occupied find_occupied(const Plan& plan,
                       const std::filesystem::path& out_dir,
                       const StatePaths& state,
                       const Decision& decision);

// `--set-aside`: each is renamed to NAME.before-wfc, or where there is one .before-wfc-2 and so on;
// a directory of the task with something of somebody else's inside goes as a whole. Throws
// std::system_error.
void set_aside(const Occupied& occupied);
// `--replace`: just these are the tasks' own from now on, by a record, and none is done: each goes
// when its successor is complete. Throws std::system_error.
void own_to_replace(const Plan& plan,
                    const std::filesystem::path& out_dir,
                    const Occupied& occupied);

// How a user says what shall become of them, for the message.
struct OccupiedCommands {
  std::string adopt;      // "wfc touch w.toml"
  std::string set_aside;  // "wfc run w.toml --set-aside"
  std::string replace;
};
// Lines without the last line break.
std::string occupied_text(const Plan& plan,
                          const Occupied& occupied,
                          const OccupiedCommands& commands);

}  // namespace wfr
