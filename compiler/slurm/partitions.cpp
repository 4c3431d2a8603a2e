// Compares a job with every partition of its site.
#include "compiler/slurm/partitions.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <tuple>

#include <fmt/format.h>

namespace wfc {
namespace {

struct GpuRequest {
  std::string type;
  std::uint32_t count = 0;
};

// "2" or "a100:2", as resolve has checked it.
GpuRequest gpu_request(const std::string& text) {
  GpuRequest request;
  const std::size_t colon = text.rfind(':');
  if (colon != std::string::npos) request.type = text.substr(0, colon);
  const std::size_t begin = colon == std::string::npos ? 0 : colon + 1;
  std::from_chars(text.data() + begin, text.data() + text.size(), request.count);
  return request;
}

bool has_gpus(const Partition& partition, const GpuRequest& wanted, std::uint32_t nodes) {
  const std::uint32_t on_node = (wanted.count + nodes - 1) / nodes;
  return std::any_of(partition.gpus->begin(), partition.gpus->end(), [&](const auto& gpus) {
    return gpus.second >= on_node && (wanted.type.empty() || gpus.first == wanted.type);
  });
}

std::uint64_t on_node(const JobRequest& request) {
  // --ntasks-per-node tasks of --cpus-per-task cpus share a node.
  return std::uint64_t{request.cpus} * std::max(request.tasks_per_node, 1U);
}

// What is not limited comes last.
template <class Number>
Number size_of(Number limit) {
  return limit == 0 ? std::numeric_limits<Number>::max() : limit;
}

// Smaller ones first, so that large nodes and long queues stay free for those who need them.
auto order_of(const Site& site, const Partition& partition, const JobRequest& request) {
  const JobLimits limits = limits_of(site, &partition);
  const bool wasted =
      request.gpu_request.empty() && partition.gpus.has_value() && !partition.gpus->empty();
  return std::make_tuple(wasted,
                         size_of(limits.time_s),
                         size_of(limits.mem_mb),
                         size_of(limits.cpus),
                         size_of(limits.nodes));
}

bool names_a_cluster(const std::string& option) {
  return option.starts_with("-M") || option.starts_with("--cluster");
}

}  // namespace

std::string time_text(std::uint64_t seconds) {
  if (seconds % 3600 == 0) return fmt::format("{} h", seconds / 3600);
  if (seconds % 60 == 0) return fmt::format("{} min", seconds / 60);
  return fmt::format("{} s", seconds);
}

std::string gpu_refusal(const Partition& partition, const JobRequest& request) {
  const GpuRequest wanted = gpu_request(request.gpu_request);
  if (wanted.count == 0 || !partition.gpus || has_gpus(partition, wanted, request.nodes)) return {};
  if (partition.gpus->empty()) return "has no GPUs";
  return fmt::format("has no node with GPUs `{}`", request.gpu_request);
}

std::string refusal(const Site& site, const Partition& partition, const JobRequest& request) {
  const JobLimits limits = limits_of(site, &partition);
  std::vector<std::string> reasons;
  if (limits.time_s > 0 && request.time_s > limits.time_s) {
    reasons.push_back(fmt::format("ends every job after {}", time_text(limits.time_s)));
  }
  if (limits.mem_mb > 0 && request.node_mem_mb > limits.mem_mb) {
    reasons.push_back(fmt::format("has at most {} MB on a node", limits.mem_mb));
  }
  if (limits.cpus > 0 && on_node(request) > limits.cpus) {
    reasons.push_back(fmt::format("has at most {} cpus on a node", limits.cpus));
  }
  if (limits.nodes > 0 && request.nodes > limits.nodes) {
    reasons.push_back(
        fmt::format("gives a job at most {} node{}", limits.nodes, limits.nodes == 1 ? "" : "s"));
  }
  std::string gpus = gpu_refusal(partition, request);
  if (!gpus.empty()) reasons.push_back(std::move(gpus));
  return fmt::format("{}", fmt::join(reasons, ", and "));
}

PartitionChoice choose_partition(const Site& site, const JobRequest& request) {
  PartitionChoice choice;
  for (const Partition& partition : site.partitions) {
    std::string reason = refusal(site, partition, request);
    if (!reason.empty()) {
      choice.refused.push_back({&partition, std::move(reason)});
      continue;
    }
    const Partition* best = choice.partition;
    if (best != nullptr && best->is_default) continue;
    if (best == nullptr || partition.is_default ||
        order_of(site, partition, request) < order_of(site, *best, request)) {
      choice.partition = &partition;
    }
  }
  return choice;
}

bool wants_choice(const Site& site, const JobRequest& request) {
  const SlurmKeys& keys = request.keys;
  return !site.partitions.empty() && keys.partition.empty() && keys.reservation.empty() &&
         std::none_of(keys.sbatch.begin(), keys.sbatch.end(), names_a_cluster);
}

void note_partitions(const Workflow& workflow,
                     const wfr::Plan& plan,
                     std::vector<PassNote>& notes) {
  const Site& site = workflow.site;
  for (const wfr::Family& family : plan.families) {
    const JobRequest request =
        request_of(site, family.job, workflow.step(family.steps.front()).slurm);
    if (!request.partition_chosen) continue;
    JobRequest unnamed = request;
    unnamed.keys.partition.clear();
    const PartitionChoice choice = choose_partition(site, unnamed);
    const auto refused =
        std::find_if(choice.refused.begin(), choice.refused.end(), [](const Refusal& refusal) {
          return refusal.partition->is_default;
        });
    std::string why = "the smallest that takes the job";
    if (choice.partition->is_default) {
      why = "the site's default";
    } else if (refused != choice.refused.end()) {
      why += fmt::format(": the default `{}` {}", refused->partition->name, refused->reason);
    }
    notes.push_back({"partition",
                     family.steps,
                     fmt::format("partition `{}`, {}", choice.partition->name, why),
                     choice.partition->span});
  }
}

}  // namespace wfc
