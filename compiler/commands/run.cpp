// wfc run: the workflow on this machine, with the same scheduler and records as under Slurm.
#include "compiler/commands/command.hpp"
#include "compiler/commands/local_state.hpp"
#include "compiler/commands/outlook.hpp"
#include "compiler/commands/run_view.hpp"
#include "compiler/commands/show.hpp"
#include "compiler/commands/targets.hpp"
#include "compiler/driver/out_owner.hpp"
#include "compiler/driver/out_place.hpp"
#include "compiler/driver/write_output.hpp"
#include "runtime/plan/visible.hpp"
#include "runtime/run/carry.hpp"
#include "runtime/run/descriptors.hpp"
#include "runtime/run/job.hpp"
#include "runtime/run/live_tasks.hpp"
#include "runtime/run/look_progress.hpp"
#include "runtime/run/occupied.hpp"
#include "runtime/run/old_plans.hpp"
#include "runtime/run/posix_processes.hpp"
#include "runtime/run/run_passes.hpp"

#include <charconv>
#include <cstdio>
#include <iostream>
#include <memory>
#include <thread>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <sys/sysinfo.h>
#include <unistd.h>

namespace wfc {
namespace {

namespace fs = std::filesystem;

struct RunOptions {
  CompileOptions compile;
  unsigned jobs = std::max(1U, std::thread::hardware_concurrency());
  std::string memory;
  bool fail_fast = false;
  bool force = false;
  bool dry_run = false;
  bool show = false;
  bool json = false;
  bool trust_records = false;
  bool set_aside = false;
  bool replace = false;
  std::vector<std::string> targets;
};

// What a run is about.
struct Chosen {
  wfr::Selection asked;  // the targets
  wfr::Selection tasks;  // with all that they need
};

Chosen choose(const RunOptions& options, const wfr::Plan& plan) {
  wfr::Selection asked = select_tasks(plan, options.targets);
  wfr::Selection tasks = options.targets.empty() ? asked : with_needs(plan, asked);
  return {std::move(asked), std::move(tasks)};
}

// "16G", "4000M", "512" (MB) to MB; the machine's memory for "".
std::uint64_t memory_mb(const std::string& text) {
  constexpr std::uint64_t kKilo = 1024;
  if (text.empty()) {
    struct sysinfo info {};
    if (sysinfo(&info) != 0) return 0;
    return static_cast<std::uint64_t>(info.totalram) * info.mem_unit / (kKilo * kKilo);
  }
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const std::string_view unit(end, text.data() + text.size());
  std::uint64_t factor = 0;
  if (unit.empty() || unit == "M" || unit == "MB") factor = 1;
  if (unit == "G" || unit == "GB") factor = kKilo;
  if (unit == "T" || unit == "TB") factor = kKilo * kKilo;
  constexpr std::uint64_t kMost = std::uint64_t{1} << 40U;  // 1 EiB
  if (error != std::errc() || factor == 0 || value == 0 || value > kMost / factor) {
    throw CLI::ValidationError("takes a size such as 16G, not `" + text + "`");
  }
  return value * factor;
}

wfr::JobOptions job_options(const RunOptions& options, const fs::path& out, RunView& view) {
  wfr::JobOptions job;
  job.out_dir = out;
  job.cpus = options.jobs;
  job.mem_mb = memory_mb(options.memory);
  job.prepare_environment = true;
  job.keep_going = !options.fail_fast;
  job.on_progress = [&view](const wfr::Progress& progress) { view.progress(progress); };
  job.on_failure = [&view](const wfr::FailedTask& failed) { view.failure(failed); };
  job.on_warning = [&view](const std::string& text) { view.note("warning: " + text); };
  job.on_stop = [&view](std::size_t running) {
    view.note(fmt::format("stopping {} running task{}; press Ctrl-C again to kill {}",
                          running,
                          running == 1 ? "" : "s",
                          running == 1 ? "it" : "them"));
  };
  return job;
}

// Those whose condition holds, one after the other; says how they ended. Nothing new to tell: none,
// unless one is still owed.
bool run_finalizers(const wfr::Plan& plan, wfr::JobOptions job, const wfr::JobResult& result) {
  const bool success = result.complete();
  const bool news = result.progress.done > result.progress.up_to_date || !success;
  bool good = true;
  wfr::SlotStore slots(plan, wfr::state_paths(job.out_dir, plan.hash), false);
  job.only = job.again = nullptr;
  job.always_run = true;
  job.on_progress = nullptr;
  for (const wfr::StepId id : plan.order) {
    const wfr::FinalizerKind kind = plan.step(id).finalizer;
    if (kind == wfr::FinalizerKind::None) continue;
    if (kind == wfr::FinalizerKind::Success && !success) continue;
    if (kind == wfr::FinalizerKind::Failure && success) continue;
    if (!news && slots.of(id).read(0).verdict == wfr::Verdict::Done) continue;
    job.tasks = {{id, wfr::Range{0, 1}}};
    job.variables = {std::string("WFC_VERDICT=") + (success ? "success" : "failure"),
                     fmt::format("WFC_DONE={}", result.progress.done),
                     fmt::format("WFC_FAILED={}", result.progress.failed)};
    const wfr::JobResult ended = run_job(plan, job);
    const char* word = ended.progress.failed > 0 ? "failed" : "not done";
    std::cout << fmt::format(
        "finalizer `{}`: {}\n", plan.step(id).name, ended.complete() ? "done" : word);
    good = ended.complete() && good;
  }
  return good;
}

// What stands in the places of outputs and is somebody else's: false, and said, when nobody has
// said what shall become of it.
bool clear_places(const RunOptions& options,
                  const wfr::Plan& plan,
                  const fs::path& out,
                  const wfr::Decision& decision) {
  const wfr::StatePaths state = wfr::state_paths(out, plan.hash);
  const wfr::Occupied occupied = wfr::find_occupied(plan, out, state, decision);
  if (occupied.places.empty()) return true;
  if (options.set_aside) {
    wfr::set_aside(occupied);
  } else if (options.replace) {
    wfr::own_to_replace(plan, out, occupied);
  } else {
    const std::string text = wfr::occupied_text(
        plan, occupied, commands_for_run(caller_of(options.compile), options.targets));
    std::cerr << "wfc run: error: " << wfr::visible_text(text) << '\n';
  }
  return options.set_aside || options.replace;
}

// `wfc run -n`.
int foresee(const RunOptions& options, const wfr::Plan& plan, const fs::path& out) {
  const Chosen chosen = choose(options, plan);
  const wfr::StateView state(out, plan);
  wfr::DecideOptions decide{&chosen.tasks, options.trust_records};
  if (options.force) decide.again = &chosen.asked;
  const wfr::Caller caller = caller_of(options.compile);
  const Outlook outlook(plan, out, state.paths(), decide, caller);
  std::cout << (options.json
                    ? outlook.json()
                    : wfr::visible_text(outlook.text(commands_for_run(caller, options.targets))));
  if (options.show) show_commands(plan, out, outlook.decision(), std::cout);
  return 0;
}

// What would run, decided before anything does.
wfr::Decision foretell(const wfr::Plan& plan,
                       const fs::path& out,
                       const wfr::JobOptions& job,
                       const wfr::Selection& tasks) {
  wfr::DecideOptions options{&tasks};
  options.on_progress = wfr::look_progress();
  options.again = job.again;
  if (job.left != nullptr) {
    options.live = [&job](wfr::Task task) { return job.left->contains(task); };
  }
  return decide(plan, out, wfr::state_paths(out, plan.hash), options);
}

int execute(const RunOptions& options, const Compiled& compiled) {
  Sink sink;
  const fs::path out = fs::absolute(options.compile.out).lexically_normal();
  const wfr::Plan& plan = compiled.plan;
  if (options.dry_run) {
    const bool ours = out_is_ours(options.compile.workflow, options.compile.out, sink) &&
                      may_be_out(compiled, options.compile.out, sink);
    if (!ours) return finish(sink);
    return foresee(options, plan, out);
  }
  const Chosen chosen = choose(options, plan);
  if (!write_plan(compiled, options.compile.out, sink)) return finish(sink);
  wfr::raise_descriptor_limit();
  const RunLock lock(out);
  take_over(plan, out);
  if (!keep_plan(compiled, options.compile.out, sink)) return finish(sink);
  wfr::remove_old_plans(out, plan.hash, wfr::AskedBy::Run);

  const bool whole = options.targets.empty();
  const wfr::Caller caller = caller_of(options.compile);
  RunView view(plan, caller, isatty(STDERR_FILENO) != 0);
  wfr::JobOptions job = job_options(options, out, view);
  job.tasks = chosen.tasks.hulls();
  if (!whole) job.only = &chosen.tasks;
  if (options.force) job.again = &chosen.asked;
  const wfr::Selection live = live_tasks(plan, out, job.on_warning);
  if (live.size() > 0) job.left = &live;
  const wfr::Decision decision = foretell(plan, out, job, chosen.tasks);
  if (!clear_places(options, plan, out, decision)) return 1;
  const std::string none = no_tasks_text(plan);
  if (none.empty()) {
    view.note(begin_text(plan, decision, wfr::shown_path(out / "logs", caller.directory)));
  }
  const std::int64_t begun = wfr::monotonic_ns();
  const wfr::JobResult result =
      run_passes(plan, job, run_job(plan, job), [&view](std::uint32_t pass, std::uint64_t count) {
        view.note(fmt::format("pass {}: retrying {} task{} with what `retry` adds",
                              pass,
                              count,
                              count == 1 ? "" : "s"));
      });
  view.clear();
  const double seconds = static_cast<double>(wfr::monotonic_ns() - begun) / 1e9;
  std::cerr << view.groups_text();
  std::cout << (none.empty() ? summary_text(plan, result, seconds) : none) << std::flush;
  if (result.interrupted) {
    std::cerr << "stopped; what is done is kept: the same command goes on from here\n";
    constexpr int kSignalBase = 128;
    return kSignalBase + result.signal;
  }
  // A part of the workflow is no success and no failure of the whole.
  const bool finalized = !whole || run_finalizers(plan, job, result);
  if (!result.failures.empty()) {
    std::cerr << fmt::format(
        "for details: {}\n",
        propose(wfr::Proposal::Why, caller, {task_name(plan, result.failures[0].task)}));
  }
  return result.complete() && finalized ? 0 : 1;
}

int run(const RunOptions& options) {
  memory_mb(options.memory);
  Sink sink;
  const std::optional<Compiled> compiled = compile(options.compile, true, sink);
  const int status = finish(sink);
  if (!compiled || status != 0) return 1;
  try {
    return execute(options, *compiled);
  } catch (const std::invalid_argument& error) {
    std::cerr << "wfc run: error: " << wfr::visible_text(error.what()) << '\n';
    return 2;
  }
}

}  // namespace

void add_run(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("run", "run a workflow on this machine");
  auto options = std::make_shared<RunOptions>();
  add_compile_options(*command, options->compile, {&options->targets});
  command->add_flag("--force", options->force, "run the targets although they are up to date");
  command->add_option("-j,--jobs", options->jobs, "number of cpus to use")
      ->check(CLI::Range(1U, 65536U))
      ->capture_default_str();
  command
      ->add_option("--mem",
                   options->memory,
                   "memory for all running tasks, such as 16G; all of the machine by default")
      ->check([](const std::string& text) {
        try {
          memory_mb(text);
          return std::string();
        } catch (const CLI::ValidationError& error) {
          return std::string(error.what());
        }
      });
  command->add_flag(
      "!--keep-going,--fail-fast", options->fail_fast, "start no further task after a failure");
  CLI::Option* dry_run =
      command->add_flag("-n,--dry-run", options->dry_run, "show what would run, and why");
  command->add_flag("--json", options->json, "with -n: print it as JSON, for tools")
      ->needs(dry_run);
  command->add_flag("--show", options->show, "with -n: print the command of each task")
      ->needs(dry_run);
  add_trust_option(*command, options->trust_records)->needs(dry_run);
  CLI::Option* aside =
      command->add_flag("--set-aside",
                        options->set_aside,
                        "keep what is in the places of outputs as NAME.before-wfc");
  command
      ->add_flag("--replace",
                 options->replace,
                 "replace what is in the places of outputs, when each new one is complete")
      ->excludes(aside);
  command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace wfc
