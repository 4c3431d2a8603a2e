// Inputs that other tasks make by the paths themselves.
#include "tests/unit/graph/fixture.hpp"

#include <map>

#include <catch2/catch.hpp>

using namespace wfc::test;
using wfc::Sink;
using wfc::StepId;
using wfc::Workflow;
using wfr::TaskIndex;

namespace {

// By consumer, its producers over every edge between the two.
std::map<TaskIndex, std::vector<TaskIndex>> edges_between(const wfr::TaskGraph& graph,
                                                          StepId from,
                                                          StepId to) {
  std::map<TaskIndex, std::vector<TaskIndex>> found;
  for (const wfr::Edge& edge : graph.edges) {
    if (edge.from != from || edge.to != to) continue;
    for (TaskIndex task = 0; task < graph.tasks(to).count; ++task) {
      for (const TaskIndex producer : wfr::producers(graph, edge, task)) {
        found[task].push_back(producer);
      }
    }
  }
  return found;
}

Workflow sheet_workflow(const std::vector<std::vector<std::string>>& rows) {
  Workflow workflow = empty_workflow();
  wfc::LevelDef& level = add_values(workflow, "s", {});
  level.source = wfc::LevelSource::File;
  level.file = "s.csv";
  level.columns = {"value"};
  level.rows = rows;
  for (std::size_t i = 0; i < rows.size(); ++i)
    level.lines.push_back(static_cast<std::uint32_t>(i + 2));
  return workflow;
}

const wfr::InputSpec& input_of(const wfc::Expanded& result, StepId step) {
  return result.workflow.step(step).spec.inputs.front();
}

}  // namespace

TEST_CASE("an input of another directory is an edge from that task alone") {
  const TemporaryDirectory disk;
  make_recordings(disk);
  Workflow workflow = recordings_workflow();
  // The consumer comes first in the file: the order follows the edge.
  const StepId two = add_step(workflow, "two", kSession, {"two.txt"});
  const StepId one = add_step(workflow, "one", kSession, {"one.txt"});
  const std::string path = GENERATE(as<std::string>(),
                                    "../session02/one.txt",
                                    ".//../session02/./one.txt",
                                    "../../ROOT/session02/one.txt",
                                    "DISK/session02/one.txt");
  std::string written = path;
  const auto put = [&](const std::string& what, const std::string& with) {
    if (const std::size_t at = written.find(what); at != std::string::npos) {
      written.replace(at, what.size(), with);
    }
  };
  put("ROOT", disk.path().filename().string());
  put("DISK", disk.path().string());
  add_input(workflow, two, written);
  Sink sink;
  const wfc::Expanded result = expand_on(disk, workflow, sink);
  CHECK(reports(sink).empty());
  CHECK(edges_between(result.graph, one, two) ==
        std::map<TaskIndex, std::vector<TaskIndex>>{{0, {1}}, {1, {1}}, {2, {1}}});
  CHECK(input_of(result, two).made_by_edge == 0);
  CHECK(result.workflow.order == std::vector<StepId>{one, two});
}

TEST_CASE("what a need brings already has no second edge") {
  const TemporaryDirectory disk;
  make_recordings(disk);
  Workflow workflow = recordings_workflow();
  const StepId one = add_step(workflow, "one", kSession, {"one.txt"});
  const StepId two = add_step(workflow, "two", kSession, {"two.txt"});
  add_need(workflow, two, one).via = wfr::kRootLevel;
  add_input(workflow, two, "../session02/one.txt");
  Sink sink;
  const wfc::Expanded result = expand_on(disk, workflow, sink);
  CHECK(reports(sink).empty());
  CHECK(result.graph.edges.size() == 1);
  CHECK(input_of(result, two).made_by_edge == 0);
}

TEST_CASE("a sheet names the task; a file from outside beside it is none") {
  const TemporaryDirectory disk;
  Workflow workflow =
      sheet_workflow({{"a", "b/one.txt"}, {"b", "b/../c/one.txt"}, {"c", "raw.txt"}});
  disk.write("raw.txt");
  const StepId one = add_step(workflow, "one", level_id(1), {"one.txt"});
  const StepId two = add_step(workflow, "two", level_id(1), {"two.txt"});
  add_input(workflow, two, "../{s.value}");
  Sink sink;
  const wfc::Expanded result = expand_on(disk, workflow, sink);
  CHECK(reports(sink).empty());
  CHECK(edges_between(result.graph, one, two) ==
        std::map<TaskIndex, std::vector<TaskIndex>>{{0, {1}}, {1, {2}}});
  // Of one task it is a file of the user.
  CHECK(input_of(result, two).made_by_edge == wfr::kNone);
}

