// `wfr carry OLD NEW`: what is done under one plan stays done under the next.
#pragma once

#include "runtime/plan/plan.hpp"
#include "runtime/plan/state.hpp"

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace wfr {

struct CarryResult {
  std::uint64_t carried = 0;  // slots copied
  std::uint64_t kept = 0;     // slots that the new state already had
  std::uint64_t dropped = 0;  // done under the old plan, without a task of that name in the new
};

// Copies the slots that are Done, by (step, names): one linear merge of the two trees. A step may
// have been renamed: its `was`. Verdicts other than Done are not carried: those tasks shall run
// again. A slot that the new state has is never overwritten. Crash safe: each slot file is made
// whole beside its place and renamed; a second call does the same again.
CarryResult carry(const Plan& from,
                  const StatePaths& from_state,
                  const Plan& to,
                  const StatePaths& to_state);
// The same, from `out`'s state of one hash to that of another. A missing or unreadable old plan or
// state carries nothing.
CarryResult carry(const std::filesystem::path& out_dir,
                  const std::string& from_hash,
                  const std::string& to_hash);

// The words after `wfr carry`: OLD NEW, hashes of plans below ./plan. Returns the exit status.
int carry_command(std::span<const std::string> arguments);

}  // namespace wfr
