// A random workflow and partition with failures, and what has to come of it.
#pragma once

#include "tests/unit/slurm/random_workflow.hpp"

namespace wfc::test {

std::set<TaskKey> random_failures(const wfr::Plan& plan, Chance& chance);
// Some of the failures of the steps that climb are for want of memory.
std::map<TaskKey, std::uint32_t> random_cures(const wfr::Plan& plan,
                                              const std::set<TaskKey>& failing,
                                              Chance& chance);
// At the latest in its step's last pass.
bool succeeds(const wfr::Plan& plan, const Faults& faults, TaskKey task);
// Every task by itself: what has to run.
std::set<TaskKey> expected(const wfr::Plan& plan,
                           const Faults& faults,
                           const std::set<TaskKey>& lost);

struct RandomCase {
  // `ladder`: some steps have a retry with more memory; then nothing is lost.
  explicit RandomCase(std::uint32_t seed, bool ladder = false);
  [[nodiscard]] std::uint32_t window() const {
    return example.workflow.site.correspond_after_task_cnt;
  }
  Outcome run() { return run_model(plan, window(), faults, chance); }
  Chance chance;
  Example example;
  wfr::Plan plan;
  Faults faults;

 private:
  void climb_somewhere();
};

}  // namespace wfc::test
