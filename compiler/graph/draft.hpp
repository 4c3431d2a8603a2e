// A family while the passes fill it in. Private to this room.
#pragma once

#include "compiler/graph/clusters.hpp"
#include "compiler/graph/pass_note.hpp"
#include "compiler/workflow/workflow.hpp"
#include "runtime/plan/plan.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace wfc {

struct Draft {
  std::vector<StepId> steps;                        // topological order
  LevelId level{};                                  // a job runs whole directories of this level
  bool placed = false;                              // by `per` or `job`: no other step joins it
  std::uint32_t pack = 1;                           // directories in a job, at most
  bool by_depth = false;                            // its jobs wait for each other: see depths.hpp
  std::optional<Clusters> clusters = std::nullopt;  // of them: the directories of each job
  Span span;                                        // the key that asked for it; unknown: none did
};

// A family for each step that has tasks and is no finalizer, at its own level; topological order.
std::vector<Draft> one_draft_a_step(const Workflow& workflow, const wfr::TaskGraph& graph);

// "`split`, `sort`"; the first few and "..." where there are many.
std::string quoted_steps(const Workflow& workflow, const std::vector<StepId>& steps);
// "one `session` directory", "the root".
std::string quoted_directory(const Workflow& workflow, LevelId level);

}  // namespace wfc
