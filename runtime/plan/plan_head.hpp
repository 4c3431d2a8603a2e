// The small, per-step part of a plan as one JSON text: the file's first section.
#pragma once

#include "runtime/plan/plan.hpp"

#include <string>
#include <string_view>

namespace wfr {

// What a set of nodes needs besides its arrays.
struct SetHead {
  LevelId level{};
  std::uint32_t nodes = 0;
  std::uint32_t count = 0;
};

struct LevelHead {
  std::string name;
  LevelId under{};
  std::vector<LevelId> children;
  std::vector<std::string> columns;
};

// The plan without its arrays; sections of the file are found by the places in these lists.
struct PlanHead {
  std::string workflow, root, workflow_dir, site, wfc_version;
  std::uint64_t settle_s = 0;
  std::vector<LevelHead> levels;
  std::vector<SetHead> instances;
  std::vector<StepSpec> steps;
  std::vector<StepId> order;
  std::vector<SetHead> map_nodes;
  std::vector<LevelId> map_levels;
  std::vector<Family> families;
  std::vector<JobArray> arrays;  // without their indices
};

std::string head_to_json(const PlanHead& head);
// Throws PlanError.
PlanHead head_from_json(std::string_view text);

// The steps of a plan, with what they ask for, and the names of its levels: enough to read its
// records by step when the plan itself is gone. No directory and no task is in it.
std::string steps_text(const Plan& plan);
// Throws PlanError.
Plan plan_of_steps(std::string_view text);

// Checks every id, count and relation that can be checked in time proportional to the steps, arrays
// and levels; no task and no directory is looked at. Throws PlanError.
void check_plan(const Plan& plan);
// Checks every element of every array of a plan that check_plan() has passed. Throws PlanError.
void check_plan_arrays(const Plan& plan);

}  // namespace wfr
