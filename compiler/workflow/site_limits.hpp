// What a site lets a job ask for.
#pragma once

#include "compiler/workflow/site.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace wfc {

// What a job may ask for: a partition's own limits, and the site's where it has none of its own.
// 0: not known.
struct JobLimits {
  std::uint64_t time_s = 0;
  std::uint64_t mem_mb = 0;
  std::uint32_t cpus = 0;
  std::uint32_t nodes = 0;
};
JobLimits limits_of(const Site& site, const Partition* partition);

// The partitions that `--partition` names, as "a,b"; nullptr for one that the site does not list.
std::vector<const Partition*> named_partitions(const Site& site, const std::string& names);
std::vector<const Partition*> all_partitions(const Site& site);

// What one at least of these partitions gives, each amount by itself: Slurm starts a job in any
// that takes it. The site's own limits when there are none.
JobLimits widest_limits(const Site& site, const std::vector<const Partition*>& partitions);

}  // namespace wfc
