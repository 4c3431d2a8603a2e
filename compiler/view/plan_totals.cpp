// Totals against limits, the critical path, and the last sentence.
#include "compiler/view/amounts.hpp"
#include "compiler/view/drawing.hpp"
#include "compiler/view/plan_report.hpp"
#include "compiler/view/text_table.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

namespace wfc {
namespace {

constexpr std::size_t kLabelWidth = 14;
constexpr std::size_t kPathWidth = 80;

std::string total(const std::string& label, const std::string& text) {
  return fmt::format("  {:<{}}  {}\n", label, kLabelWidth, text);
}

// "52 % of max_submit_jobs 500"; "" for a limit that is not known.
std::string share_text(std::uint64_t amount, std::uint64_t limit, const char* name) {
  if (limit == 0) return {};
  return fmt::format(", {} of {} {}",
                     percent_text(static_cast<double>(amount) / static_cast<double>(limit)),
                     name,
                     with_commas(limit));
}

std::string money(double core_seconds, double price) {
  constexpr double kHour = 3600;
  return fmt::format("{:.2f}", core_seconds / kHour * price);
}

// "core-hours 3,100 asked, 1,200 expected".
std::string hours_text(const Demand& demand) {
  std::string text = core_hours_text(demand.asked_core_s) + " asked";
  if (!demand.asks_time) text += " (not every job asks for a time)";
  if (demand.knows_time) text += ", " + core_hours_text(demand.expected_core_s) + " expected";
  return text;
}

std::string cost_text(const PlanReport& report) {
  const double price = report.workflow.site.price;
  const Demand& demand = report.demand;
  std::string text = "at most " + money(demand.asked_core_s, price);
  if (!demand.asks_time)
    text = money(demand.asked_core_s, price) + " for those that ask for a time";
  if (demand.knows_time) text += ", " + money(demand.expected_core_s, price) + " expected";
  return text + fmt::format(", at {} a core-hour", price);
}

// The middle of a long path is left out.
std::string path_text(const PlanReport& report) {
  const CriticalPath& path = report.demand.critical_path;
  std::vector<std::string> names;
  for (const StepId id : path.steps) names.push_back(report.plan.step(id).name);
  std::string text = fmt::format("{}", fmt::join(names, " -> "));
  if (text_width(text) > kPathWidth && names.size() > 3) {
    text = fmt::format(
        "{} -> {} -> ({} more) -> {}", names[0], names[1], names.size() - 3, names.back());
  }
  return text;
}

// ", by the times asked for"; what is only assumed is always said.
std::string doubt_text(const PlanReport& report) {
  const std::vector<StepId>& steps = report.demand.critical_path.steps;
  const auto is_from = [&](TimeFrom from) {
    return [&report, from](StepId id) { return report.times[wfr::index_of(id)].from == from; };
  };
  if (std::any_of(steps.begin(), steps.end(), is_from(TimeFrom::Assumed))) {
    return ", some of it assumed";
  }
  const bool asked = std::all_of(steps.begin(), steps.end(), is_from(TimeFrom::Asked));
  return asked ? ", by the times asked for" : "";
}

// "1 min for each task of `a` and `b`: nothing says how long they take"; "" when all is known.
std::string assumed_text(const PlanReport& report) {
  std::vector<std::string> names;
  for (const StepId id : report.plan.order) {
    if (report.times[wfr::index_of(id)].from != TimeFrom::Assumed) continue;
    if (report.plan.graph.tasks(id).count > 0) names.push_back(report.plan.step(id).name);
  }
  if (names.empty()) return {};
  constexpr std::size_t kMostNames = 3;
  std::string who = fmt::format("`{}`", fmt::join(names, "`, `"));
  if (names.size() > kMostNames) who = count_text(names.size(), "step", "steps");
  return fmt::format("{} for each task of {}: no `estimate`, record or `time`",
                     span_text(kAssumedTaskSeconds),
                     who);
}

}  // namespace

std::string plan_totals(const PlanReport& report) {
  const Demand& demand = report.demand;
  const Site& site = report.workflow.site;
  std::string text = total("tasks", with_commas(demand.tasks));
  if (report.rest) {
    text += total("up to date", with_commas(report.rest->up_to_date) + " more");
    if (report.rest->in_queue > 0)
      text += total("in the queue", with_commas(report.rest->in_queue));
    if (report.rest->blocked > 0) text += total("blocked", with_commas(report.rest->blocked));
  }
  if (site.local) {
    text += total("machine",
                  fmt::format("{}, {} of memory",
                              count_text(report.machine->cpus, "cpu", "cpus"),
                              memory_text(report.machine->mem_mb)));
  } else {
    text += total("jobs",
                  with_commas(demand.jobs) +
                      share_text(demand.jobs, site.max_submit_jobs, "max_submit_jobs") +
                      share_text(demand.jobs, site.max_job_count, "max_job_count"));
    text += total("submissions",
                  with_commas(demand.submissions) +
                      share_text(demand.submissions, site.max_submissions, "max_submissions"));
    text += total("core-hours", hours_text(demand));
    if (site.price > 0) text += total("cost", cost_text(report));
  }
  const CriticalPath& path = demand.critical_path;
  if (path.steps.empty()) return text;
  text += total("critical path", span_text(path.seconds) + doubt_text(report));
  text += total("", path_text(report));
  const std::string assumed = assumed_text(report);
  return assumed.empty() ? text : text + total("assumed", assumed);
}

std::string plan_sentence(const PlanReport& report) {
  const Demand& demand = report.demand;
  const std::string tasks = count_text(demand.tasks, "task", "tasks");
  std::string text;
  if (report.workflow.site.local) {
    text = tasks +
           fmt::format(" run in one job on {}", count_text(report.machine->cpus, "cpu", "cpus"));
  } else {
    text = tasks + " in " + count_text(demand.jobs, "job", "jobs") + " by " +
           count_text(demand.submissions, "call", "calls") + " of sbatch";
    if (demand.knows_time) {
      const std::string hours = core_hours_text(demand.expected_core_s);
      text += (hours.starts_with("under") ? ", " : ", about ") + hours + " core-hours";
    } else if (demand.asked_core_s > 0) {
      text += ", " + core_hours_text(demand.asked_core_s) + " core-hours";
    }
  }
  if (report.forecast && report.forecast->run.stuck.empty()) {
    text +=
        ", done in about " + span_text(static_cast<double>(report.forecast->run.makespan) / 1000);
    if (!report.workflow.site.local) {
      text += " on " + count_text(report.forecast->cluster.nodes, "node", "nodes");
    }
    if (!assumed_text(report).empty()) text += ", some of it assumed";
  } else if (!demand.critical_path.steps.empty()) {
    text += fmt::format(", {} on the critical path", span_text(demand.critical_path.seconds));
    if (doubt_text(report).ends_with("assumed")) text += doubt_text(report);
  }
  return text + "\n";
}

}  // namespace wfc
