// From `wfr job`'s words and Slurm's variables to the tasks of one block.
#include "runtime/run/job_command.hpp"

#include "runtime/plan/own_out.hpp"
#include "runtime/plan/rungs.hpp"
#include "runtime/plan/state_words.hpp"
#include "runtime/plan/visible.hpp"
#include "runtime/run/bad_nodes.hpp"
#include "runtime/run/descriptors.hpp"
#include "runtime/run/environment.hpp"
#include "runtime/run/failure.hpp"
#include "runtime/run/failure_groups.hpp"
#include "runtime/run/host.hpp"
#include "runtime/run/job.hpp"
#include "runtime/run/journal.hpp"
#include "runtime/run/leave_node_out.hpp"
#include "runtime/run/lost.hpp"
#include "runtime/run/options.hpp"
#include "runtime/run/pass_tasks.hpp"
#include "runtime/run/requeue.hpp"
#include "runtime/run/slurm_jobs.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/sysinfo.h>
#include <unistd.h>

namespace wfr {
namespace {

namespace fs = std::filesystem;
using Options = std::map<std::string, std::string>;

// A job that starts before its run is released is one that should not have been started.
constexpr int kSecondsToRelease = 30;

const JobArray& find_array(const Plan& plan, const std::string& name) {
  const auto place = std::find_if(plan.arrays.begin(),
                                  plan.arrays.end(),
                                  [&](const JobArray& array) { return array.name == name; });
  if (place == plan.arrays.end()) {
    throw UsageError("the plan has no job array `" + name + "`");
  }
  return *place;
}

// Entry `index` of an index table: u32, little-endian.
std::uint32_t table_entry(const std::string& file, std::uint32_t index) {
  std::array<unsigned char, 4> bytes{};
  const int fd = open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), "cannot read `" + file + "`");
  const ssize_t got = pread(fd, bytes.data(), bytes.size(), static_cast<off_t>(index) * 4);
  close(fd);
  if (got != static_cast<ssize_t>(bytes.size())) {
    throw UsageError(fmt::format("the index table `{}` has no entry {}", file, index));
  }
  return static_cast<std::uint32_t>(bytes[0]) | static_cast<std::uint32_t>(bytes[1]) << 8U |
         static_cast<std::uint32_t>(bytes[2]) << 16U | static_cast<std::uint32_t>(bytes[3]) << 24U;
}

std::uint32_t array_index(const Options& options) {
  const std::string given = optional_value(options, "index");
  std::uint32_t index =
      given.empty() ? number_from("SLURM_ARRAY_TASK_ID").value_or(0) : number_of("--index", given);
  const std::string table = optional_value(options, "table");
  return table.empty() ? index : table_entry(table, index);
}

std::uint32_t block_of_index(const Plan& plan, const JobArray& array, const Options& options) {
  const std::uint32_t index = array_index(options);
  const std::uint64_t block = std::uint64_t{array.first_block} + (array.plain ? 0 : index);
  const Family& family = plan.families.at(index_of(array.family));
  if (block >= plan.maps.at(family.block_map).blocks()) {
    throw UsageError(fmt::format("job array `{}` has no index {}", array.name, index));
  }
  return static_cast<std::uint32_t>(block);
}

std::vector<std::pair<StepId, Range>> finalizer_task(const Plan& plan, const std::string& name) {
  const StepId step = plan.find_step(name);
  if (index_of(step) >= plan.steps.size() || plan.step(step).finalizer == FinalizerKind::None) {
    throw UsageError("the plan has no finalizer `" + name + "`");
  }
  return {{step, Range{0, 1}}};
}

// Another job may have been submitted for the same work, and this one been left over.
bool owned(const std::string& hash, const Options& options, const fs::path& out) {
  const std::string run = optional_value(options, "run");
  if (run.empty()) return true;
  const std::uint32_t id =
      number_from("SLURM_ARRAY_JOB_ID").value_or(number_from("SLURM_JOB_ID").value_or(0));
  const fs::path journal = state_paths(out, hash).journal();
  const std::string array = optional_value(options, "array");
  Ownership ownership = journal_owns(journal, run, array, id);
  // The file system of this node may show the journal of a moment ago.
  for (int second = 0; ownership.early && second < kSecondsToRelease; ++second) {
    std::this_thread::sleep_for(std::chrono::seconds(1));
    ownership = journal_owns(journal, run, array, id);
  }
  if (!ownership.ours)
    std::printf("wfr: nothing is done here: %s\n", visible_text(ownership.reason).c_str());
  return ownership.ours;
}

