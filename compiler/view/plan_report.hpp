// Everything that `wfc plan` shows, and the forms it is shown in.
#pragma once

#include "compiler/graph/pass_note.hpp"
#include "compiler/slurm/demand.hpp"
#include "compiler/slurm/forecast.hpp"
#include "compiler/workflow/workflow.hpp"
#include "runtime/plan/plan.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace wfc {

// What is left out of the numbers, since something has been run before.
struct PlanRest {
  std::uint64_t up_to_date = 0;
  std::uint64_t blocked = 0;
  std::uint64_t in_queue = 0;
  std::string json;  // of Outlook
};

struct PlanReport {
  const Workflow& workflow;
  const wfr::Plan& plan;
  std::vector<TaskTime> times;  // by StepId
  PlanWorkload planned;
  Demand demand;
  std::optional<wfr::Budget> machine;  // for a local site
  std::optional<Forecast> forecast;    // with --simulate
  std::vector<PassNote> notes;         // with --why
  std::optional<PlanRest> rest = {};   // the plan is what would run now, beside this
  bool refused = false;                // by the site's limits: nothing would be submitted
};

// The table, the totals, with --simulate when each step runs, and one sentence at the end. At most
// 100 columns unless a name is longer.
std::string plan_table(const PlanReport& report);
// The totals and the last sentence: parts of the table.
std::string plan_totals(const PlanReport& report);
std::string plan_sentence(const PlanReport& report);
// The begins, ends and waits of steps, and the Gantt chart in characters.
std::string forecast_table(const PlanReport& report);
// All of it as one JSON object.
std::string plan_json(const PlanReport& report);

}  // namespace wfc
