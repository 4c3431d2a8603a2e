// wfc plan: what a workflow would ask of a site, and when it would be done; nothing is written.
#include "compiler/commands/command.hpp"
#include "compiler/commands/outlook.hpp"
#include "compiler/commands/rest_of_plan.hpp"
#include "compiler/commands/targets.hpp"
#include "compiler/driver/out_owner.hpp"
#include "compiler/driver/out_place.hpp"
#include "compiler/tune/history.hpp"
#include "compiler/view/gantt.hpp"
#include "compiler/view/plan_report.hpp"
#include "runtime/plan/visible.hpp"
#include "runtime/run/carry.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <thread>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <sys/sysinfo.h>

namespace wfc {
namespace {

namespace fs = std::filesystem;

struct PlanOptions {
  CompileOptions compile;
  bool json = false;
  bool all = false;
  bool trust_records = false;
  bool why = false;
  bool force = false;
  std::vector<std::string> targets;
  bool simulate = false;
  std::uint32_t nodes = 0;
  std::filesystem::path gantt;
};

// What `wfc run` would share out: the site's word for it, else this machine.
wfr::Budget machine_of(const Site& site) {
  constexpr std::uint64_t kMegabyte = 1U << 20U;
  wfr::Budget machine{site.max_cpus, site.max_mem_mb};
  if (machine.cpus == 0) machine.cpus = std::max(1U, std::thread::hardware_concurrency());
  struct sysinfo info {};
  if (machine.mem_mb == 0 && sysinfo(&info) == 0) {
    machine.mem_mb = static_cast<std::uint64_t>(info.totalram) * info.mem_unit / kMegabyte;
  }
  return machine;
}

PlanReport report_of(const PlanOptions& options, const Compiled& compiled, const wfr::Plan& plan) {
  const Workflow& workflow = compiled.front.workflow;
  PlanReport report{workflow, plan, {}, {}, {}, {}, {}, {}, {}};
  report.times = task_times(workflow, read_history(options.compile.out));
  if (workflow.site.local) {
    report.machine = machine_of(workflow.site);
    report.planned = local_workload(workflow, plan, report.times, *report.machine);
  } else {
    report.planned = plan_workload(workflow, plan, report.times);
  }
  report.demand = demand_of(workflow, plan, report.times, report.planned);
  if (options.why) report.notes = compiled.notes;
  if (!options.simulate) return report;
  const std::optional<std::uint32_t> nodes =
      options.nodes > 0 ? std::optional(options.nodes) : std::nullopt;
  report.forecast = workflow.site.local ? local_forecast(report.planned, *report.machine)
                                        : forecast(workflow, report.planned, nodes);
  return report;
}

bool anything_recorded(const wfr::Plan& plan, const wfr::StatePaths& state) {
  return std::any_of(plan.order.begin(), plan.order.end(), [&](wfr::StepId id) {
    return fs::exists(state.slots(plan.step(id)));
  });
}

PlanRest rest_of(const Outlook& outlook) {
  const wfr::Decision& decision = outlook.decision();
  return {decision.of(wfr::Fate::UpToDate),
          decision.of(wfr::Fate::Blocked),
          decision.of(wfr::Fate::Live),
          outlook.json()};
}

std::string notes_of(const Outlook& outlook, const Compiled& compiled, const PlanOptions& options) {
  const wfr::Caller caller = caller_of(options.compile);
  const bool local = compiled.front.workflow.site.local;
  return wfr::visible_text(outlook.notes(local ? commands_for_run(caller, options.targets)
                                               : commands_for_submit(caller)));
}

std::string notes_text(const PlanReport& report) {
  std::string text = "\n";
  for (const PassNote& note : report.notes) text += fmt::format("  {}: {}\n", note.pass, note.text);
  return report.notes.empty() ? "\n  nothing to explain: every step has plain jobs of its own\n"
                              : text;
}

bool write_gantt(const PlanOptions& options, const PlanReport& report) {
  std::ofstream stream(options.gantt, std::ios::binary);
  stream << gantt_svg(report);
  stream.close();
  if (stream) return true;
  std::cerr << fmt::format("wfc plan: error: cannot write `{}`\n",
                           wfr::visible_text(options.gantt.string()));
  return false;
}

// What is left to do of what the targets ask for; nullopt where that is everything, done or not.
std::optional<Outlook> outlook_of(const PlanOptions& options,
                                  const wfr::Plan& plan,
                                  const wfr::StateView& state) {
  const wfr::Caller caller = caller_of(options.compile);
  const wfr::Selection asked = select_tasks(plan, options.targets);
  const wfr::Selection tasks = options.targets.empty() ? asked : with_needs(plan, asked);
  // What another workflow has done there is nothing to this one.
  Sink others;
  const bool ours = out_is_ours(options.compile.workflow, options.compile.out, others);
  const bool all = options.all || !ours;
  const bool whole = options.targets.empty() && !options.force;
  if (whole && all) return std::nullopt;
  wfr::DecideOptions decide{&tasks, options.trust_records};
  if (options.force) decide.again = &asked;
  if (all) decide.again = &tasks;
  return std::optional<Outlook>(std::in_place, plan, caller.out, state.paths(), decide, caller);
}

int show(const PlanOptions& options, const Compiled& compiled, bool refused) {
  const wfr::StateView state(caller_of(options.compile).out, compiled.plan);
  const std::optional<Outlook> outlook = outlook_of(options, compiled.plan, state);
  const bool part = !options.targets.empty() || options.force;
  const bool rest = outlook && (part || anything_recorded(compiled.plan, state.paths()));
  const wfr::Plan plan = rest ? rest_of_plan(compiled.plan, outlook->decision()) : compiled.plan;
  PlanReport report = report_of(options, compiled, plan);
  report.refused = refused;
  // Tools are told what is in the way also where nothing has been done yet.
  if (rest || (options.json && outlook && outlook->is_occupied())) report.rest = rest_of(*outlook);
  std::cout << (options.json ? plan_json(report) : plan_table(report));
  if (outlook && !options.json) std::cout << notes_of(*outlook, compiled, options);
  if (const std::string none = no_tasks_text(compiled.plan); !options.json && !none.empty()) {
    std::cout << none << (rest ? outlook->owed_finalizers_text() : "");
  }
  if (options.why && !options.json) std::cout << notes_text(report);
  if (!options.gantt.empty() && !write_gantt(options, report)) return 1;
  return refused ? 1 : 0;
}

int run(PlanOptions options) {
  options.simulate = options.simulate || options.nodes > 0 || !options.gantt.empty();
  options.compile.why = options.why;
  options.compile.show_refused = true;
  Sink sink;
  const std::optional<Compiled> compiled = compile(options.compile, false, sink);
  const bool fits = compiled && may_be_out(*compiled, options.compile.out, sink);
  const bool refused = finish(sink) != 0;
  if (!fits) return 1;
  try {
    return show(options, *compiled, refused);
  } catch (const std::invalid_argument& error) {
    std::cerr << "wfc plan: error: " << wfr::visible_text(error.what()) << '\n';
    return 2;
  }
}

}  // namespace

void add_plan(CLI::App& app, Action& action) {
  CLI::App* command =
      app.add_subcommand("plan", "show what would be submitted, what it costs and when it ends");
  auto options = std::make_shared<PlanOptions>();
  add_compile_options(*command, options->compile, {&options->targets});
  command->add_flag("--json", options->json, "print it as JSON, for tools");
  command->add_flag("--all", options->all, "show everything, as if nothing were done");
  command->add_flag("--force", options->force, "include the targets although they are up to date");
  add_trust_option(*command, options->trust_records);
  command->add_flag("--why", options->why, "explain why the jobs are as they are");
  command->add_flag(
      "--simulate", options->simulate, "simulate Slurm: when steps begin, end and wait");
  command->add_option("--nodes", options->nodes, "the number of nodes to simulate")
      ->check(CLI::Range(1U, 1'000'000U));
  command->add_option("--gantt", options->gantt, "simulate, and write the Gantt chart as SVG");
  command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace wfc
