// Lays the numbers out in columns.
#include "compiler/tune/table.hpp"

#include "compiler/slurm/partitions.hpp"
#include "compiler/slurm/resources.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include <fmt/format.h>

namespace wfc {
namespace {

constexpr std::size_t kColumns = 12;
using Row = std::array<std::string, kColumns>;

std::string asked_time(std::uint64_t seconds) {
  return seconds == 0 ? "-" : time_text(seconds);
}

// Of a step whose tasks were all killed, what was too little.
std::string most_memory(const StepUsage& usage) {
  if (usage.memory_mb.size() > 0) return memory_used_text(usage.memory_mb.max());
  return usage.too_small_mb > 0 ? "over " + memory_used_text(usage.too_small_mb) : "-";
}

// Two digits, but never as a power of ten; what is too little to see is 0.
std::string hours_text(double hours) {
  if (std::abs(hours) < 0.0005) return "0";
  return std::abs(hours) < 9.95 ? fmt::format("{:.2g}", hours) : fmt::format("{:.0f}", hours);
}

// The recorded tasks under what is asked now and under the proposal.
std::string saved_text(const Site& site, const StepDef& step, const LockEntry& entry) {
  if (!entry.proposal.mem_mb || step.spec.resources.mem_mb == 0) return "-";
  const JobRequest asked = request_of(site, step.spec.resources, step.slurm);
  wfr::ResourceSpec resources = step.spec.resources;
  resources.mem_mb = *entry.proposal.mem_mb;
  SlurmKeys keys = step.slurm;
  keys.mem_per_cpu_mb = 0;
  const JobRequest proposed = request_of(site, resources, keys);
  const double hours = entry.usage->wall_s.sum() / 3600;
  if (site.memory == MemoryPolicy::Cpus) {
    return hours_text((static_cast<double>(asked.cpus) - static_cast<double>(proposed.cpus)) *
                      hours) +
           " core-h";
  }
  return hours_text(
             (static_cast<double>(asked.node_mem_mb) - static_cast<double>(proposed.node_mem_mb)) /
             1024 * hours) +
         " GB h";
}

Row row_of(const Site& site, const StepDef& step, const LockEntry& entry) {
  const StepUsage& usage = *entry.usage;
  const wfr::ResourceSpec& asked = step.spec.resources;
  const bool memory = usage.memory_mb.size() > 0;
  const bool time = usage.wall_s.size() > 0;
  const Proposal& proposal = entry.proposal;
  return {step.spec.name,
          std::to_string(usage.wall_s.size()),
          asked.mem_mb == 0 ? "-" : memory_used_text(static_cast<double>(asked.mem_mb)),
          memory ? memory_used_text(usage.memory_mb.quantile(0.5)) : "-",
          most_memory(usage),
          proposal.mem_mb ? memory_used_text(static_cast<double>(*proposal.mem_mb)) : "-",
          asked_time(asked.time_s),
          time ? time_used_text(usage.wall_s.quantile(0.5)) : "-",
          time ? time_used_text(usage.wall_s.max()) : "-",
          proposal.time_s ? asked_time(*proposal.time_s) : "-",
          time ? fmt::format("{:.0f} %", 100 * usage.cpu_efficiency()) : "-",
          saved_text(site, step, entry)};
}

}  // namespace

std::string memory_size_text(std::uint64_t megabytes) {
  constexpr std::uint64_t kGiga = 1024;
  if (megabytes % kGiga == 0) return fmt::format("{}G", megabytes / kGiga);
  return fmt::format("{}M", megabytes);
}

std::string memory_used_text(double megabytes) {
  constexpr double kGiga = 1024;
  if (megabytes >= 10 * kGiga) return fmt::format("{:.1f} GB", megabytes / kGiga);
  return fmt::format("{:.0f} MB", std::ceil(megabytes));
}

std::string time_used_text(double seconds) {
  if (seconds < 1) return fmt::format("{:.0f} ms", seconds * 1000);
  if (seconds < 100) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<std::uint64_t>(std::ceil(seconds));
  if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
  return fmt::format("{} h {} min", whole / 3600, whole % 3600 / 60);
}

std::string tune_table(const Workflow& workflow, const Lock& lock) {
  std::vector<Row> rows;
  rows.push_back({"step",
                  "tasks",
                  "mem asked",
                  "median",
                  "max",
                  "proposed",
                  "time asked",
                  "median",
                  "max",
                  "proposed",
                  "cpu",
                  "saved"});
  for (const StepDef& step : workflow.steps) {
    const auto entry = lock.find(step.spec.name);
    if (entry == lock.end() || entry->second.usage == nullptr) continue;
    rows.push_back(row_of(workflow.site, step, entry->second));
  }
  std::array<std::size_t, kColumns> width{};
  for (const Row& row : rows) {
    for (std::size_t c = 0; c < kColumns; ++c) width[c] = std::max(width[c], row[c].size());
  }
  std::string text;
  for (const Row& row : rows) {
    std::string line = fmt::format("{:<{}}", row[0], width[0]);
    for (std::size_t c = 1; c < kColumns; ++c) {
      line += fmt::format("  {:>{}}", row[c], width[c]);
    }
    text += line + "\n";
  }
  return text;
}

}  // namespace wfc