void print_failure(const Plan& plan, const FailedTask& failed) {
  std::fprintf(stderr,
               "wfr: failed: %s: %s\n",
               visible(task_name(plan, failed.task)).c_str(),
               visible_text(reason_in(failed.message)).c_str());
}

void print_summary(const JobResult& result) {
  const Progress& p = result.progress;
  std::string text = fmt::format("wfr: {} of {} tasks done", p.done, p.total);
  if (p.up_to_date > 0) text += fmt::format(" ({} were up to date)", p.up_to_date);
  if (p.failed > 0) text += fmt::format(", {} failed", p.failed);
  if (p.upstream_failed > 0) text += fmt::format(", {} blocked", p.upstream_failed);
  if (result.interrupted) text += fmt::format(", stopped by SIG{}", sigabbrev_np(result.signal));
  std::printf("%s\n", text.c_str());
}

// `--use whole-node`, of an exclusive job: all cpus and all memory that it has been given there.
bool uses_whole_node(const Options& options) {
  const std::string use = optional_value(options, "use");
  if (!use.empty() && use != "whole-node") throw UsageError("`--use` knows only `whole-node`");
  return use == "whole-node" && std::getenv("SLURM_JOB_ID") != nullptr;
}

// A number of `scontrol show node`, "RealMemory=4000"; 0 without.
std::uint64_t number_of_node(const std::string& text, const std::string& key) {
  const std::string value = value_in_scontrol(text, key);
  return whole_number(value).value_or(0);
}

// What the machine has, and of that what Slurm hands out: of `--mem=0` it tells the job nothing.
std::uint64_t node_mb() {
  const std::uint64_t allocated = allocated_mb();
  struct sysinfo info {};
  if (allocated > 0 || sysinfo(&info) != 0) return allocated;
  constexpr std::uint64_t kMegabyte = 1U << 20U;
  const std::uint64_t physical =
      static_cast<std::uint64_t>(info.totalram) * info.mem_unit / kMegabyte;
  const char* node = std::getenv("SLURMD_NODENAME");
  if (node == nullptr) return physical;
  const std::string said =
      capture_within({"scontrol", "-o", "show", "node", node}, 30).value_or("");
  const std::uint64_t real = number_of_node(said, "RealMemory");
  // 1 is that of a node that declares none.
  if (real <= 1) return physical;
  return std::min(physical, real - std::min(real - 1, number_of_node(said, "MemSpecLimit")));
}

JobOptions job_options(const Plan& plan, const Options& options, const fs::path& out) {
  JobOptions job;
  const bool finalizer = options.contains("finalizer");
  if (finalizer == options.contains("array")) {
    throw UsageError("give one of `--array` and `--finalizer`");
  }
  if (finalizer) job.tasks = finalizer_task(plan, required(options, "finalizer"));
  job.always_run = finalizer;
  job.out_dir = out;
  job.under_slurm = true;
  // Started by hand it has no script that has loaded the modules.
  job.prepare_environment = std::getenv("SLURM_JOB_ID") == nullptr;
  const std::uint32_t on_node = number_from("SLURM_CPUS_ON_NODE").value_or(1);
  const bool whole_node = uses_whole_node(options);
  job.cpus = whole_node ? on_node : number_from("SLURM_CPUS_PER_TASK").value_or(on_node);
  if (!finalizer) {
    const JobArray& array = find_array(plan, required(options, "array"));
    const ResourceSpec& asked = job_of(plan, array);
    // Without `mem` in the workflow the site's default is enforced by Slurm alone.
    job.mem_mb = whole_node ? node_mb() : asked.mem_mb;
    job.time_s = asked.time_s;
    if (std::getenv("SLURM_JOB_ID") == nullptr) job.cpus = std::max(job.cpus, asked.cpus);
  }
  if (const std::string reason = optional_value(options, "unprepared"); !reason.empty()) {
    // Said once, not for each task.
    job.unprepared = unprepared_text(reason);
    std::printf("wfr: %s\n", visible_text(job.unprepared).c_str());
  } else {
    job.on_failure = [&plan](const FailedTask& failed) { print_failure(plan, failed); };
  }
  job.on_warning = [](const std::string& text) {
    std::fprintf(stderr, "wfr: warning: %s\n", visible_text(text).c_str());
  };
  return job;
}

