// Turns cpus, memory and GPUs into Slurm's options as the site wants them.
#include "compiler/slurm/resources.hpp"

#include "compiler/slurm/partitions.hpp"

#include <algorithm>

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

JobRequest request_of(const Site& site, const wfr::ResourceSpec& job, const SlurmKeys& keys) {
  JobRequest request;
  request.keys = merged(site.slurm, keys);
  request.cpus = std::max(job.cpus, 1U);
  request.time_s = job.time_s;
  request.nodes = std::max(job.nodes, 1U);
  request.tasks = job.tasks;
  request.tasks_per_node = job.tasks_per_node;
  request.gpus = gpu_option(site.gpus, job.gpus);
  // A mem_per_cpu of the step's own is meant for the step; the site's is the size of its cpus.
  ask_for_memory(site, job.mem_mb, keys.mem_per_cpu_mb, request);
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
