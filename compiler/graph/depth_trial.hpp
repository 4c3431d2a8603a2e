// What would become of a step whose jobs wait for each other, with some level, pack or clusters.
// Private to this room.
#pragma once

#include "compiler/graph/draft.hpp"
#include "compiler/graph/packing.hpp"
#include "compiler/graph/split.hpp"
#include "runtime/plan/plan.hpp"

#include <cstdint>

namespace wfc {

struct DepthOutcome {
  bool circle = false;       // its blocks wait for each other; then no more is known but the blocks
  std::uint64_t arrays = 0;  // calls of sbatch
  std::uint32_t depths = 0;
  std::uint32_t blocks = 0;
  double job_s = 0;      // of the longest job
  bool in_time = true;   // it ends before the site ends it
  bool endless = false;  // nobody would want to wait for it

  // Until the last has ended, if nothing else wants the cluster.
  [[nodiscard]] double seconds() const;
};

class DepthTrial {
 public:
  DepthTrial(const Workflow& workflow, const wfr::TaskGraph& graph, const Split& split)
      : workflow_(workflow), graph_(graph), split_(split), room_(room_of(workflow)) {}

  // O(tasks log nodes + pairs).
  [[nodiscard]] DepthOutcome of(const Draft& draft) const;
  [[nodiscard]] const QueueRoom& room() const { return room_; }

 private:
  void add_time(const Draft& draft, DepthOutcome& outcome) const;

  const Workflow& workflow_;
  const wfr::TaskGraph& graph_;
  Split split_;
  QueueRoom room_;
};

}  // namespace wfc
