// Writes a probed cluster as TOML, with comments.
#include "compiler/probe/site_text.hpp"

#include "compiler/syntax/toml_text.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include <fmt/format.h>

namespace wfc {
namespace {

// Megabytes as people write them.
std::string memory_text(std::uint64_t megabytes) {
  constexpr std::uint64_t kGiga = 1024;
  if (megabytes % kGiga == 0) return fmt::format("{}G", megabytes / kGiga);
  return fmt::format("{}M", megabytes);
}

// "key = value  # where from", aligned.
std::string setting(const std::string& key, const std::string& value, const std::string& from) {
  const std::string line = fmt::format("{:<14} = {}", key, value);
  if (from.empty()) return line + "\n";
  return fmt::format("{:<32}  # {}\n", line, toml_comment(from));
}

bool counts_memory(const SiteProbe& probe) {
  std::string parameters = probe.value("SelectTypeParameters");
  std::transform(parameters.begin(), parameters.end(), parameters.begin(), [](unsigned char c) {
    return static_cast<char>(std::toupper(c));
  });
  return parameters.find("MEMORY") != std::string::npos;
}

std::string memory_part(const SiteProbe& probe) {
  const std::string parameters = probe.value("SelectTypeParameters");
  const std::string from =
      "SelectTypeParameters=" + (parameters.empty() ? "(not set)" : parameters);
  std::string text;
  if (counts_memory(probe)) {
    text += setting("memory", "\"mem\"", from + ": memory is counted");
    for (const char* key : {"DefMemPerCPU", "DefMemPerNode"}) {
      const std::string value = probe.value(key);
      if (!value.empty() && value != "UNLIMITED") {
        text += fmt::format(
            "# A job that asks for no memory gets {}={} MB.\n", key, toml_comment(value));
      }
    }
    return text;
  }
  if (probe.least_mem_per_cpu_mb == 0) {
    return setting("memory", "\"none\"", from + ": memory is not counted") +
           "# The nodes declare no memory. If you know how much comes with a cpu, ask for it by "
           "cpus:\n"
           "# memory = \"cpus\"\n"
           "# mem_per_cpu = \"2G\"\n";
  }
  return setting(
             "memory", "\"cpus\"", from + ": memory is not counted, so its cpus are asked for") +
         setting("mem_per_cpu",
                 toml_text(fmt::format("{}M", probe.least_mem_per_cpu_mb)),
                 "sinfo: the least of all nodes");
}

std::string gpus_part(const SiteProbe& probe) {
  const bool any = std::any_of(probe.partitions.begin(),
                               probe.partitions.end(),
                               [](const auto& partition) { return !partition.gpus.empty(); });
  if (!any) return {};
  const std::string type = probe.value("SelectType");
  const bool tres = type == "select/cons_tres";
  return setting("gpus",
                 tres ? "\"gpus\"" : "\"gres\"",
                 fmt::format("SelectType={}: {}", type, tres ? "knows --gpus" : "--gres alone"));
}

std::string account_part(const SiteProbe& probe) {
  if (!probe.no_accounting.empty()) {
    return fmt::format("# No accounts and no MaxSubmitJobs: {}.\n",
                       toml_comment(probe.no_accounting));
  }
  const std::vector<std::string> accounts = probe.accounts();
  if (accounts.empty()) return "# sacctmgr knows no account of yours.\n";
  if (accounts.size() == 1) {
    return setting("account", toml_text(accounts.front()), "sacctmgr: your only one");
  }
  return toml_comment(
             fmt::format("# account = \"...\": sacctmgr has {}", fmt::join(accounts, ", "))) +
         "\n";
}

// The least that holds for the user whatever the account.
std::string submit_limit(const SiteProbe& probe) {
  std::uint64_t least = 0;
  std::string from;
  const auto take = [&](std::uint64_t limit, const std::string& of) {
    if (limit > 0 && (least == 0 || limit < least)) {
      least = limit;
      from = of;
    }
  };
  for (const ProbedAssociation& association : probe.associations) {
    take(association.max_submit_jobs.value_or(0),
         fmt::format("MaxSubmitJobs of account {}", association.account));
    const auto qos = probe.qos_limits.find(association.usual_qos());
    if (qos != probe.qos_limits.end()) {
      take(qos->second, fmt::format("MaxSubmitJobsPerUser of qos {}", qos->first));
    }
  }
  if (least == 0) return {};
  const std::string enforce = probe.value("AccountingStorageEnforce");
  if (enforce.find("limits") == std::string::npos && enforce != "all") {
    return fmt::format("# {}={} is not enforced (AccountingStorageEnforce={}).\n",
                       toml_comment(from),
                       least,
                       toml_comment(enforce));
  }
  return setting("max_submit_jobs", std::to_string(least), from);
}

std::string limits_part(const SiteProbe& probe) {
  std::string text = "\n[limits]\n";
  const std::string parameters = probe.value("SchedulerParameters");
  const auto number = [&](const char* name) {
    const auto value = slurm_parameter(parameters, name);
    return value ? slurm_number(*value).value_or(0) : 0;
  };
  if (const auto size = slurm_number(probe.value("MaxArraySize"))) {
    const std::uint64_t tasks = number("max_array_tasks");
    const bool fewer = tasks > 0 && tasks < *size;
    text += setting("max_array_size",
                    std::to_string(std::max<std::uint64_t>(fewer ? tasks : *size, 1)),
                    fewer ? "max_array_tasks of SchedulerParameters" : "MaxArraySize");
  }
  if (const auto count = slurm_number(probe.value("MaxJobCount")); count && *count > 0) {
    text += setting("max_job_count", std::to_string(*count), "MaxJobCount, for all users together");
  }
  text += submit_limit(probe);
  if (const std::uint64_t bytes = number("max_script_size"); bytes > 0) {
    text +=
        setting("max_script_size", std::to_string(bytes), "max_script_size of SchedulerParameters");
  }
  if (const std::uint64_t count = number("correspond_after_task_cnt"); count > 0) {
    text += setting("correspond_after_task_cnt", std::to_string(count), "SchedulerParameters");
  }
  // For `wfc plan --simulate`; a delay may be nought.
  const auto delay = slurm_parameter(parameters, "batch_sched_delay");
  if (delay && slurm_number(*delay)) {
    text += setting(
        "batch_sched_delay", std::to_string(number("batch_sched_delay")), "SchedulerParameters");
  }
  if (const std::uint64_t seconds = number("bf_interval"); seconds > 0) {
    text += setting("bf_interval", std::to_string(seconds), "SchedulerParameters");
  }
  return text;
}

std::string gpu_list(const SitePartition& partition) {
  std::vector<std::string> words;
  for (const auto& [type, count] : partition.gpus) {
    words.push_back(
        toml_text(type.empty() ? std::to_string(count) : fmt::format("{}:{}", type, count)));
  }
  return fmt::format("[{}]", fmt::join(words, ", "));
}

std::string nodes_part(const SitePartition& partition) {
  const ProbedPartition& said = partition.said;
  if (!partition.nodes_known) return "# sinfo shows no node of it\n";
  std::string text;
  if (partition.max_mem_mb > 0) {
    const bool own = said.max_mem_per_node_mb == partition.max_mem_mb;
    text += setting("max_mem",
                    toml_text(memory_text(partition.max_mem_mb)),
                    own ? "MaxMemPerNode" : "sinfo: its largest node");
  } else {
    text += "# max_mem: its nodes declare none\n";
  }
  const bool own = said.max_cpus_per_node == partition.max_cpus;
  text += setting("max_cpus",
                  std::to_string(partition.max_cpus),
                  own ? "MaxCPUsPerNode" : "sinfo: its largest node");
  return text + setting("gpus", gpu_list(partition), "sinfo: GRES");
}

std::string partition_part(const SitePartition& partition) {
  const ProbedPartition& said = partition.said;
  if (!partition.unusable.empty()) {
    return toml_comment(fmt::format("# Left out: `{}` {}", said.name, partition.unusable)) + "\n";
  }
  std::string text = fmt::format("[partitions.{}]\n", toml_key(said.name));
  if (said.is_default) text += setting("default", "true", "Default=YES");
  if (said.max_time_s) {
    text += setting("max_time", toml_text(said.max_time_text), "MaxTime");
  } else {
    text += fmt::format("# max_time: MaxTime={}\n", toml_comment(said.max_time_text));
  }
  text += nodes_part(partition);
  const std::uint64_t total = said.total_nodes.value_or(0);
  if (said.max_nodes && *said.max_nodes > 0 && (total == 0 || *said.max_nodes <= total)) {
    text += setting("max_nodes", std::to_string(*said.max_nodes), "MaxNodes");
  } else if (total > 0) {
    text += setting("max_nodes", std::to_string(total), "TotalNodes");
  }
  const auto note =
      [&](const char* key, const std::optional<std::uint64_t>& value, const char* says) {
        if (value) text += fmt::format("# {}={}: {}\n", key, *value, says);
      };
  note("DefMemPerCPU", said.def_mem_per_cpu_mb, "MB for each cpu of a job that asks for none");
  note("DefMemPerNode", said.def_mem_per_node_mb, "MB for a job that asks for none");
  note("MaxMemPerCPU", said.max_mem_per_cpu_mb, "MB; a job that asks for more gets more cpus");
  if (!said.qos.empty()) {
    text += fmt::format("# QoS={}: its limits hold too\n", toml_comment(said.qos));
  }
  return text;
}

}  // namespace

std::string site_text(const SiteProbe& probe, const std::string& name, const std::string& date) {
  std::string text = toml_comment(fmt::format(
                         "# Site `{}`, as its Slurm describes itself: written by `wfc site probe`. "
                         "Read it, correct it, keep it.",
                         name)) +
                     "\n";
  text += fmt::format("# Date: {}\n", date);
  text +=
      toml_comment(fmt::format(
          "# Slurm {}, cluster `{}`", probe.value("SLURM_VERSION"), probe.value("ClusterName"))) +
      "\n\n";
  text += memory_part(probe) + gpus_part(probe) + account_part(probe);
  text += limits_part(probe);
  // A partition is chosen by what a job asks for, the default one first; `partition` names one.
  if (!probe.partitions.empty()) {
    text +=
        "\n# A job that names no partition goes to the default one if that takes it, else to the "
        "smallest that does.\n";
  }
  bool first = true;
  for (const SitePartition& partition : probe.partitions) {
    if (!first) text += "\n";
    first = false;
    text += partition_part(partition);
  }
  return text;
}

}  // namespace wfc
