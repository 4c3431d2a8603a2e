// Whether two steps can share a Slurm job. Private to this room.
#pragma once

#include "compiler/workflow/workflow.hpp"

#include <string>

namespace wfc {

// "" if they can; else what differs: "`conda`", "`gpus`". One job has one environment that its
// script prepares, one set of nodes, and one number of directories. An equivalence.
std::string what_differs(const Workflow& workflow, const StepDef& a, const StepDef& b);

// GPUs, nodes and ranks are the job's, not divided among tasks: tasks that ask for them run one at
// a time.
bool wants_whole_job(const wfr::ResourceSpec& resources);

}  // namespace wfc
