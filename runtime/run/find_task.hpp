// A task by the name that task_name() gives it: "highpass:session01/array02/channel005".
#pragma once

#include "runtime/plan/plan.hpp"

#include <string>
#include <string_view>

namespace wfr {

struct FoundTask {
  bool found = false;
  Task task;
  std::string error;  // when not found: what is wrong with the name
};

FoundTask find_task(const Plan& plan, std::string_view name);

}  // namespace wfr
