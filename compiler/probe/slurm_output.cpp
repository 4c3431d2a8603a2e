// Reads what Slurm's commands print: NAME=VALUE words, tables with bars.
#include "compiler/probe/slurm_output.hpp"

#include "compiler/workflow/units.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace wfc {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r";
  const std::size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

std::vector<std::string_view> split(std::string_view text, char by) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = text.find(by);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::vector<std::string_view> lines_of(std::string_view text) {
  return split(text, '\n');
}

bool is_name(std::string_view word) {
  return !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

bool says_nothing(std::string_view value) {
  constexpr std::array<std::string_view, 10> kNothing = {
      "", "(null)", "N/A", "n/a", "NONE", "None", "UNLIMITED", "INFINITE", "infinite", "INVALID"};
  return std::find(kNothing.begin(), kNothing.end(), value) != kNothing.end();
}

// "NAME=VALUE NAME=VALUE": a word without a name of its own goes on with the value before it.
std::vector<std::pair<std::string, std::string>> fields_of(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> fields;
  for (const std::string_view line : lines_of(text)) {
    for (const std::string_view word : split(line, ' ')) {
      const std::string_view bare = trimmed(word);
      const std::size_t equals = bare.find('=');
      if (equals != std::string_view::npos && is_name(bare.substr(0, equals))) {
        fields.emplace_back(bare.substr(0, equals), bare.substr(equals + 1));
      } else if (!bare.empty() && !fields.empty()) {
        fields.back().second += " " + std::string(bare);
      }
    }
  }
  return fields;
}

std::vector<std::string> names_in(const std::string& value, std::string_view all) {
  std::vector<std::string> names;
  if (value == all || says_nothing(value)) return names;
  for (const std::string_view name : split(value, ',')) names.emplace_back(trimmed(name));
  return names;
}

void take_field(ProbedPartition& partition, const std::string& name, const std::string& value) {
  if (name == "State") partition.state = value;
  if (name == "QoS" && !says_nothing(value)) partition.qos = value;
  if (name == "Default") partition.is_default = value == "YES";
  if (name == "RootOnly") partition.root_only = value == "YES";
  if (name == "AllowGroups") partition.allow_groups = names_in(value, "ALL");
  if (name == "AllowAccounts") partition.allow_accounts = names_in(value, "ALL");
  if (name == "DenyAccounts") partition.deny_accounts = names_in(value, "NONE");
  if (name == "MaxTime") {
    partition.max_time_s = slurm_seconds(value);
    partition.max_time_text = value;
  }
  if (name == "MaxNodes") partition.max_nodes = slurm_number(value);
  if (name == "TotalNodes") partition.total_nodes = slurm_number(value);
  if (name == "MaxCPUsPerNode") partition.max_cpus_per_node = slurm_number(value);
  if (name == "MaxMemPerNode") partition.max_mem_per_node_mb = slurm_number(value);
  if (name == "MaxMemPerCPU") partition.max_mem_per_cpu_mb = slurm_number(value);
  if (name == "DefMemPerCPU") partition.def_mem_per_cpu_mb = slurm_number(value);
  if (name == "DefMemPerNode") partition.def_mem_per_node_mb = slurm_number(value);
}

// "gpu:a100:4(S:0-1),shard:8" -> ("a100", 4).
std::vector<std::pair<std::string, std::uint64_t>> gpus_in(std::string_view gres) {
  std::vector<std::pair<std::string, std::uint64_t>> gpus;
  // The sockets in parentheses hold commas too.
  std::string plain;
  int depth = 0;
  for (const char c : gres) {
    if (c == '(') ++depth;
    if (depth == 0) plain += c;
    if (c == ')') --depth;
  }
  for (const std::string_view one : split(plain, ',')) {
    const std::vector<std::string_view> parts = split(trimmed(one), ':');
    if (parts.front() != "gpu" || parts.size() > 3) continue;
    const auto count = parts.size() == 1 ? 1 : slurm_number(parts.back());
    if (!count || *count == 0) continue;
    const std::string type(parts.size() == 3 ? parts[1] : "");
    const auto same =
        std::find_if(gpus.begin(), gpus.end(), [&](const auto& gpu) { return gpu.first == type; });
    if (same == gpus.end()) {
      gpus.emplace_back(type, *count);
    } else {
      same->second += *count;
    }
  }
  return gpus;
}

}  // namespace

