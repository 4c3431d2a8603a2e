// A cluster as its site file and [site.NAME] describe it.
#pragma once

#include "compiler/diagnostics/source.hpp"
#include "runtime/plan/step.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace wfc {

// What only Slurm needs; strings are checked for their form, not against a site.
struct SlurmKeys {
  std::string partition, account, qos, constraint, reservation, exclude, nodelist, licenses, begin;
  std::optional<std::int64_t> nice;
  bool exclusive = false;
  std::uint64_t mem_per_cpu_mb =
      0;  // not 0: asked for instead of mem; resources.mem_mb is cpus times it
  std::vector<std::string> sbatch;  // raw options: "--mail-type=END"
};

enum class MemoryPolicy : std::uint8_t { Mem, PerCpu, Cpus, None };

// A partition of a site; a limit of 0 is not known.
struct Partition {
  std::string name;
  bool is_default = false;
  std::uint64_t max_time_s = 0;
  std::uint64_t max_mem_mb = 0;  // of its largest node
  std::uint32_t max_cpus = 0;    // of its largest node
  std::uint32_t max_nodes = 0;   // of one job
  // GPUs of a node by type, "" for any: {"a100", 4}. nullopt: not known; empty: it has none.
  std::optional<std::vector<std::pair<std::string, std::uint32_t>>> gpus;
  Span span;
};

// A site after its file(s) and [site.X] are merged; limits are 0 when unknown.
struct Site {
  std::string name = "local";
  bool local = true;  // no Slurm
  MemoryPolicy memory = MemoryPolicy::Mem;
  std::uint64_t mem_per_cpu_mb = 0;
  std::string gpus = "gpus";  // option that asks for GPUs: "gpus" -> --gpus=, "gres" -> --gres=gpu:
  std::string export_policy = "NONE";   // --export
  std::uint64_t max_array_size = 1001;  // Slurm's default: highest index is one less
  std::uint64_t max_job_count = 10000;
  std::uint64_t max_submit_jobs = 0;
  std::uint64_t max_submissions = 200;
  std::uint64_t max_time_s = 0;
  std::uint64_t max_mem_mb = 0;  // of a node
  std::uint32_t max_cpus = 0;    // of a node
  std::uint32_t max_nodes = 0;
  std::uint32_t correspond_after_task_cnt = 10;
  std::uint32_t batch_sched_delay_s = 3;  // as the next: Slurm's defaults, for the simulation
  std::uint32_t bf_interval_s = 30;
  std::uint64_t max_script_size = std::uint64_t{4} << 20U;  // bytes; Slurm's default
  std::vector<Partition> partitions;                        // in the order written; may be empty
  std::uint64_t settle_s = 30;       // how long a file that was made may stay invisible
  double price = 0;                  // of a core-hour, in the currency of the reader; 0: not known
  SlurmKeys slurm;                   // defaults for every step
  wfr::EnvironmentSpec environment;  // modules, conda, setup, env for every step
  Span span;
};

}  // namespace wfc
