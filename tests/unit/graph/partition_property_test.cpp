// Whatever the workflow and the keys: each task in one job, and no job that waits for itself.
#include "tests/unit/graph/partition_text.hpp"

#include <random>
#include <vector>

#include <catch2/catch.hpp>

namespace wfc::test {
namespace {

using Random = std::mt19937;

unsigned below(Random& random, unsigned n) {
  return static_cast<unsigned>(random() % n);
}

bool one_in(Random& random, unsigned n) {
  return below(random, n) == 0;
}

LevelId any_level(Random& random) {
  return LevelId{static_cast<std::uint16_t>(below(random, 4))};
}

void add_random_steps(Recordings& data, Random& random) {
  const unsigned steps = 2 + below(random, 8);
  for (unsigned i = 0; i < steps; ++i) {
    const StepId id = data.step("s" + std::to_string(i), any_level(random));
    if (one_in(random, 4)) data.def(id).where.push_back({kSession, "", {"session1"}, {}});
    if (one_in(random, 6)) data.def(id).spec.environment.conda = "other";
    if (one_in(random, 6)) data.def(id).spec.limit = 2;
    if (one_in(random, 2)) data.def(id).estimate_s = 60 + static_cast<double>(below(random, 3000));
    if (data.def(id).spec.each == wfr::kRootLevel) data.def(id).where.clear();
    data.def(id).spec.allow_empty = true;
    for (unsigned from = 0; from < i; ++from) {
      if (!one_in(random, 3)) continue;
      NeedDef& need = data.need(id, StepId{from});
      if (one_in(random, 4)) need.via = wfr::kRootLevel;
    }
  }
}

void add_random_keys(Recordings& data, Random& random) {
  JobsDef& jobs = data.workflow.jobs;
  if (one_in(random, 2)) jobs.per = any_level(random);
  if (one_in(random, 3)) jobs.split = any_level(random);
  if (one_in(random, 2)) jobs.pack = 1 + below(random, 5);
  if (one_in(random, 2)) jobs.cpus = 1 + below(random, 8);
  jobs.fuse = one_in(random, 2);
  if (one_in(random, 3)) data.workflow.site.max_time_s = 7200;
  if (one_in(random, 3)) data.workflow.site.max_job_count = 12;
  for (StepDef& step : data.workflow.steps) {
    if (one_in(random, 4)) step.fuse = one_in(random, 2);
    if (one_in(random, 5)) step.pack = 1 + below(random, 3);
    if (!one_in(random, 4)) continue;
    LevelId level = step.spec.each;
    while (level != wfr::kRootLevel && one_in(random, 2)) level = data.workflow.level(level).under;
    step.job_level = level;
  }
}

// The job of every task: family and block.
using Jobs = std::vector<std::vector<std::pair<std::size_t, std::uint32_t>>>;

Jobs jobs_of(const wfr::Plan& plan) {
  Jobs jobs(plan.steps.size());
  for (std::size_t step = 0; step < plan.steps.size(); ++step) {
    jobs[step].resize(plan.graph.instances[step].count, {wfr::kNone, wfr::kNone});
  }
  for (std::size_t f = 0; f < plan.families.size(); ++f) {
    const wfr::Family& family = plan.families[f];
    for (std::uint32_t block = 0; block < plan.maps[family.block_map].blocks(); ++block) {
      for (const auto& [step, ranges] : tasks_of_block(plan, family, block)) {
        for (const wfr::Range& range : ranges) {
          for (std::uint32_t task = range.begin; task < range.end; ++task) {
            auto& job = jobs[wfr::index_of(step)][task];
            REQUIRE(job.first == wfr::kNone);
            job = {f, block};
          }
        }
      }
    }
  }
  return jobs;
}

void check_edges(const wfr::Plan& plan, const Jobs& jobs) {
  for (const wfr::Edge& edge : plan.graph.edges) {
    const auto& consumers = jobs[wfr::index_of(edge.to)];
    for (std::uint32_t task = 0; task < consumers.size(); ++task) {
      for (const wfr::TaskIndex from : producers(plan.graph, edge, task)) {
        const auto& before = jobs[wfr::index_of(edge.from)][from];
        // In an earlier family, or in the very same job.
        REQUIRE((before.first < consumers[task].first || before == consumers[task]));
      }
    }
  }
}

}  // namespace

TEST_CASE("every task is in one job, which waits only for earlier ones") {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    INFO("seed " << seed);
    Random random(seed);
    Recordings data(2, 2);
    add_random_steps(data, random);
    add_random_keys(data, random);
    Sink expanding;
    Expanded expanded = expand_on(data.disk, data.workflow, expanding);
    if (expanding.has_errors()) continue;  // a gather over nothing
    Sink sink;
    const Split split{expanded.workflow.jobs.split, 1 + below(random, 3)};
    JobGraph jobs = partition(expanded.workflow, expanded.graph, split, sink);
    if (sink.has_errors()) continue;  // a directory takes longer than the site allows
    wfr::Plan plan;
    plan.graph = std::move(expanded.graph);
    for (const StepDef& step : expanded.workflow.steps) plan.steps.push_back(step.spec);
    plan.maps = std::move(jobs.maps);
    plan.families = std::move(jobs.families);
    plan.storage = std::move(jobs.storage);
    const Jobs found = jobs_of(plan);
    for (const auto& step : found) {
      for (const auto& job : step) REQUIRE(job.first != wfr::kNone);
    }
    check_edges(plan, found);
  }
}

}  // namespace wfc::test
