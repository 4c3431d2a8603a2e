// What tasks have made, as their records tell: not what is on the disk at the moment, where a file
// may be missing for a while, and where files of users may match the same pattern.
#pragma once

#include "runtime/plan/expand.hpp"
#include "runtime/run/gate.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace wfr {

class MadeFiles {
 public:
  // Both must outlive it.
  MadeFiles(const Plan& plan, SlotStore& slots) : plan_(plan), slots_(slots) {}
  // As TaskContext::made, for outputs whose task is done. For any thread.
  std::optional<std::vector<std::string>> of(const OutputPath& output);

 private:
  const Plan& plan_;
  SlotStore& slots_;
};

// What an input pattern finds among the outputs of the tasks that the edge `edge` brings: relative
// to the root, bytewise sorted. nullopt where no record tells; then it is what matches now.
std::optional<std::vector<std::string>> made_matches(const Plan& plan,
                                                     std::uint32_t edge,
                                                     Task reader,
                                                     const std::string& pattern,
                                                     const MadeByGlob& made);

}  // namespace wfr