TEST_CASE("an input that is missing for one task and made for others is said") {
  const TemporaryDirectory disk;
  Workflow workflow = sheet_workflow({{"a", "b/one.txt"}, {"b", "nowhere.txt"}});
  add_step(workflow, "one", level_id(1), {"one.txt"});
  const StepId two = add_step(workflow, "two", level_id(1), {"two.txt"});
  add_input(workflow, two, "../{s.value}");
  Sink sink;
  expand_on(disk, workflow, sink);
  CHECK(reports(sink) == Lines{"WFC3103: `two` reads `{s.value}`, which is missing in 1 of 2 "
                               "directories: `b`"});
}

TEST_CASE("tasks of one step that read each other's files") {
  const TemporaryDirectory disk;
  disk.write("start.txt");
  SECTION("one after the other") {
    Workflow workflow =
        sheet_workflow({{"a", "../start.txt"}, {"b", "../a/x.txt"}, {"c", "../b/x.txt"}});
    const StepId step = add_step(workflow, "go", level_id(1), {"x.txt"});
    add_input(workflow, step, "{s.value}");
    Sink sink;
    const wfc::Expanded result = expand_on(disk, workflow, sink);
    CHECK(reports(sink).empty());
    CHECK(wfr::longest_own_path(result.graph, step) == 3);
  }
  SECTION("in a cycle") {
    Workflow workflow = sheet_workflow({{"a", "b"}, {"b", "a"}});
    const StepId step = add_step(workflow, "go", level_id(1), {"x.txt"});
    add_input(workflow, step, "../{s.value}/x.txt");
    Sink sink;
    expand_on(disk, workflow, sink);
    CHECK(reports(sink) == Lines{"WFC3047: tasks read each other's outputs: go:a -> go:b -> go:a"});
  }
  SECTION("its own") {
    Workflow workflow = sheet_workflow({{"a", "../start.txt"}, {"b", "x.txt"}});
    const StepId step = add_step(workflow, "go", level_id(1), {"x.txt"});
    add_input(workflow, step, "{s.value}");
    Sink sink;
    expand_on(disk, workflow, sink);
    CHECK(reports(sink) == Lines{"WFC3043: `go:b` may read its own output: input "
                                 "`b/x.txt`, output `b/x.txt`"});
  }
}

TEST_CASE("a step that waits for its reader") {
  const TemporaryDirectory disk;
  make_recordings(disk);
  Workflow workflow = recordings_workflow();
  const StepId one = add_step(workflow, "one", kSession, {"one.txt"});
  const StepId two = add_step(workflow, "two", kSession, {"two.txt"});
  add_need(workflow, two, one);
  add_input(workflow, one, "../session01/two.txt");
  Sink sink;
  expand_on(disk, workflow, sink);
  CHECK(reports(sink) == Lines{"WFC3047: `one:session01` reads `session01/two.txt`, which "
                               "`two:session01` makes, but `two` waits for `one`"});
}

TEST_CASE("a file in another task's directory output") {
  const TemporaryDirectory disk;
  make_recordings(disk);
  Workflow workflow = recordings_workflow();
  const StepId one = add_step(workflow, "one", kSession, {"store/"});
  const StepId two = add_step(workflow, "two", wfr::kRootLevel, {"two.txt"});
  add_input(workflow, two, "session02/store/deep/x");
  Sink sink;
  const wfc::Expanded result = expand_on(disk, workflow, sink);
  CHECK(reports(sink).empty());
  CHECK(edges_between(result.graph, one, two) ==
        std::map<TaskIndex, std::vector<TaskIndex>>{{0, {1}}});
}

