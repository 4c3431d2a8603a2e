// Questions to a plan.
#include "tests/unit/plan/sample_plan.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

namespace wfr::test {

TEST_CASE("steps are found by name and tasks are counted without finalizers", "[plan]") {
  const Plan plan = sample_plan();
  CHECK(plan.find_step("gather") == kGather);
  CHECK(plan.find_step("nobody") == StepId{kNone});
  CHECK(plan.task_count() == 2 + 5 + 3 + 2 + 5);
}

TEST_CASE("a task is named by its step and its directories", "[plan]") {
  const Plan plan = sample_plan();
  CHECK(task_name(plan, {kSplit, 1}) == "split:session 02");
  CHECK(task_name(plan, {kHighpass, 3}) == "highpass:session 02/array'\"3/channel004");
  CHECK(task_name(plan, {kSnapshot, 0}) == "snapshot");
}

// Without the names of the steps.
std::vector<std::vector<Range>> ranges_of(const StepRanges& tasks) {
  std::vector<std::vector<Range>> ranges;
  for (const auto& [step, some] : tasks) ranges.push_back(some);
  return ranges;
}

TEST_CASE("a block holds the tasks of its nodes for each step of the family", "[plan]") {
  const Plan plan = sample_plan();
  using Ranges = std::vector<std::vector<Range>>;
  CHECK(ranges_of(tasks_of_block(plan, plan.families[0], 1)) == Ranges{{{1, 2}}});
  CHECK(ranges_of(tasks_of_block(plan, plan.families[1], 0)) == Ranges{{{0, 2}}, {{0, 2}}});
  CHECK(ranges_of(tasks_of_block(plan, plan.families[1], 1)) == Ranges{{{2, 5}}, {{2, 5}}});
  CHECK(ranges_of(tasks_of_block(plan, plan.families[2], 2)) == Ranges{{{2, 3}}});
  CHECK_THROWS_AS(tasks_of_block(plan, plan.families[2], 3), PlanError);
}

TEST_CASE("a block may be any set of nodes", "[plan]") {
  Plan plan = sample_plan();
  BlockMap& map = plan.maps[2];
  const Family& family = plan.families[2];
  using Ranges = std::vector<Range>;
  CHECK(tasks_of_block(plan, family, 0).front().second == Ranges{{1, 2}});
  CHECK(tasks_of_block(plan, family, 1).front().second == Ranges{{0, 1}});
  map.begin = plan.storage.keep(std::vector<std::uint32_t>{0, 2, 3});
  map.order = plan.storage.keep(std::vector<std::uint32_t>{0, 2, 1});
  map.block = plan.storage.keep(std::vector<std::uint32_t>{0, 1, 0});
  CHECK(tasks_of_block(plan, family, 0).front().second == Ranges{{0, 1}, {2, 3}});
  CHECK(tasks_of_block(plan, family, 1).front().second == Ranges{{1, 2}});
  CHECK(range_by_range(tasks_of_block(plan, family, 0)) ==
        std::vector<std::pair<StepId, Range>>{{kSort, {0, 1}}, {kSort, {2, 3}}});
  CHECK(nodes_of_blocks(map, {0, 2}) == Ranges{{0, 3}});
  for (TaskIndex task = 0; task < 3; ++task) {
    CHECK(block_of(plan.graph, map, {kSort, task}) == map.block[task]);
  }
}

TEST_CASE("ranges are sorted and joined where they touch", "[plan]") {
  std::vector<Range> ranges{{5, 7}, {0, 1}, {3, 3}, {7, 9}, {2, 3}};
  join_ranges(ranges);
  CHECK(ranges == std::vector<Range>{{0, 1}, {2, 3}, {5, 9}});
  for (TaskIndex task = 0; task < 10; ++task) {
    CHECK(holds(ranges, task) == (task == 0 || task == 2 || (task >= 5 && task < 9)));
  }
}

TEST_CASE("a family above its steps' level takes everything below a node", "[plan]") {
  Plan plan = sample_plan();
  const Family family{{kHighpass, kSort, kGather}, 0, {}};
  using Ranges = std::vector<std::vector<Range>>;
  CHECK(ranges_of(tasks_of_block(plan, family, 0)) == Ranges{{{0, 3}}, {{0, 3}}, {{0, 1}}});
  CHECK(ranges_of(tasks_of_block(plan, family, 1)) == Ranges{{{3, 5}}, {}, {{1, 2}}});
}

TEST_CASE("the summary has steps and arrays, and nothing per task", "[plan]") {
  Plan plan = sample_plan();
  serialize_plan(plan);
  const auto json = nlohmann::json::parse(plan_summary_json(plan));
  CHECK(json["hash"] == plan.hash);
  CHECK(json["tasks"] == 17);
  CHECK(json["steps"].size() == 6);
  CHECK(json["steps"][1]["needs"] == nlohmann::json::array({"split"}));
  CHECK(json["steps"][5]["on"] == "success");
  CHECK(json["levels"][2] ==
        nlohmann::json({{"name", "channel"}, {"under", "array"}, {"directories", 5}}));
  CHECK(json["arrays"][1]["steps"] == nlohmann::json::array({"highpass", "neighbours"}));
  CHECK(json["arrays"][2]["after"][0]["kind"] == "aftercorr");
  CHECK(plan_summary_json(plan).find("channel001") == std::string::npos);
}

}  // namespace wfr::test
