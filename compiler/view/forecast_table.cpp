// When each step begins and ends, what was assumed, and the Gantt chart in characters.
#include "compiler/view/amounts.hpp"
#include "compiler/view/drawing.hpp"
#include "compiler/view/gantt.hpp"
#include "compiler/view/text_table.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace wfc {
namespace {

constexpr std::size_t kNameWidth = 26;
constexpr std::uint32_t kChartWidth = 68;
constexpr std::size_t kIndent = 2;
// Bins of the chart in which less than this share of a job runs are blank.
constexpr double kLittle = 1e-3;

// Since the release of the jobs: "0:12:30".
std::string clock_text(Milliseconds at) {
  const auto seconds = static_cast<std::uint64_t>((at + 500) / 1000);
  return seconds == 0 ? "0:00:00" : slurm_time(seconds);
}

std::string steps_table(const PlanReport& report) {
  std::vector<std::vector<std::string>> rows{
      {"step", "tasks", "one task", "from", "begins", "ends", "waits"}};
  for (const StepForecast& step : report.forecast->steps) {
    const TaskTime& time = report.times[wfr::index_of(step.step)];
    rows.push_back({shortened(report.plan.step(step.step).name, kNameWidth + 4),
                    with_commas(report.plan.graph.tasks(step.step).count),
                    span_text(time.seconds),
                    time_from_name(time.from),
                    clock_text(step.begin),
                    clock_text(step.end),
                    span_text(step.wait_s)});
    if (report.workflow.site.local) rows.back().pop_back();
  }
  if (report.workflow.site.local) rows[0].pop_back();
  return text_table(rows, kIndent);
}

std::string cluster_text(const PlanReport& report) {
  const SimCluster& cluster = report.forecast->cluster;
  std::string text =
      count_text(cluster.nodes, "node", "nodes") + " of " + count_text(cluster.cpus, "cpu", "cpus");
  if (cluster.mem_mb > 0) text += " and " + memory_text(cluster.mem_mb);
  return text;
}

// '#' when at least half of the row's most run, '-' when fewer do, '.' while some only wait.
char shade(const GanttRow& row, std::uint32_t bin) {
  constexpr double kHalf = 0.5;
  if (row.running[bin] >= row.peak * kHalf && row.running[bin] > 0) return '#';
  if (row.running[bin] > kLittle) return '-';
  return row.waiting[bin] > kLittle ? '.' : ' ';
}

}  // namespace

std::string gantt_text(const PlanReport& report) {
  const Gantt gantt = make_gantt(report, kChartWidth, 0, 0);
  std::size_t width = 0;
  for (const GanttRow& row : gantt.rows) {
    width = std::max(width, text_width(shortened(row.title, kNameWidth)));
  }
  std::string text;
  for (const GanttRow& row : gantt.rows) {
    const std::string title = shortened(row.title, kNameWidth);
    text += std::string(kIndent, ' ') + title + std::string(width - text_width(title), ' ') + " |";
    for (std::uint32_t bin = 0; bin < gantt.bins; ++bin) text += shade(row, bin);
    text += "|\n";
  }
  const std::string end = clock_text(gantt.makespan);
  text += std::string(kIndent + width + 2, ' ') + fmt::format("0{:>{}}\n", end, kChartWidth - 1);
  return text + fmt::format("  # many run   - few run   . wait; one column is {}\n",
                            span_text(static_cast<double>(gantt.makespan) / 1000 / kChartWidth));
}

std::string forecast_table(const PlanReport& report) {
  const Forecast& forecast = *report.forecast;
  std::string text = fmt::format("simulated on {}\n\n", cluster_text(report));
  text += steps_table(report) + "\n" + gantt_text(report) + "\n";
  text += fmt::format(
      "  {:<14}  {}\n", "makespan", span_text(static_cast<double>(forecast.run.makespan) / 1000));
  text += report.workflow.site.local
              ? fmt::format("  {:<14}  {} used by tasks\n", "cpus", percent_text(forecast.used))
              : fmt::format("  {:<14}  {} given to jobs, {} used by tasks\n",
                            "cpus",
                            percent_text(forecast.allocated),
                            percent_text(forecast.used));
  for (const std::string& assumption : forecast.assumptions) {
    text += fmt::format("  {:<14}  {}\n", "assumed", assumption);
  }
  for (const std::uint32_t array : forecast.run.stuck) {
    text += fmt::format("  {:<14}  `{}`: no node has room for a job of it, or it waits for one\n",
                        "never begins",
                        report.planned.arrays[array].name);
  }
  return text;
}

}  // namespace wfc
