// What one task reads: its inputs resolved on disk, and whether everything is there.
#pragma once

#include "runtime/plan/expand.hpp"
#include "runtime/plan/plan.hpp"
#include "runtime/run/key.hpp"

#include <string>
#include <vector>

namespace wfr {

struct TaskInputs {
  std::vector<std::string> words;     // {inputs}, as the command shall see them
  std::vector<OutsideInput> outside;  // those that no step makes
  std::string missing;                // a sentence on the first that is not there; "" when all are
  // What is missing, absolute, if a task that is done has made it: it may only be invisible yet.
  std::string awaited;
};

// Of the context the roots and `made` are used; all producers must be done. Stats every input and
// every needed output; those in a scratch directory that is not known are taken to be there, and
// are not among the words.
TaskInputs find_inputs(const Plan& plan, Task task, const TaskContext& context);
// Only `outside`, and what is missing of it, when everything that steps make has just been looked
// at.
TaskInputs find_outside_inputs(const Plan& plan, Task task, const TaskContext& context);

}  // namespace wfr