TEST_CASE("a pattern of inputs needs all whose outputs it may match") {
  const TemporaryDirectory disk;
  make_recordings(disk);
  for (const char* session : {"session01", "session02", "sessioneye"}) {
    disk.write(std::string(session) + "/one.txt");
  }
  Workflow workflow = recordings_workflow();
  const StepId one = add_step(workflow, "one", kSession, {"one.txt"});
  const StepId two = add_step(workflow, "two", kSession, {"two.out"});
  add_input(workflow, two, "../*/one.txt");
  Sink sink;
  SECTION("no need") {
    expand_on(disk, workflow, sink);
    CHECK(reports(sink) ==
          Lines{"WFC3046: `two:session01` reads `*/one.txt`, which may hold `session01/one.txt`, "
                "but does not wait for `one:session01`, which makes it"});
    CHECK(sink.all().back().help ==
          "write `needs = [{ step = \"one\", via = \"root\" }]`, or narrow the input");
  }
  SECTION("a need of the same directory alone") {
    add_need(workflow, two, one);
    expand_on(disk, workflow, sink);
    CHECK(sink.has_errors());
  }
  SECTION("only an order") {
    add_need(workflow, two, one, false).via = wfr::kRootLevel;
    expand_on(disk, workflow, sink);
    CHECK(sink.has_errors());
  }
  SECTION("a need of all") {
    add_need(workflow, two, one).via = wfr::kRootLevel;
    expand_on(disk, workflow, sink);
    CHECK(reports(sink).empty());
  }
  SECTION("where leaves out all that it could match") {
    workflow.steps[0].where.push_back({kSession, "", {"sessioneye"}, {}});
    workflow.steps[1].spec.inputs[0].path = parse_path(workflow, "../session0*/one.txt");
    expand_on(disk, workflow, sink);
    CHECK(reports(sink).empty());
  }
}

TEST_CASE("a pattern in the task's own directory names the usual need") {
  const TemporaryDirectory disk;
  make_recordings(disk);
  Workflow workflow = recordings_workflow();
  add_step(workflow, "one", kSession, {"one.txt"});
  const StepId two = add_step(workflow, "two", kSession, {"two.out"});
  add_input(workflow, two, "o*e.txt");
  Sink sink;
  expand_on(disk, workflow, sink);
  REQUIRE_FALSE(sink.all().empty());
  CHECK(sink.all().back().help == "write `needs = [\"one\"]`, or narrow the input");
}

TEST_CASE("an input directory in which another task writes needs it") {
  const TemporaryDirectory disk;
  make_recordings(disk);
  disk.make("session01/raw");
  disk.make("session02/raw");
  disk.make("sessioneye/raw");
  Workflow workflow = recordings_workflow();
  const StepId one = add_step(workflow, "one", kSession, {"raw/one.txt"});
  const StepId two = add_step(workflow, "two", kSession, {"two.out"});
  add_input(workflow, two, "raw");
  Sink sink;
  SECTION("no need") {
    expand_on(disk, workflow, sink);
    CHECK(reports(sink) ==
          Lines{"WFC3046: `two:session01` reads `session01/raw`, which may hold "
                "`session01/raw/one.txt`, but does not wait for `one:session01`, which makes it"});
  }
  SECTION("a need") {
    add_need(workflow, two, one);
    expand_on(disk, workflow, sink);
    CHECK(reports(sink).empty());
  }
}

TEST_CASE("a pattern that goes on below a directory does not read files beside it") {
  const TemporaryDirectory disk;
  make_recordings(disk);
  disk.write("session01/one.txt");
  Workflow workflow = recordings_workflow();
  const StepId sum = add_step(workflow, "sum", wfr::kRootLevel, {"sum.txt", "*.csv"});
  add_input(workflow, sum, "*/one.txt");
  Sink sink;
  SECTION("nobody makes it") {
    expand_on(disk, workflow, sink);
    CHECK(reports(sink).empty());
  }
  SECTION("a step that is needed does") {
    const StepId one = add_step(workflow, "one", kSession, {"one.txt"});
    add_need(workflow, sum, one);
    expand_on(disk, workflow, sink);
    CHECK(reports(sink).empty());
  }
  SECTION("a directory for which the pattern stands is the task's own") {
    workflow.steps[wfr::index_of(sum)].spec.outputs[0].kind = wfr::OutputKind::Directory;
    expand_on(disk, workflow, sink);
    CHECK(reports(sink).size() == 1);
  }
}
