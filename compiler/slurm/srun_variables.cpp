// A table of variables and the options of sbatch that set them.
#include "compiler/slurm/srun_variables.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

namespace wfc {
namespace {

struct Variable {
  std::string_view name;
  std::string_view option;  // of sbatch, without `--`
  char letter = '\0';       // its short form; '\0': it has none
};

constexpr std::array<Variable, 29> kVariables = {{
    {"ACCTG_FREQ", "acctg-freq"},
    {"CONTAINER", "container"},
    {"CORE_SPEC", "core-spec", 'S'},
    {"CPUS_PER_GPU", "cpus-per-gpu"},
    {"CPU_FREQ_REQ", "cpu-freq"},
    {"DISTRIBUTION", "distribution", 'm'},
    {"DIST_PLANESIZE", "distribution", 'm'},
    {"GPUS", "gpus", 'G'},
    {"GPUS_PER_NODE", "gpus-per-node"},
    {"GPUS_PER_SOCKET", "gpus-per-socket"},
    {"GPUS_PER_TASK", "gpus-per-task"},
    {"GPU_BIND", "gpu-bind"},
    {"GPU_FREQ", "gpu-freq"},
    {"HINT", "hint"},
    {"MEM_BIND", "mem-bind"},
    {"MEM_PER_CPU", "mem-per-cpu"},
    {"MEM_PER_GPU", "mem-per-gpu"},
    {"MEM_PER_NODE", "mem"},
    {"NETWORK", "network"},
    {"NPROCS", "ntasks", 'n'},
    {"NTASKS", "ntasks", 'n'},
    {"NTASKS_PER_CORE", "ntasks-per-core"},
    {"NTASKS_PER_GPU", "ntasks-per-gpu"},
    {"NTASKS_PER_NODE", "ntasks-per-node"},
    {"NTASKS_PER_SOCKET", "ntasks-per-socket"},
    {"OVERCOMMIT", "overcommit", 'O'},
    {"PROFILE", "profile"},
    {"THREADS_PER_CORE", "threads-per-core"},
    {"TRES_PER_TASK", "tres-per-task"},
}};

// sbatch takes the beginning of a name for the name.
bool asks_for(std::string_view option, const Variable& variable) {
  if (!option.starts_with("--")) {
    return option.size() > 1 && variable.letter != '\0' && option[1] == variable.letter;
  }
  const std::string_view name = option.substr(2, option.find_first_of("= ") - 2);
  const bool whole = std::any_of(kVariables.begin(), kVariables.end(), [&](const Variable& one) {
    return one.option == name;
  });
  return whole ? variable.option == name : !name.empty() && variable.option.starts_with(name);
}

}  // namespace

std::vector<std::string> kept_srun_variables(const std::vector<std::string>& options) {
  std::set<std::string> kept;
  for (const Variable& variable : kVariables) {
    if (std::any_of(options.begin(), options.end(), [&](const std::string& option) {
          return asks_for(option, variable);
        })) {
      kept.emplace(variable.name);
    }
  }
  // How many tasks there are follows from these, and sbatch says it so.
  if (kept.contains("NTASKS_PER_NODE")) kept.insert({"NPROCS", "NTASKS"});
  if (kept.contains("HINT")) kept.emplace("THREADS_PER_CORE");
  // Without an option it is the cluster's default, in the one or in the other.
  const bool memory =
      kept.contains("MEM_PER_NODE") || kept.contains("MEM_PER_CPU") || kept.contains("MEM_PER_GPU");
  if (!memory) kept.insert({"MEM_PER_CPU", "MEM_PER_NODE"});
  return {kept.begin(), kept.end()};
}

}  // namespace wfc
