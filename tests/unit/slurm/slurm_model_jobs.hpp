// The jobs in the queue of SlurmModel. Private to slurm_model.cpp.
#pragma once

#include "tests/unit/slurm/slurm_model.hpp"

#include <cstdint>
#include <set>
#include <vector>

namespace wfc::test {

enum class State { Pending, Running, Succeeded, Failed, Cancelled };
enum class Wait { Open, Satisfied, Impossible };

struct Element {
  std::uint32_t index = 0;  // as Slurm counts: with a table the position in it
  std::uint32_t block = 0;  // after the array's first; of a later pass its share
  State state = State::Pending;
  bool purged = false;
  bool eligible = false;
  std::vector<Wait> waits;  // by dependency
  std::set<TaskKey> ran;
  std::vector<TaskKey> verdicts;  // done by this job, told when it ends
  bool exit_ok = true;
  [[nodiscard]] bool over() const { return state != State::Pending && state != State::Running; }
};

// One call of sbatch.
struct Job {
  const wfr::JobArray* array = nullptr;
  std::uint32_t limit = 0;
  std::vector<wfr::Dependency> after;  // `on`: a position among the jobs
  std::uint32_t submission = 0;
  std::vector<Element> elements;
  void add(std::uint32_t index, std::uint32_t block) {
    elements.push_back({});
    elements.back().index = index;
    elements.back().block = block;
    elements.back().waits.assign(after.size(), Wait::Open);
  }
};

}  // namespace wfc::test
