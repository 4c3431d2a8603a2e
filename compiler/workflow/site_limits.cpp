// A partition's limits over those of its site, and the widest of several.
#include "compiler/workflow/site_limits.hpp"

#include <algorithm>

namespace wfc {
namespace {

// 0 is no limit.
template <class Amount>
Amount wider(Amount a, Amount b) {
  return a == 0 || b == 0 ? 0 : std::max(a, b);
}

}  // namespace

JobLimits limits_of(const Site& site, const Partition* partition) {
  JobLimits limits{site.max_time_s, site.max_mem_mb, site.max_cpus, site.max_nodes};
  if (partition == nullptr) return limits;
  if (partition->max_time_s > 0) limits.time_s = partition->max_time_s;
  if (partition->max_mem_mb > 0) limits.mem_mb = partition->max_mem_mb;
  if (partition->max_cpus > 0) limits.cpus = partition->max_cpus;
  if (partition->max_nodes > 0) limits.nodes = partition->max_nodes;
  return limits;
}

std::vector<const Partition*> named_partitions(const Site& site, const std::string& names) {
  std::vector<const Partition*> partitions;
  for (std::size_t begin = 0; begin < names.size();) {
    const std::size_t end = std::min(names.find(',', begin), names.size());
    const std::string name = names.substr(begin, end - begin);
    const auto found = std::find_if(
        site.partitions.begin(), site.partitions.end(), [&](const Partition& partition) {
          return partition.name == name;
        });
    partitions.push_back(found == site.partitions.end() ? nullptr : &*found);
    begin = end + 1;
  }
  return partitions;
}

std::vector<const Partition*> all_partitions(const Site& site) {
  std::vector<const Partition*> partitions;
  for (const Partition& partition : site.partitions) partitions.push_back(&partition);
  return partitions;
}

JobLimits widest_limits(const Site& site, const std::vector<const Partition*>& partitions) {
  if (partitions.empty()) return limits_of(site, nullptr);
  JobLimits limits = limits_of(site, partitions.front());
  for (const Partition* partition : partitions) {
    const JobLimits one = limits_of(site, partition);
    limits.time_s = wider(limits.time_s, one.time_s);
    limits.mem_mb = wider(limits.mem_mb, one.mem_mb);
    limits.cpus = wider(limits.cpus, one.cpus);
    limits.nodes = wider(limits.nodes, one.nodes);
  }
  return limits;
}

}  // namespace wfc
