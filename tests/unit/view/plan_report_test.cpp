// What the Gantt chart shows, and amounts as people read them.
#include "compiler/view/plan_report.hpp"

#include "compiler/graph/partition.hpp"
#include "compiler/view/amounts.hpp"
#include "compiler/view/gantt.hpp"
#include "compiler/view/svg_text.hpp"
#include "compiler/view/text_table.hpp"
#include "tests/unit/slurm/fixture.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

namespace wfc {
namespace {

using test::Example;
using test::kChannel;
using test::kSession;

// split -> filter -> gather on two nodes of eight cpus, a minute a task.
struct Reported {
  Reported(std::uint32_t sessions, std::uint32_t channels) : example(sessions, channels) {
    const StepId split = example.step("split <&>", kSession);
    const StepId filter = example.step("filter", kChannel);
    const StepId gather = example.step("gather", kSession);
    example.edge(split, filter, kSession);
    example.edge(filter, gather, kSession);
    for (StepDef& step : example.workflow.steps) step.spec.resources.time_s = 60;
    example.workflow.site.max_cpus = 8;
    example.workflow.site.max_nodes = 2;
    example.workflow.site.max_job_count = 0;
    example.workflow.site.max_array_size = 100'000;
    Sink sink;
    plan = example.lower(sink);
    REQUIRE_FALSE(sink.has_errors());
  }
  PlanReport report() {
    PlanReport made{example.workflow, plan, {}, {}, {}, {}, {}, {}, {}};
    made.times = task_times(example.workflow, {});
    made.planned = plan_workload(example.workflow, plan, made.times);
    made.demand = demand_of(example.workflow, plan, made.times, made.planned);
    made.forecast = forecast(example.workflow, made.planned, std::nullopt);
    return made;
  }
  Example example;
  wfr::Plan plan;
};

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

TEST_CASE("few jobs are bars, each in a lane of its own") {
  Reported small(2, 10);
  const Gantt gantt = make_gantt(small.report(), 100, 600, 24);
  REQUIRE(gantt.rows.size() == 4);
  const GanttRow& filter = gantt.rows[1];
  CHECK(filter.jobs == 20);
  CHECK(filter.bars.size() == 20);
  CHECK(filter.lanes == 16);
  for (const GanttBar& a : filter.bars) {
    CHECK(a.end <= gantt.makespan);
    for (const GanttBar& b : filter.bars) {
      if (&a == &b || a.lane != b.lane) continue;
      CHECK((a.end <= b.begin || b.end <= a.begin));
    }
  }
  CHECK(gantt.names == std::vector<std::string>{"verdict", "split <&>", "filter", "gather"});
}

TEST_CASE("many jobs are an area that holds as much time as they take") {
  Reported large(20, 100);
  const PlanReport report = large.report();
  const Gantt gantt = make_gantt(report, 100, 600, 24);
  const GanttRow& filter = gantt.rows[1];
  CHECK(filter.bars.empty());
  CHECK(filter.peak <= 16.001);
  double area = 0;
  for (const double jobs : filter.running) area += jobs;
  const double bin_s = static_cast<double>(gantt.makespan) / 1000 / 100;
  CHECK(area * bin_s == Approx(2000 * 60.0));
  double cpus = 0;
  for (const std::vector<double>& colour : gantt.cpus) {
    for (const double used : colour) cpus += used;
  }
  CHECK(cpus * bin_s == Approx(static_cast<double>(report.forecast->run.busy_cpu_ms) / 1000));
}

TEST_CASE("the picture is small, whole and safe whatever the names and numbers") {
  Reported small(2, 10);
  const std::string few = gantt_svg(small.report());
  CHECK(few.find("split &lt;&amp;&gt;") != std::string::npos);
  CHECK(few.find("split <") == std::string::npos);
  CHECK(count_of(few, "<text") == count_of(few, "</text>"));
  // A bar a job: 2 + 20 + 2, the verdict, four bands, the total's, the ground, four of the legend.
  CHECK(count_of(few, "<rect") == 25 + 4 + 1 + 1 + 4);
  Reported large(100, 124);
  const std::string many = gantt_svg(large.report());
  CHECK(many.size() < 60'000);
  CHECK(many.find("12,400 jobs, at most 16 at once") != std::string::npos);
  CHECK(many.find("nan") == std::string::npos);
  CHECK(many.find("inf") == std::string::npos);
}

TEST_CASE("the chart in characters and the table stay within 100 columns") {
  Reported large(20, 100);
  const std::string text = plan_table(large.report());
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', begin);
    CHECK(text_width(text.substr(begin, end - begin)) <= 100);
    begin = end + 1;
  }
  CHECK(text.find("2,040 tasks in 2,041 jobs by 4 calls of sbatch") != std::string::npos);
}

TEST_CASE("amounts are rounded for reading") {
  CHECK(slurm_time(5400) == "1:30:00");
  CHECK(slurm_time(2 * 86400 + 12 * 3600) == "2-12:00:00");
  CHECK(slurm_time(0) == "-");
  CHECK(span_text(0.25) == "250 ms");
  CHECK(span_text(12.34) == "12.3 s");
  CHECK(span_text(59.96) == "1 min");
  CHECK(span_text(250) == "4 min 10 s");
  CHECK(span_text(3599.6) == "1 h");
  CHECK(span_text(9 * 3600 + 12 * 60 + 20) == "9 h 12 min");
  CHECK(span_text(86399) == "1 d");
  CHECK(span_text(3 * 86400 + 4 * 3600) == "3 d 4 h");
  CHECK(memory_text(500) == "500M");
  CHECK(memory_text(4096) == "4G");
  CHECK(memory_text(1536) == "1.5G");
  CHECK(core_hours_text(0) == "0.00");
  CHECK(core_hours_text(900) == "0.25");
  CHECK(core_hours_text(60) == "0.017");
  CHECK(core_hours_text(3.6) == "0.001");
  CHECK(core_hours_text(0.1) == "under 0.001");
  CHECK(core_hours_text(3600 * 31) == "31.0");
  CHECK(core_hours_text(3600.0 * 3100) == "3,100");
  CHECK(percent_text(0.004) == "0.4 %");
  CHECK(percent_text(0.13) == "13 %");
  CHECK(percent_text(0.0002) == "under 0.1 %");
  CHECK(percent_text(0) == "0 %");
  CHECK(count_text(1, "job", "jobs") == "1 job");
}

TEST_CASE("an axis has between five and eleven round marks") {
  for (const double seconds : {4.0, 37.0, 61.0, 400.0, 3000.0, 9000.0, 80'000.0, 1e6, 3e7}) {
    const double marks = seconds / round_step(seconds);
    INFO(seconds);
    CHECK(marks <= 10);
    CHECK(marks >= 3);
  }
  CHECK(axis_text(90, 30) == "1:30 min");
  CHECK(axis_text(5400, 1800) == "1:30 h");
  CHECK(axis_text(7200, 3600) == "2 h");
  CHECK(axis_text(108'000, 21'600) == "1 d 6 h");
}

TEST_CASE("long names are cut at a character") {
  CHECK(shortened("abcdef", 4) == "ab..");
  CHECK(shortened("abcd", 4) == "abcd");
  CHECK(shortened("\xC3\xA4\xC3\xB6\xC3\xBC\xC3\xA4\xC3\xB6", 4) == "\xC3\xA4\xC3\xB6..");
  CHECK(text_width("\xC3\xA4\xC3\xB6") == 2);
}

}  // namespace
}  // namespace wfc