// What a job of a later pass finds to do, from the records.
Selection chosen_tasks(const Plan& plan,
                       const JobArray& array,
                       const Options& options,
                       const fs::path& out) {
  const std::uint32_t index = array_index(options);
  if (index >= array.size()) {
    throw UsageError(fmt::format("job array `{}` has no index {}", array.name, index));
  }
  const StepRanges tasks = tasks_of_share(plan, array, index);
  SlotStore slots(plan, state_paths(out, plan.hash), true);
  // After a requeue the attempts without an end are this job's own: they are simply made again.
  if (number_from("SLURM_RESTART_COUNT").value_or(0) == 0) {
    settle_lost(plan, slots, tasks, ask_slurm(out));
  }
  return select_pass(plan, slots, tasks, array.pass, {array.job.mem_mb, array.job.time_s});
}

// The tasks of such jobs lie between each other's, so each has a place of its own behind the slots.
std::vector<std::pair<StepId, Range>> claim_of_share(const Plan& plan,
                                                     const JobArray& array,
                                                     std::uint32_t share) {
  std::vector<std::pair<StepId, Range>> claim;
  for (const StepId step : plan.families.at(index_of(array.family)).steps) {
    const std::uint32_t place = plan.graph.tasks(step).count + share;
    claim.emplace_back(step, Range{place, place + 1});
  }
  return claim;
}

int run_array(Plan plan, const Options& options, const fs::path& out) {
  JobOptions job = job_options(plan, options, out);
  const std::string name = optional_value(options, "array");
  const bool repeats = !name.empty() && find_array(plan, name).repeats();
  std::optional<Selection> chosen;
  if (repeats) {
    const JobArray& array = find_array(plan, name);
    chosen = chosen_tasks(plan, array, options, out);
    if (chosen->size() == 0) {
      std::printf("wfr: pass %u: nothing to retry\n", array.pass);
      return 0;
    }
    job.tasks = chosen->hulls();
    job.only = &*chosen;
    job.claim = claim_of_share(plan, array, array_index(options));
    climb(plan.steps, array.pass, {array.job.mem_mb, array.job.time_s});
  } else if (!name.empty()) {
    const JobArray& array = find_array(plan, name);
    const Family& family = plan.families.at(index_of(array.family));
    const std::uint32_t block = block_of_index(plan, array, options);
    job.tasks = range_by_range(tasks_of_block(plan, family, block));
    const bool consecutive = plan.maps.at(family.block_map).order.empty();
    if (!consecutive) job.claim = claim_of_share(plan, array, block);
  }
  const JobResult result = run_job(plan, job);
  print_summary(result);
  if (std::any_of(result.failures.begin(), result.failures.end(), [](const FailedTask& failed) {
        return may_be_the_nodes(failed.kind);
      })) {
    const std::string told =
        leave_own_node_out(plan, state_paths(out, plan.hash), optional_value(options, "run"));
    if (!told.empty()) std::printf("wfr: %s\n", told.c_str());
  }
  if (result.interrupted && result.signal == SIGUSR1) {
    const std::uint64_t made = result.progress.done - result.progress.up_to_date;
    std::printf("wfr: %s\n", requeue(made > 0, repeats).c_str());
  }
  return result.complete() ? 0 : 1;
}

}  // namespace

int job_command(std::span<const std::string> words) {
  const Options options = parse_options(
      words, {"plan", "array", "index", "table", "run", "finalizer", "use", "unprepared"});
  const std::string& hash = required(options, "plan");
  const fs::path out = fs::current_path();
  require_own_out(out, hash);
  raise_descriptor_limit();
  // Each line at once: the log is read while the job runs, and a killed job loses nothing.
  std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);
  // Of a job that is not the run's the plan may be gone.
  if (!owned(hash, options, out)) return 0;
  return run_array(map_plan(out / "plan" / hash / "plan.wfp", hash), options, out);
}

}  // namespace wfr
