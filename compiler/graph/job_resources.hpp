// The pass that says what one job of each family asks for. Private to this room.
#pragma once

#include "compiler/graph/draft.hpp"
#include "compiler/graph/durations.hpp"
#include "compiler/graph/partition.hpp"

#include <vector>

namespace wfc {

// The most tasks of each step of the draft below one directory of its level. O(nodes x steps), less
// where a step is at that level itself.
std::vector<std::uint32_t> most_tasks_in_a_directory(const wfr::TaskGraph& graph,
                                                     const Draft& draft);
// A job of `pack` directories, with its cpus and memory. `most` is what the function above says.
JobLoad load_of(const Workflow& workflow,
                const wfr::TaskGraph& graph,
                const Draft& draft,
                const std::vector<std::uint32_t>& most,
                std::uint32_t pack);

// Fills Family::job of every family; families[i] is drafts[i]. Warns where cpus that [jobs] asks
// for would be idle.
JobGraph size_jobs(const Workflow& workflow,
                   const wfr::TaskGraph& graph,
                   const std::vector<Draft>& drafts,
                   JobGraph jobs,
                   Sink& sink);

}  // namespace wfc
