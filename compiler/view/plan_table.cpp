// The table before submission: a row for each job array, totals against the site's limits, one
// sentence.
#include "compiler/view/amounts.hpp"
#include "compiler/view/drawing.hpp"
#include "compiler/view/plan_report.hpp"
#include "compiler/view/text_table.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace wfc {
namespace {

constexpr std::size_t kNameWidth = 30;
constexpr std::size_t kLineWidth = 100;
constexpr std::size_t kIndent = 2;

// "1000", "2 x 1000 + 400", with "%20"; "15 x 4 to 6" where many differ.
std::string array_text(const DemandRow& row) {
  constexpr std::size_t kMostTerms = 4;
  std::string text;
  std::size_t terms = 0;
  for (std::size_t c = 0; c < row.chunks.size();) {
    std::size_t same = c;
    while (same < row.chunks.size() && row.chunks[same] == row.chunks[c]) ++same;
    if (!text.empty()) text += " + ";
    if (same - c > 1) text += fmt::format("{} x ", same - c);
    text += fmt::format("{}", row.chunks[c]);
    c = same;
    ++terms;
  }
  if (terms > kMostTerms) {
    const auto [least, most] = std::minmax_element(row.chunks.begin(), row.chunks.end());
    text = fmt::format("{} x {} to {}", row.chunks.size(), *least, *most);
  }
  if (row.at_once > 0) text += fmt::format(" %{}", row.at_once);
  return text.empty() ? "-" : text;
}

std::string cpus_text(const DemandRow& row) {
  if (row.nodes <= 1) return with_commas(row.cores);
  return fmt::format("{} on {} nodes", with_commas(row.cores), row.nodes);
}

// The steps of a row on lines of their own, where there are several.
std::string members_text(const PlanReport& report, const DemandRow& row) {
  if (row.steps.size() < 2) return {};
  const std::string lead(kIndent + 2, ' ');
  std::string text;
  std::string line = lead;
  for (std::size_t s = 0; s < row.steps.size(); ++s) {
    const std::string name = report.plan.step(row.steps[s]).name;
    const std::string word = name + (s + 1 < row.steps.size() ? ", " : "");
    if (text_width(line + word) > kLineWidth) {
      text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
      line = lead;
    }
    line += word;
  }
  return text + line + "\n";
}

std::string jobs_table(const PlanReport& report) {
  const Demand& demand = report.demand;
  std::vector<std::vector<std::string>> rows{
      {"job", "tasks", "jobs", "array", "cpus", "mem", "time", "core-h"}};
  if (demand.knows_time) rows[0].emplace_back("expected");
  for (const DemandRow& row : demand.rows) {
    rows.push_back({shortened(row.name, kNameWidth),
                    row.of == JobsOf::Verdict || row.pass > 1 ? "-" : with_commas(row.tasks),
                    with_commas(row.jobs),
                    array_text(row),
                    cpus_text(row),
                    memory_text(row.mem_mb),
                    slurm_time(row.time_s),
                    row.asked_core_s > 0 ? core_hours_text(row.asked_core_s) : "-"});
    if (demand.knows_time) rows.back().push_back(core_hours_text(row.expected_core_s));
  }
  const std::string table = text_table(rows, kIndent);
  // The steps of fused and packed jobs go below their row.
  std::string text = table.substr(0, table.find('\n') + 1);
  std::size_t begin = text.size();
  for (const DemandRow& row : demand.rows) {
    const std::size_t end = table.find('\n', begin) + 1;
    text += table.substr(begin, end - begin) + members_text(report, row);
    begin = end;
  }
  return text;
}

std::string local_table(const PlanReport& report) {
  std::vector<std::vector<std::string>> rows{
      {"step", "tasks", "cpus", "mem", "one task", "from", "core-h"}};
  for (const StepId id : report.plan.order) {
    const wfr::StepSpec& step = report.plan.step(id);
    const std::uint32_t count = report.plan.graph.tasks(id).count;
    if (count == 0) continue;
    const TaskTime& time = report.times[wfr::index_of(id)];
    rows.push_back({shortened(step.name, kNameWidth),
                    with_commas(count),
                    with_commas(step.resources.cpus),
                    memory_text(step.resources.mem_mb),
                    span_text(time.seconds),
                    time_from_name(time.from),
                    core_hours_text(time.seconds * count * step.resources.cpus)});
  }
  return text_table(rows, kIndent);
}

std::string notes_text(const PlanReport& report) {
  std::string text;
  for (const std::string& doubt : report.demand.doubts) text += "  doubtful: " + doubt + "\n";
  return text;
}

// Nothing would be submitted.
std::string nothing_text(const PlanReport& report) {
  const std::string tasks = count_text(report.rest->up_to_date, "task", "tasks");
  std::string text = report.workflow.name + ": ";
  if (report.rest->in_queue > 0) {
    text += count_text(report.rest->in_queue, "task", "tasks") + " in the queue, ";
  }
  const bool all = report.rest->in_queue + report.rest->blocked == 0;
  // There is none at all: the caller says so.
  if (all && report.rest->up_to_date == 0) return {};
  return text + (all ? "everything is up to date (" + tasks + ")" : tasks + " up to date") + "\n";
}

}  // namespace

std::string plan_table(const PlanReport& report) {
  if (report.rest && report.demand.tasks == 0) return nothing_text(report);
  const bool local = report.workflow.site.local;
  std::string text = fmt::format(
      "{}: what {} would do\n\n",
      report.workflow.name,
      local ? "`wfc run`" : fmt::format("`submit.sh` on site `{}`", report.workflow.site.name));
  text += local ? local_table(report) : jobs_table(report);
  text += "\n" + plan_totals(report);
  const std::string notes = notes_text(report);
  if (!notes.empty()) text += "\n" + notes;
  if (report.forecast) text += "\n" + forecast_table(report);
  if (report.refused) {
    text += fmt::format("\nnothing of it can be submitted: site `{}` refuses it\n",
                        report.workflow.site.name);
  }
  return text + "\n" + plan_sentence(report);
}

}  // namespace wfc
