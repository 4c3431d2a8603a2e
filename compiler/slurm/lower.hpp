// JobGraph -> Plan: job arrays, chunks, and the weakest dependencies that are right.
#pragma once

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/graph/partition.hpp"
#include "compiler/workflow/workflow.hpp"
#include "runtime/plan/plan.hpp"

#include <filesystem>

namespace wfc {

// What lower() begins with: all but the root and the dependencies, and nothing is checked. On one
// machine without Slurm there are no later passes. `notes` is added to.
wfr::Plan plan_arrays(const Workflow& workflow,
                      wfr::TaskGraph graph,
                      JobGraph jobs,
                      std::vector<PassNote>& notes);

// Checks the site's limits before anything is written; the plan is whole also where the site
// refuses it. For a local site the plan has one plain job. `root_from_out`: the data root as the
// plan keeps it, absolute or relative to the out directory. `notes` is added to.
wfr::Plan lower(const Workflow& workflow,
                wfr::TaskGraph graph,
                JobGraph jobs,
                const std::string& root_from_out,
                std::vector<PassNote>& notes,
                Sink& sink);

}  // namespace wfc
