// Families -> job arrays: which blocks have work, cut into chunks that the site's MaxArraySize
// allows.
#pragma once

#include "compiler/graph/split.hpp"
#include "compiler/workflow/workflow.hpp"
#include "runtime/plan/plan.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace wfc {

// Array indices, names and limits are set; `after` only where arrays take turns because of a limit.
// Chunks of one block map are cut at the same blocks, whatever the family, so that equal indices of
// equal chunks mean equal directories. `split` is what the block maps are cut by.
std::vector<wfr::JobArray> make_arrays(const Workflow& workflow,
                                       const wfr::Plan& plan,
                                       const Split& split);

// The blocks at which at least one of the family's steps has a task, ascending.
std::vector<wfr::Range> blocks_with_work(const wfr::Plan& plan, const wfr::Family& family);
// The tasks of `step` in the blocks [blocks.begin, blocks.end): ascending ranges, one where blocks
// are consecutive directories.
std::vector<wfr::Range> tasks_in_blocks(const wfr::Plan& plan,
                                        const wfr::BlockMap& map,
                                        wfr::StepId step,
                                        wfr::Range blocks);
// The blocks of the map that an array's indices can reach, first to last.
wfr::Range block_span(const wfr::JobArray& array);
// The tasks of a step in the jobs of an array, ascending: of consecutive directories one range for
// all blocks that the indices can reach, and of the blocks of a depth just theirs.
std::vector<wfr::Range> tasks_of(const wfr::Plan& plan,
                                 const wfr::JobArray& array,
                                 wfr::StepId step);

// "02-highpass": the position is written with as many digits as `of` needs, at least two.
std::string numbered_name(std::size_t position, std::size_t of, const std::string& name);

}  // namespace wfc
