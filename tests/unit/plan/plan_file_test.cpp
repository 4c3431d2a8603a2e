// The plan file: everything comes back, the same plan gives the same bytes, damage is refused.
#include "runtime/plan/plan_format.hpp"
#include "runtime/plan/plan_head.hpp"
#include "tests/unit/plan/sample_plan.hpp"

#include <cstring>

#include <catch2/catch.hpp>

namespace wfr::test {
namespace {

// A plan as text, complete: two plans with the same text are the same plan.
std::string dump(Plan plan) {
  std::string bytes = serialize_plan(plan);
  return plan.hash + bytes;
}

// The bytes with one edit, and the header made right for them: what a broken writer would give.
template <class Edit>
std::string rewritten(Edit edit) {
  Plan plan = sample_plan();
  edit(plan);
  return serialize_plan(plan);
}

// The sample, with the tasks of its last edge paired: channels 0 and 1 lie below array 0.
Plan paired_plan() {
  Plan plan = sample_plan();
  set_pairs(plan.graph, plan.graph.edges[3], {{1, 0}, {0, 0}, {0, 1}});
  return plan;
}

}  // namespace

TEST_CASE("pairs come back from the file, and every part of them is checked", "[plan]") {
  const Plan plan = paired_plan();
  REQUIRE(plan.graph.edges[3].via == kArray);
  Plan copy = plan;
  const std::string bytes = serialize_plan(copy);
  const Plan back = read_plan(bytes);
  CHECK(dump(back) == dump(plan));
  REQUIRE(back.graph.edges[3].pairs.has_value());
  CHECK_FALSE(back.graph.edges[2].pairs.has_value());
  CHECK(producers(back.graph, back.graph.edges[3], 0) ==
        producers(plan.graph, plan.graph.edges[3], 0));
  CHECK_NOTHROW(verify_plan_content(std::span<const char>(bytes)));

  const auto verdict = [](auto edit) {
    Plan broken = paired_plan();
    edit(broken, *broken.graph.edges[3].pairs);
    const std::string text = serialize_plan(broken);
    try {
      verify_plan_content(std::span<const char>(text));
    } catch (const PlanError& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  const auto keep = [](Plan& p, std::vector<std::uint32_t> values) {
    return p.storage.keep(std::move(values));
  };
  using Catch::Contains;
  const auto is_broken = Contains("broken pairs");
  CHECK_THAT(verdict([&](Plan& p, Pairs& pairs) {
               pairs.producers.begin = keep(p, {0, 2, 3, 3, 3});
             }),
             is_broken);
  CHECK_THAT(verdict([&](Plan& p, Pairs& pairs) {
               pairs.producers.begin = keep(p, {0, 2, 1, 3, 3, 3});
             }),
             is_broken);
  CHECK_THAT(verdict([&](Plan& p, Pairs& pairs) {
               pairs.consumers.begin = keep(p, {0, 2, 3, 3, 3, 4});
             }),
             is_broken);
  CHECK_THAT(verdict([&](Plan& p, Pairs& pairs) {
               pairs.producers.tasks = keep(p, {9, 0, 0});
             }),
             is_broken);
  CHECK_THAT(verdict([&](Plan& p, Pairs& pairs) {
               pairs.consumers.tasks = keep(p, {0, 1});
             }),
             is_broken);
  CHECK_THAT(verdict([&](Plan& p, Pairs& pairs) {
               pairs.consumers.tasks = keep(p, {0, 2, 0});
             }),
             is_broken);
  CHECK_THAT(verdict([](Plan& p, Pairs& pairs) {
               set_pairs(p.graph, p.graph.edges[3], {{0, 0}, {4, 0}});
               static_cast<void>(pairs);
               p.graph.edges[3].via = kArray;
             }),
             Contains("leaves its level"));
}

TEST_CASE("a plan comes back from its bytes as it was", "[plan]") {
  Plan plan = sample_plan();
  const std::string bytes = serialize_plan(plan);
  CHECK(plan.hash.size() == 32);
  const Plan back = read_plan(bytes);
  CHECK(back.hash == plan.hash);
  CHECK(dump(back) == dump(plan));
  CHECK(back.steps[1].environment.variables.at("BYTES") == "\xff");
  CHECK(back.step(kSort).retry.on == plan.step(kSort).retry.on);
  CHECK(back.step(kSplit).inputs[0].made_by_edge == kNone);
  CHECK(back.graph.tree.levels[3].names.at(2) == channel_names()[2]);
  CHECK(back.arrays[1].indices.size() == 2);
}

TEST_CASE("an array of a later pass keeps its pass and what it asks for", "[plan]") {
  Plan plan = sample_plan();
  JobArray array = plan.arrays[0];
  array.name = "01-split.pass2";
  array.pass = 2;
  array.job.mem_mb = 8000;
  array.after = {{Dep::AfterAny, ArrayId{0}}};
  plan.arrays.push_back(array);
  plan.steps[0].retry = {1, {}, 200, 150};
  const std::string bytes = serialize_plan(plan);
  const Plan back = read_plan(bytes);
  CHECK(back.arrays[0].pass == 1);
  CHECK(back.arrays.back().pass == 2);
  CHECK(job_of(back, back.arrays.back()).mem_mb == 8000);
  CHECK(back.steps[0].retry.mem_percent == 200);
  CHECK(back.steps[0].retry.time_percent == 150);
}

TEST_CASE("the same plan gives the same bytes, another plan another hash", "[plan]") {
  Plan one = sample_plan();
  Plan two = sample_plan();
  CHECK(serialize_plan(one) == serialize_plan(two));
  two.steps[2].resources.cpus = 6;
  serialize_plan(two);
  CHECK(one.hash != two.hash);
}

TEST_CASE("a plan file is mapped, checked against the hash, and outlives the map call", "[plan]") {
  const ScratchDirectory scratch;
  const auto file = scratch.path() / "plan.wfp";
  Plan plan = sample_plan();
  write_file(file, serialize_plan(plan));
  Tree tree;
  {
    const Plan mapped = map_plan(file, plan.hash);
    CHECK(dump(mapped) == dump(plan));
    tree = mapped.graph.tree;
  }
  // A copy of the tree keeps the mapping alive by itself.
  CHECK(tree.directory(kChannel, 4) == "session 02/array'\"3/channel005");
  CHECK_NOTHROW(verify_plan_content(file));
  CHECK_THROWS_WITH(map_plan(file, std::string(32, '0')),
                    Catch::Contains(file.string()) && Catch::Contains(plan.hash));
  CHECK_THROWS_WITH(map_plan(scratch.path() / "none.wfp"), Catch::Contains("none.wfp"));
}

TEST_CASE("a plan cut short at any byte is refused", "[plan]") {
  Plan plan = sample_plan();
  const std::string bytes = serialize_plan(plan);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    INFO("the first " << size << " bytes");
    REQUIRE_THROWS_AS(read_plan(std::span(bytes).first(size)), PlanError);
  }
}

TEST_CASE("no flipped byte is overlooked by the full check", "[plan]") {
  Plan plan = sample_plan();
  std::string bytes = serialize_plan(plan);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    INFO("byte " << i);
    bytes[i] = static_cast<char>(bytes[i] ^ 0x40);
    REQUIRE_THROWS_AS(verify_plan_content(std::span<const char>(bytes)), PlanError);
    bytes[i] = static_cast<char>(bytes[i] ^ 0x40);
  }
  CHECK_NOTHROW(verify_plan_content(std::span<const char>(bytes)));
}

TEST_CASE("bytes at an odd address are read as well", "[plan]") {
  Plan plan = sample_plan();
  const std::string bytes = "x" + serialize_plan(plan);
  CHECK(dump(read_plan(std::span(bytes).subspan(1))) == dump(plan));
}

TEST_CASE("another version and another file are told apart", "[plan]") {
  Plan plan = sample_plan();
  std::string bytes = serialize_plan(plan);
  const std::uint32_t version = kPlanVersion + 1;
  std::memcpy(bytes.data() + offsetof(PlanHeader, version), &version, sizeof(version));
  CHECK_THROWS_WITH(read_plan(bytes), Catch::Contains("format version " + std::to_string(version)));
  CHECK_THROWS_WITH(read_plan(std::string(100, 'x')), Catch::Contains("not a plan"));
}

TEST_CASE("ids and counts that name nothing are refused although the hash is right", "[plan]") {
  const auto refused = [](auto edit) {
    const std::string bytes = rewritten(edit);
    try {
      static_cast<void>(read_plan(bytes));
    } catch (const PlanError& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  using Catch::Contains;
  CHECK_THAT(refused([](Plan& p) { p.graph.edges[0].from = StepId{9}; }), Contains("unknown step"));
  CHECK_THAT(refused([](Plan& p) { p.graph.edges[0].via = kChannel; }),
             Contains("below its steps"));
  CHECK_THAT(refused([](Plan& p) { p.steps[1].needs[0].edge = 4; }), Contains("unknown need"));
  CHECK_THAT(refused([](Plan& p) { p.steps[1].needs[0].edge = 1; }), Contains("another step"));
  CHECK_THAT(refused([](Plan& p) { p.steps[3].run.pieces[1].need = 1; }), Contains("unknown need"));
  CHECK_THAT(refused([](Plan& p) { p.steps[0].outputs[0].fan = kRootLevel; }), Contains("output"));
  CHECK_THAT(refused([](Plan& p) { p.steps[0].outputs[0].path.pieces[0].level = LevelId{8}; }),
             Contains("level that the task does not have"));
  CHECK_THAT(refused([](Plan& p) { p.steps[0].outputs[0].path.pieces[0].kind = PieceKind::Cpus; }),
             Contains("may not be in a path"));
  CHECK_THAT(refused([](Plan& p) { p.steps[0].each = LevelId{7}; }), Contains("unknown level"));
  CHECK_THAT(refused([](Plan& p) { p.steps.pop_back(); }), Contains("differ in number"));
  CHECK_THAT(refused([](Plan& p) { p.order.push_back(kSplit); }), Contains("order"));
  CHECK_THAT(refused([](Plan& p) { p.families[0].block_map = 3; }), Contains("block map"));
  CHECK_THAT(refused([](Plan& p) { p.families[1].block_map = 9; }), Contains("block map"));
  CHECK_THAT(refused([](Plan& p) { p.arrays[0].first_block = 1; }), Contains("without a block"));
  CHECK_THAT(refused([](Plan& p) { p.arrays[0].pass = 0; }), Contains("unknown pass"));
  CHECK_THAT(refused([](Plan& p) {
               p.arrays[1].pass = 2;
               p.arrays[1].indices = {{1, 2}};
             }),
             Contains("not all its blocks"));
  CHECK_THAT(refused([](Plan& p) { p.arrays[0].family = FamilyId{9}; }),
             Contains("unknown family"));
  CHECK_THAT(refused([](Plan& p) { p.arrays[1].after[0].on = ArrayId{4}; }), Contains("waits for"));
  CHECK_THAT(refused([](Plan& p) { p.graph.instances[0].count = 1; }), Contains("cover"));
  CHECK_THAT(refused([](Plan& p) { p.graph.instances[2].count = 4; }), Contains("broken"));
  CHECK_THAT(refused([](Plan& p) { p.graph.tree.levels[2].under = LevelId{3}; }),
             Contains("level"));
  CHECK_THAT(refused([](Plan& p) { p.graph.tree.levels[1].parent = {}; }), Contains("parents"));
  CHECK_THAT(refused([](Plan& p) { p.graph.tree.levels.clear(); }), Contains("no levels"));
  CHECK_THAT(refused([](Plan& p) {
               auto& begin = p.graph.tree.levels[1].children[0].begin;
               begin = begin.first(2);
             }),
             Contains("child ranges"));
}

TEST_CASE("the head's JSON refuses wrong types, ranges and depth", "[plan]") {
  CHECK_NOTHROW(head_from_json("{}"));
  CHECK_THROWS_AS(head_from_json(""), PlanError);
  CHECK_THROWS_AS(head_from_json("[]"), PlanError);
  CHECK_THROWS_AS(head_from_json(R"({"workflow": 3})"), PlanError);
  CHECK_THROWS_AS(head_from_json(R"({"workflow": {"hex": "f"}})"), PlanError);
  CHECK_THROWS_AS(head_from_json(R"({"order": [-1]})"), PlanError);
  CHECK_THROWS_AS(head_from_json(R"({"steps": [{"each": 65536}]})"), PlanError);
  CHECK_THROWS_WITH(head_from_json(R"({"steps": [{"command": 3}]})"), Catch::Contains("command"));
  CHECK_THROWS_AS(head_from_json(std::string(100000, '[')), PlanError);
}

TEST_CASE("the full check looks at every element", "[plan]") {
  const auto verdict = [](auto edit) {
    const std::string bytes = rewritten(edit);
    CHECK_NOTHROW(read_plan(bytes));
    try {
      verify_plan_content(std::span<const char>(bytes));
    } catch (const PlanError& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  CHECK(verdict([](Plan&) {}) == "accepted");
  CHECK_THAT(verdict([](Plan& p) {
               p.graph.tree.levels[3].parent = p.storage.keep(std::vector<Ordinal>{0, 0, 1, 2, 9});
             }),
             Catch::Contains("another parent"));
  CHECK_THAT(verdict([](Plan& p) {
               p.graph.tree.levels[2].children[0].begin =
                   p.storage.keep(std::vector<std::uint32_t>{0, 4, 3, 5});
             }),
             Catch::Contains("child ranges"));
  CHECK_THAT(verdict([](Plan& p) {
               p.graph.instances[2].bits = p.storage.keep(std::vector<std::uint64_t>{0x27});
             }),
             Catch::Contains("miscounted"));
  CHECK_THAT(verdict([](Plan& p) {
               std::vector<char> names{'.', '.', '/', 'x', 'y'};
               p.graph.tree.levels[3].names = {
                   p.storage.keep(std::vector<std::uint64_t>{0, 1, 2, 3, 4, 5}),
                   p.storage.keep(std::move(names))};
             }),
             Catch::Contains("path component"));
  // One node twice, descending nodes, a node that does not know its block.
  using Numbers = std::vector<std::uint32_t>;
  CHECK_THAT(verdict([](Plan& p) {
               p.maps[2].order = p.storage.keep(Numbers{1, 0, 1});
             }),
             Catch::Contains("broken order"));
  CHECK_THAT(verdict([](Plan& p) {
               p.maps[2].begin = p.storage.keep(Numbers{0, 2, 2, 3});
               p.maps[2].block = p.storage.keep(Numbers{0, 0, 2});
             }),
             Catch::Contains("broken order"));
  CHECK_THAT(verdict([](Plan& p) {
               p.maps[2].block = p.storage.keep(Numbers{1, 0, 0});
             }),
             Catch::Contains("broken order"));
}

}  // namespace wfr::test