std::optional<std::uint64_t> slurm_seconds(std::string_view text) {
  if (says_nothing(text)) return std::nullopt;
  const std::optional<std::uint64_t> seconds = parse_time(text);
  return seconds && *seconds > 0 ? seconds : std::nullopt;
}

std::optional<std::uint64_t> slurm_number(std::string_view text) {
  if (says_nothing(text)) return std::nullopt;
  // sinfo writes "128+" where nodes differ.
  if (text.back() == '+') text.remove_suffix(1);
  std::uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  if (read.ec == std::errc() && read.ptr == end) return number;
  return parse_memory(text);
}

std::optional<std::string> slurm_parameter(std::string_view parameters, std::string_view name) {
  for (const std::string_view part : split(parameters, ',')) {
    const std::string_view word = trimmed(part);
    const std::size_t equals = word.find('=');
    if (equals != std::string_view::npos && word.substr(0, equals) == name) {
      return std::string(word.substr(equals + 1));
    }
  }
  return std::nullopt;
}

std::map<std::string, std::string> parse_config(std::string_view text) {
  std::map<std::string, std::string> config;
  for (const std::string_view line : lines_of(text)) {
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view name = trimmed(line.substr(0, equals));
    if (name.empty() || name.find(' ') != std::string_view::npos) continue;
    config.emplace(name, trimmed(line.substr(equals + 1)));
  }
  return config;
}

std::vector<ProbedPartition> parse_partitions(std::string_view text) {
  std::vector<ProbedPartition> partitions;
  for (const auto& [name, value] : fields_of(text)) {
    if (name == "PartitionName") {
      partitions.emplace_back();
      partitions.back().name = value;
    } else if (!partitions.empty()) {
      take_field(partitions.back(), name, value);
    }
  }
  return partitions;
}

std::vector<ProbedNodes> parse_nodes(std::string_view text) {
  std::vector<ProbedNodes> nodes;
  for (const std::string_view line : lines_of(text)) {
    const std::vector<std::string_view> cells = split(trimmed(line), '|');
    if (cells.size() < 4) continue;
    const auto cpus = slurm_number(cells[1]);
    const auto mem = slurm_number(cells[2]);
    if (!cpus || !mem) continue;
    std::string partition(trimmed(cells[0]));
    if (!partition.empty() && partition.back() == '*') partition.pop_back();  // the default's mark
    nodes.push_back({std::move(partition), *cpus, *mem, gpus_in(cells[3])});
  }
  return nodes;
}

std::vector<ProbedAssociation> parse_associations(std::string_view text) {
  std::vector<ProbedAssociation> associations;
  for (const std::string_view line : lines_of(text)) {
    const std::vector<std::string_view> cells = split(trimmed(line), '|');
    if (cells.size() < 4 || trimmed(cells[0]).empty()) continue;
    associations.push_back({std::string(trimmed(cells[0])),
                            std::string(trimmed(cells[1])),
                            slurm_number(trimmed(cells[2])),
                            std::string(trimmed(cells[3])),
                            names_in(std::string(trimmed(cells.size() > 4 ? cells[4] : "")), {})});
  }
  return associations;
}

std::string ProbedAssociation::usual_qos() const {
  if (!default_qos.empty()) return default_qos;
  return qos.size() == 1 ? qos.front() : "normal";
}

std::map<std::string, std::uint64_t> parse_qos(std::string_view text) {
  std::map<std::string, std::uint64_t> limits;
  for (const std::string_view line : lines_of(text)) {
    const std::vector<std::string_view> cells = split(trimmed(line), '|');
    if (cells.size() < 2) continue;
    if (const auto most = slurm_number(trimmed(cells[1]))) limits[std::string(cells[0])] = *most;
  }
  return limits;
}

}  // namespace wfc
