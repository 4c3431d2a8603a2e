// The memory of process groups, from /proc.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include <sys/types.h>

namespace wfr {

struct GroupMemory {
  std::uint64_t resident = 0;  // bytes, pages that processes share counted for each
  std::uint64_t own = 0;  // bytes without pages of files and shared memory: what a limit is about
};

// One pass over /proc. Processes that end meanwhile are left out.
std::unordered_map<pid_t, GroupMemory> group_memory(const std::vector<pid_t>& groups);

// Of one process; zeros when it has ended.
GroupMemory process_memory(pid_t pid);

}  // namespace wfr
