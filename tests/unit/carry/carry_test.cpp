// Carrying from one plan to the next: by names, whatever has come, gone or been renamed.
#include "runtime/run/carry.hpp"

#include "runtime/run/carry_tree.hpp"
#include "tests/unit/plan/sample_plan.hpp"

#include <filesystem>

#include <catch2/catch.hpp>

namespace wfr::test {
namespace {

Names names_of(const std::vector<std::string>& values, Storage& storage) {
  std::vector<std::uint64_t> begin{0};
  std::vector<char> bytes;
  for (const std::string& value : values) {
    bytes.insert(bytes.end(), value.begin(), value.end());
    begin.push_back(bytes.size());
  }
  return {storage.keep(std::move(begin)), storage.keep(std::move(bytes))};
}

// A tree of days with channels below them.
Tree tree_of(const std::vector<std::pair<std::string, std::vector<std::string>>>& days) {
  Tree tree;
  std::vector<std::string> day_names;
  std::vector<std::string> channel_names;
  std::vector<Ordinal> channel_parent;
  std::vector<std::uint32_t> channel_begin{0};
  for (const auto& [day, channels] : days) {
    for (const std::string& channel : channels) {
      channel_names.push_back(channel);
      channel_parent.push_back(static_cast<Ordinal>(day_names.size()));
    }
    day_names.push_back(day);
    channel_begin.push_back(static_cast<std::uint32_t>(channel_names.size()));
  }
  const auto count = static_cast<std::uint32_t>(day_names.size());
  tree.levels.resize(3);
  tree.levels[0].names = names_of({""}, tree.storage);
  tree.levels[0].children = {{LevelId{1}, tree.storage.keep(std::vector<std::uint32_t>{0, count})}};
  tree.levels[1].name = "day";
  tree.levels[1].names = names_of(day_names, tree.storage);
  tree.levels[1].parent = tree.storage.keep(std::vector<Ordinal>(count, 0));
  tree.levels[1].children = {{LevelId{2}, tree.storage.keep(std::move(channel_begin))}};
  tree.levels[2].name = "channel";
  tree.levels[2].under = LevelId{1};
  tree.levels[2].names = names_of(channel_names, tree.storage);
  tree.levels[2].parent = tree.storage.keep(std::move(channel_parent));
  return tree;
}

Plan plan_of(Tree tree, const std::string& step, const std::string& was = "") {
  Plan plan;
  plan.graph.tree = std::move(tree);
  StepSpec spec;
  spec.name = step;
  spec.was = was;
  spec.each = LevelId{2};
  plan.steps = {spec};
  plan.graph.instances = {all_nodes(LevelId{2}, plan.graph.tree.levels[2].size())};
  plan.order = {StepId{0}};
  return plan;
}

Slot slot_of(Verdict verdict, std::uint64_t mark) {
  Slot slot;
  slot.verdict = verdict;
  slot.key = {mark, mark};
  return slot;
}

std::vector<std::uint64_t> marks(const Plan& plan, const StatePaths& state) {
  const SlotFile slots(state.slots(plan.steps[0]), plan.graph.instances[0].count, false);
  std::vector<std::uint64_t> result;
  for (TaskIndex i = 0; i < plan.graph.instances[0].count; ++i)
    result.push_back(slots.read(i).key.low);
  return result;
}

using Marks = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("trees are merged by the names on the way down", "[carry]") {
  const Tree from = tree_of({{"a", {"1", "2"}}, {"b", {"1", "2", "4"}}, {"d", {"1"}}});
  const Tree to = tree_of({{"b", {"0", "2", "3", "4"}}, {"c", {"1"}}, {"d", {"1"}}});
  const auto matches = match_trees(from, to);
  CHECK(matches[1].nodes == std::vector<Ordinal>{kNone, 0, 2});
  CHECK(matches[2].nodes == std::vector<Ordinal>{kNone, kNone, kNone, 1, 3, 5});
  Tree renamed = tree_of({{"b", {"2"}}});
  renamed.levels[1].name = "night";
  CHECK(match_trees(from, renamed)[2].to == kNoLevel);
}

TEST_CASE("what is done moves with its directories, and nothing else", "[carry]") {
  const ScratchDirectory scratch;
  const Plan from = plan_of(tree_of({{"a", {"1"}}, {"b", {"1", "2", "3"}}}), "filter");
  const StatePaths old_state = state_paths(scratch.path(), "old");
  {
    SlotFile slots(old_state.slots(from.steps[0]), 4, true);
    slots.write(0, slot_of(Verdict::Done, 10));
    slots.write(1, slot_of(Verdict::Done, 11));
    slots.write(2, slot_of(Verdict::Failed, 12));
    slots.write(3, slot_of(Verdict::Done, 13));
  }
  const Plan to = plan_of(tree_of({{"b", {"1", "15", "2", "3"}}, {"c", {"1"}}}), "clean", "filter");
  const StatePaths new_state = state_paths(scratch.path(), "new");
  const CarryResult result = carry(from, old_state, to, new_state);
  CHECK(result.carried == 2);
  CHECK(result.dropped == 1);
  CHECK(marks(to, new_state) == Marks{11, 0, 0, 13, 0});

  // Again: the same, and nothing is written over.
  SlotFile(new_state.slots(to.steps[0]), 5, true).write(0, slot_of(Verdict::Failed, 99));
  const CarryResult again = carry(from, old_state, to, new_state);
  CHECK(again.carried == 0);
  CHECK(again.kept == 2);
  CHECK(marks(to, new_state) == Marks{99, 0, 0, 13, 0});
  // No temporary is left.
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(new_state.dir / "slots")) {
    CHECK(entry.path().extension() == ".slots");
    ++files;
  }
  CHECK(files == 1);
}

TEST_CASE("a step at another level or without tasks carries nothing", "[carry]") {
  const ScratchDirectory scratch;
  const Plan from = plan_of(tree_of({{"a", {"1"}}}), "filter");
  const StatePaths old_state = state_paths(scratch.path(), "old");
  SlotFile(old_state.slots(from.steps[0]), 1, true).write(0, slot_of(Verdict::Done, 1));
  Plan to = plan_of(tree_of({{"a", {"1"}}}), "filter");
  to.steps[0].each = LevelId{1};
  to.graph.instances = {all_nodes(LevelId{1}, 1)};
  CHECK(carry(from, old_state, to, state_paths(scratch.path(), "new")).carried == 0);
  to = plan_of(tree_of({{"a", {"1"}}}), "filter");
  to.steps[0].finalizer = FinalizerKind::Always;
  CHECK(carry(from, old_state, to, state_paths(scratch.path(), "new")).carried == 0);
  CHECK_FALSE(std::filesystem::exists(scratch.path() / "state/new"));
}

TEST_CASE("subsets of directories are carried by rank", "[carry]") {
  const ScratchDirectory scratch;
  Plan from = sample_plan();
  Plan to = sample_plan();
  // The old sort had channels 0, 1, 2; the new one has 1, 2 and 4.
  to.graph.instances[2] =
      make_instances(kChannel, {false, true, true, false, true}, to.graph.storage);
  const StatePaths old_state = state_paths(scratch.path(), "old");
  const StatePaths new_state = state_paths(scratch.path(), "new");
  {
    SlotFile slots(old_state.slots(from.step(kSort)), 3, true);
    for (TaskIndex i = 0; i < 3; ++i) slots.write(i, slot_of(Verdict::Done, i + 1));
  }
  const CarryResult result = carry(from, old_state, to, new_state);
  CHECK(result.carried == 2);
  CHECK(result.dropped == 1);
  const SlotFile slots(new_state.slots(to.step(kSort)), 3, false);
  CHECK(slots.read(0).key.low == 2);
  CHECK(slots.read(1).key.low == 3);
  CHECK(slots.read(2).verdict == Verdict::None);
}

TEST_CASE("the record of a carried task is found in the log of its plan", "[carry]") {
  const ScratchDirectory scratch;
  Plan plan = sample_plan();
  const StatePaths old_state = state_paths(scratch.path(), "old");
  const StatePaths new_state = state_paths(scratch.path(), "new");
  Slot slot = slot_of(Verdict::Done, 1);
  {
    LogWriter log(old_state.log_dir());
    Record record;
    record.kind = RecordKind::End;
    record.message = "of the old plan";
    slot.log_offset = log.append(record);
    slot.log_file = log.file_id();
    // The new plan's log has the same name and a record at the same offset.
    LogWriter other(new_state.log_dir());
    record.message = "of the new plan";
    CHECK(other.append(record) == slot.log_offset);
    SlotFile(old_state.slots(plan.step(kSplit)), 2, true).write(1, slot);
  }
  CHECK(carry(plan, old_state, plan, new_state).carried == 1);
  const Slot carried = SlotFile(new_state.slots(plan.step(kSplit)), 2, false).read(1);
  const auto record = read_record(new_state.log_dir(), carried);
  REQUIRE(record);
  CHECK(record->message == "of the old plan");
}

TEST_CASE("an out directory carries by hashes; what is not there carries nothing", "[carry]") {
  const ScratchDirectory scratch;
  Plan from = sample_plan();
  Plan to = sample_plan();
  to.steps[0].resources.cpus = 3;
  for (Plan* plan : {&from, &to}) {
    const std::string bytes = serialize_plan(*plan);
    write_file(scratch.path() / "plan" / plan->hash / "plan.wfp", bytes);
  }
  SlotFile(state_paths(scratch.path(), from.hash).slots(from.step(kSplit)), 2, true)
      .write(0, slot_of(Verdict::Done, 1));
  CHECK(carry(scratch.path(), "", to.hash).carried == 0);
  CHECK(carry(scratch.path(), std::string(32, 'a'), to.hash).carried == 0);
  CHECK(carry(scratch.path(), from.hash, from.hash).carried == 0);
  CHECK_THROWS_AS(carry(scratch.path(), from.hash, std::string(32, 'a')), PlanError);
  CHECK(carry(scratch.path(), from.hash, to.hash).carried == 1);
  write_file(scratch.path() / "plan" / from.hash / "plan.wfp", "half");
  CHECK(carry(scratch.path(), from.hash, to.hash).carried == 0);
}

}  // namespace wfr::test
