// The table for tools. Times in seconds, memory in megabytes, since 0 where nothing else is said.
#include "compiler/view/plan_report.hpp"

#include <nlohmann/json.hpp>

namespace wfc {
namespace {

using nlohmann::ordered_json;

constexpr double kHour = 3600;

// Names may hold any bytes of TOML's UTF-8; anything else is replaced.
std::string dumped(const ordered_json& json) {
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

ordered_json names_of(const PlanReport& report, const std::vector<StepId>& steps) {
  ordered_json names = ordered_json::array();
  for (const StepId id : steps) names.push_back(report.plan.step(id).name);
  return names;
}

ordered_json seconds(Milliseconds at) {
  return at == kNever ? ordered_json(nullptr) : ordered_json(static_cast<double>(at) / 1000);
}

const char* kind_name(JobsOf of) {
  switch (of) {
    case JobsOf::Verdict:
      return "verdict";
    case JobsOf::Finalizer:
      return "finalizer";
    case JobsOf::Family:
      break;
  }
  return "tasks";
}

ordered_json jobs_json(const PlanReport& report) {
  ordered_json jobs = ordered_json::array();
  for (const DemandRow& row : report.demand.rows) {
    ordered_json item{{"name", row.name},
                      {"kind", kind_name(row.of)},
                      {"steps", names_of(report, row.steps)},
                      {"tasks", row.tasks},
                      {"jobs", row.jobs},
                      {"arrays", row.chunks},
                      {"at_once", row.at_once}};
    if (row.pass > 1) item["pass"] = row.pass;
    if (!report.workflow.site.local) {
      item["nodes"] = row.nodes;
      item["cpus"] = row.cores;
      item["mem_mb"] = row.mem_mb;
      item["time_s"] = row.time_s;
      item["core_hours_asked"] = row.asked_core_s / kHour;
    }
    item["core_hours_expected"] = row.expected_core_s / kHour;
    jobs.push_back(std::move(item));
  }
  return jobs;
}

ordered_json steps_json(const PlanReport& report) {
  ordered_json steps = ordered_json::array();
  for (const StepId id : report.plan.order) {
    const TaskTime& time = report.times[wfr::index_of(id)];
    ordered_json item{{"name", report.plan.step(id).name},
                      {"tasks", report.plan.graph.tasks(id).count},
                      {"task_s", time.seconds},
                      {"from", time_from_name(time.from)}};
    if (time.records > 0) item["records"] = time.records;
    steps.push_back(std::move(item));
  }
  return steps;
}

ordered_json totals_json(const PlanReport& report) {
  const Demand& demand = report.demand;
  const Site& site = report.workflow.site;
  ordered_json totals{{"tasks", demand.tasks}};
  if (!site.local) {
    totals["jobs"] = demand.jobs;
    totals["submissions"] = demand.submissions;
    totals["limits"] = {{"max_submissions", site.max_submissions},
                        {"max_submit_jobs", site.max_submit_jobs},
                        {"max_job_count", site.max_job_count}};
    totals["core_hours_asked"] = demand.asked_core_s / kHour;
    totals["every_job_asks_for_time"] = demand.asks_time;
  }
  totals["core_hours_expected"] = demand.expected_core_s / kHour;
  if (site.price > 0) {
    totals["price"] = site.price;
    totals["cost_asked"] = demand.asked_core_s / kHour * site.price;
    totals["cost_expected"] = demand.expected_core_s / kHour * site.price;
  }
  totals["critical_path"] = {{"seconds", demand.critical_path.seconds},
                             {"steps", names_of(report, demand.critical_path.steps)}};
  return totals;
}

ordered_json forecast_json(const PlanReport& report) {
  const Forecast& forecast = *report.forecast;
  ordered_json steps = ordered_json::array();
  for (const StepForecast& step : forecast.steps) {
    steps.push_back({{"name", report.plan.step(step.step).name},
                     {"begin_s", seconds(step.begin)},
                     {"end_s", seconds(step.end)},
                     {"wait_s", step.wait_s}});
  }
  ordered_json stuck = ordered_json::array();
  for (const std::uint32_t array : forecast.run.stuck) {
    stuck.push_back(report.planned.arrays[array].name);
  }
  return {{"nodes", forecast.cluster.nodes},
          {"cpus", forecast.cluster.cpus},
          {"mem_mb", forecast.cluster.mem_mb},
          {"assumed", forecast.assumptions},
          {"makespan_s", seconds(forecast.run.makespan)},
          {"cpus_given", forecast.allocated},
          {"cpus_used", forecast.used},
          {"steps", std::move(steps)},
          {"never_begin", std::move(stuck)}};
}

ordered_json notes_json(const PlanReport& report) {
  ordered_json notes = ordered_json::array();
  for (const PassNote& note : report.notes) {
    notes.push_back(
        {{"pass", note.pass}, {"steps", names_of(report, note.steps)}, {"text", note.text}});
  }
  return notes;
}

}  // namespace

std::string plan_json(const PlanReport& report) {
  ordered_json json{{"workflow", report.workflow.name},
                    {"site", report.workflow.site.name},
                    {"local", report.workflow.site.local},
                    {"jobs", jobs_json(report)},
                    {"steps", steps_json(report)},
                    {"totals", totals_json(report)}};
  if (report.machine) {
    json["machine"] = {{"cpus", report.machine->cpus}, {"mem_mb", report.machine->mem_mb}};
  }
  if (report.refused) json["refused"] = true;
  json["doubts"] = report.demand.doubts;
  if (report.forecast) json["simulation"] = forecast_json(report);
  if (report.rest) json["now"] = ordered_json::parse(report.rest->json);
  if (!report.notes.empty()) json["notes"] = notes_json(report);
  return dumped(json);
}

}  // namespace wfc
