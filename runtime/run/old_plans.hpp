// out/plan: plans that nobody needs any more are removed. What was done under them is in the state
// of the last plan and the attic by then.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string_view>

namespace wfr {

// Who asks, and so holds its own lock of the directory.
enum class AskedBy : std::uint8_t { Submission, Run };

// Keeps `keep`, the last plan, the plan of submit.sh, those of jobs in the queue, of an interrupted
// submission and of a process that works on their tasks, and what was not carried yet. Removes
// nothing where that is not known: while another run or submission is at work here, when the queue
// cannot be asked, or when a job in it belongs to no journal (the plans of a local site are in no
// queue). What `wfc tune` reads of a plan is kept as state/HASH/steps. Returns the number of plans
// removed; never throws: a plan too many does no harm.
std::size_t remove_old_plans(const std::filesystem::path& out_dir,
                             std::string_view keep,
                             AskedBy asked_by) noexcept;

}  // namespace wfr
