// The directories that a kernel will make, as it declares them from its inputs' headers.
#pragma once

#include "compiler/tree/level_builder.hpp"
#include "compiler/tree/walk.hpp"
#include "runtime/kernels/kernel.hpp"

#include <map>
#include <vector>

namespace wfc {

// Names for the levels that one step makes, by node of the step's level; sorted within the node.
struct MadeByStep {
  std::vector<LevelId> levels;  // coarse to fine
  std::vector<std::vector<wfr::MadeNames>> by_node;
};

// Asks each kernel once for each directory; later levels of the same step are answered from here.
class Discovery {
 public:
  explicit Discovery(ScanState& scan) : scan_(scan) {}
  // Offers what the level's step says it will make, and closes every parent. Reports inputs that
  // are missing or refused, and steps that cannot say what they will make.
  void offer_made(LevelBuilder& builder);

 private:
  const MadeByStep& names_of(StepId id, const LevelDef& level);
  void discover(StepId id, const wfr::KernelDecl& kernel, MadeByStep& made);
  bool check_levels(const StepDef& step, const wfr::KernelDecl& kernel, const MadeByStep& made);
  void report_unknown(const StepDef& step, const LevelDef& level);

  ScanState& scan_;
  std::map<StepId, MadeByStep> made_;
};

}  // namespace wfc
