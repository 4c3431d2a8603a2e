// Turns cpus, memory and GPUs into Slurm's options as the site wants them.
#include "compiler/slurm/resources.hpp"

#include "compiler/slurm/partitions.hpp"
#include "compiler/workflow/site_limits.hpp"

#include <algorithm>
#include <limits>
#include <string_view>
#include <vector>

namespace wfc {
namespace {

std::uint64_t divide_up(std::uint64_t amount, std::uint64_t by) {
  return (amount + by - 1) / by;
}

std::string gpu_option(const std::string& spelling, const std::string& gpus) {
  if (gpus.empty()) return {};
  if (spelling == "gres") return "--gres=gpu:" + gpus;
  return "--" + (spelling.empty() ? std::string("gpus") : spelling) + "=" + gpus;
}

SlurmKeys merged(const SlurmKeys& site, const SlurmKeys& step) {
  SlurmKeys keys = step;
  const auto fill = [](std::string& value, const std::string& fallback) {
    if (value.empty()) value = fallback;
  };
  fill(keys.partition, site.partition);
  fill(keys.account, site.account);
  fill(keys.qos, site.qos);
  fill(keys.constraint, site.constraint);
  fill(keys.reservation, site.reservation);
  fill(keys.exclude, site.exclude);
  fill(keys.nodelist, site.nodelist);
  fill(keys.licenses, site.licenses);
  fill(keys.begin, site.begin);
  if (!keys.nice) keys.nice = site.nice;
  keys.exclusive = keys.exclusive || site.exclusive;
  if (keys.sbatch.empty()) keys.sbatch = site.sbatch;
  return keys;
}

// Of two lines with --gres Slurm takes the last: what the step has of its own goes into that of the
// GPUs. resolve has made one of several, and no other spelling asks for GPUs.
void join_gres(JobRequest& request) {
  constexpr std::string_view kOption = "--gres=";
  if (!request.gpus.starts_with(kOption)) return;
  std::vector<std::string>& raw = request.keys.sbatch;
  const auto found = std::find_if(raw.begin(), raw.end(), [&](const std::string& option) {
    return option.starts_with(kOption);
  });
  if (found == raw.end()) return;
  request.gpus += "," + found->substr(kOption.size());
  raw.erase(found);
}

// The memory of one node in megabytes, and how to say it: at most one of mem and mem_per_cpu is
// set.
void ask_for_memory(const Site& site,
                    std::uint64_t mem_mb,
                    std::uint64_t per_cpu_mb,
                    JobRequest& request) {
  const std::uint64_t cpus = request.cpus;
  const std::uint64_t on_node = mem_mb > 0 ? mem_mb : per_cpu_mb * cpus;
  request.node_mem_mb = on_node;
  if (on_node == 0) return;
  switch (site.memory) {
    case MemoryPolicy::Mem:
      request.mem_mb = mem_mb;
      request.mem_per_cpu_mb = mem_mb > 0 ? 0 : per_cpu_mb;
      return;
    case MemoryPolicy::PerCpu:
      request.mem_per_cpu_mb = divide_up(on_node, cpus);
      return;
    case MemoryPolicy::Cpus:
      if (site.mem_per_cpu_mb == 0) return;
      request.cpus = static_cast<std::uint32_t>(
          std::max<std::uint64_t>(cpus, divide_up(on_node, site.mem_per_cpu_mb)));
      return;
    case MemoryPolicy::None:
      return;
  }
}

}  // namespace

bool has_whole_node(const JobRequest& request) {
  return request.keys.exclusive && request.nodes <= 1 && request.tasks == 0 &&
         request.tasks_per_node == 0;
}

std::uint32_t most_cpus_of(const JobRequest& request) {
  if (has_whole_node(request)) return std::numeric_limits<std::uint32_t>::max();
  return std::max(request.cpus, 1U);
}

JobRoom room_of(const Site& site, const JobRequest& request, std::uint64_t mem_mb) {
  JobRoom room{request.cpus, mem_mb};
  if (!has_whole_node(request)) return room;
  const JobLimits node = widest_limits(site, named_partitions(site, request.keys.partition));
  room.cpus = std::max(room.cpus, node.cpus);
  if (request.mem_per_cpu_mb > 0) {
    room.mem_mb = request.mem_per_cpu_mb * room.cpus;
  } else if (request.mem_mb == 0) {
    room.mem_mb = node.mem_mb;
  }
  return room;
}

JobRequest request_of(const Site& site, const wfr::ResourceSpec& job, const SlurmKeys& keys) {
  JobRequest request;
  request.keys = merged(site.slurm, keys);
  request.cpus = std::max(job.cpus, 1U);
  request.time_s = job.time_s;
  request.nodes = std::max(job.nodes, 1U);
  request.tasks = job.tasks;
  request.tasks_per_node = job.tasks_per_node;
  request.gpus = gpu_option(site.gpus, job.gpus);
  join_gres(request);
  // A mem_per_cpu of the step's own is meant for the step; the site's is the size of its cpus.
  ask_for_memory(site, job.mem_mb, keys.mem_per_cpu_mb, request);
  request.all_memory =
      request.keys.exclusive && site.memory == MemoryPolicy::Mem && request.node_mem_mb == 0;
  request.gpu_request = job.gpus;
  if (wants_choice(site, request)) {
    if (const Partition* chosen = choose_partition(site, request).partition) {
      request.keys.partition = chosen->name;
      request.partition_chosen = true;
    }
  }
  return request;
}

}  // namespace wfc
