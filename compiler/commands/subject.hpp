// What a command that only looks is about: a workflow file, or the last plan of an out directory.
#pragma once

#include "compiler/commands/command.hpp"
#include "compiler/commands/local_state.hpp"
#include "compiler/commands/outlook.hpp"
#include "runtime/run/carry.hpp"

#include <filesystem>
#include <memory>

namespace wfc {

struct Subject {
  const wfr::Plan* plan = nullptr;
  wfr::StatePaths state;
  std::filesystem::path out;  // absolute
  // The plan that was last run or submitted, null without one, and its state, with the journal.
  std::shared_ptr<const wfr::Plan> submitted;
  wfr::StatePaths last;
  wfr::Caller caller;
  // What the members above point into.
  std::shared_ptr<const Compiled> compiled;
  std::shared_ptr<const wfr::StateView> view;
};

// The workflow of these options, which may be an out directory; empty, the out directory is --out.
// Prints what is wrong and returns no plan.
Subject open_subject(const CompileOptions& options, const char* command);

// What somebody types who is told that places of its outputs are occupied.
wfr::OccupiedCommands commands_of(const Subject& subject);

}  // namespace wfc
