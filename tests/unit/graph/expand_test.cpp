// Instance sets, edges with their levels, and tasks that have nobody to wait for.
#include "compiler/graph/expand.hpp"

#include "tests/unit/graph/fixture.hpp"

#include <catch2/catch.hpp>

using namespace wfc::test;
using wfc::Expanded;
using wfc::Sink;
using wfc::StepId;
using wfc::Workflow;
using wfr::Range;

TEST_CASE("an edge goes via the lowest level that holds both steps") {
  const TemporaryDirectory disk;
  make_recordings(disk);
  Workflow workflow = recordings_workflow();
  const StepId split = add_step(workflow, "split", kSession);
  const StepId filter = add_step(workflow, "filter", kChannel);
  const StepId gather = add_step(workflow, "gather", kArray);
  const StepId report = add_step(workflow, "report", wfr::kRootLevel);
  add_need(workflow, filter, split);
  add_need(workflow, gather, filter);
  add_need(workflow, report, gather, false);
  workflow.steps[wfr::index_of(gather)].spec.allow_empty = true;
  Sink sink;
  const Expanded result = expand_on(disk, workflow, sink);
  CHECK(reports(sink).empty());
  const wfr::TaskGraph& graph = result.graph;
  CHECK(graph.tasks(split).count == 3);
  CHECK(graph.tasks(filter).count == 4);
  CHECK(graph.tasks(gather).count == 3);
  CHECK(graph.tasks(report).count == 1);
  REQUIRE(graph.edges.size() == 3);
  CHECK(graph.edges[0].via == kSession);
  CHECK(graph.edges[1].via == kArray);
  CHECK(graph.edges[2].via == wfr::kRootLevel);
  CHECK(graph.edges[2].kind == wfr::EdgeKind::Order);
  CHECK(result.workflow.step(gather).spec.needs[0].edge == 1);
  CHECK(wfr::producers(graph, graph.edges[0], 3) == Range{1, 2});
  CHECK(wfr::consumers(graph, graph.edges[0], 0) == Range{0, 3});
  CHECK(wfr::producers(graph, graph.edges[1], 0) == Range{0, 2});
  CHECK(wfr::producers(graph, graph.edges[2], 0) == Range{0, 3});
}

TEST_CASE("a file of pairs relates the tasks that it names, at any two levels") {
  const TemporaryDirectory disk;
  make_recordings(disk);
  Workflow workflow = recordings_workflow();
  const StepId split = add_step(workflow, "split", kSession);
  const StepId filter = add_step(workflow, "filter", kChannel);
  const StepId report = add_step(workflow, "report", wfr::kRootLevel);
  workflow.steps[wfr::index_of(filter)].spec.allow_empty = true;
  const auto rows = [](const std::vector<std::pair<std::string, std::string>>& names) {
    auto pairs = std::make_shared<wfc::PairsDef>();
    for (const auto& [from, to] : names) pairs->rows.push_back({{from, {}}, {to, {}}});
    return pairs;
  };
  add_need(workflow, filter, split).pairs = rows({{"session02", "session01/array01/channel1"},
                                                  {"sessioneye", "session01/array02/channel3"},
                                                  {"session01", "./session01//array01/channel1/"}});
  add_need(workflow, report, filter).pairs =
      rows({{"session02/array01/channel1", "."}, {"session01/array01/channel2", "."}});
  Sink sink;
  const Expanded result = expand_on(disk, workflow, sink);
  CHECK(reports(sink).empty());
  const wfr::TaskGraph& graph = result.graph;
  const auto indices = [&](std::size_t edge, wfr::TaskIndex task) {
    std::vector<wfr::TaskIndex> found;
    for (const wfr::TaskIndex i : producers(graph, graph.edges[edge], task)) found.push_back(i);
    return found;
  };
  using Indices = std::vector<wfr::TaskIndex>;
  CHECK(indices(0, 0) == Indices{1, 0});
  CHECK(indices(0, 1).empty());
  CHECK(indices(0, 2) == Indices{2});
  CHECK(indices(1, 0) == Indices{3, 1});
  CHECK(graph.edges[0].via == wfr::kRootLevel);
}

TEST_CASE("via widens an edge") {
  const TemporaryDirectory disk;
  make_recordings(disk);
  Workflow workflow = recordings_workflow();
  const StepId filter = add_step(workflow, "filter", kChannel);
  const StepId average = add_step(workflow, "average", kChannel);
  add_need(workflow, average, filter).via = kSession;
  Sink sink;
  const Expanded result = expand_on(disk, workflow, sink);
  CHECK(reports(sink).empty());
  CHECK(wfr::producers(result.graph, result.graph.edges[0], 1) == Range{0, 3});
  CHECK(wfr::producers(result.graph, result.graph.edges[0], 3) == Range{3, 4});
}

TEST_CASE("levels of different branches meet above both") {
  const TemporaryDirectory disk;
  make_recordings(disk);
  disk.make("session01/camera1");
  Workflow workflow = recordings_workflow();
  add_match(workflow, "camera", "camera*", kSession);
  const StepId track = add_step(workflow, "track", level_id(4));
  const StepId align = add_step(workflow, "align", kArray);
  workflow.steps[wfr::index_of(align)].where.push_back({kSession, "", {"session01"}, {}});
  add_need(workflow, align, track);
  Sink sink;
  const Expanded result = expand_on(disk, workflow, sink);
  CHECK(reports(sink).empty());
  CHECK(result.graph.edges[0].via == kSession);
}

TEST_CASE("a dropped step has no task and no edge") {
  const TemporaryDirectory disk;
  make_recordings(disk);
  Workflow workflow = recordings_workflow();
  const StepId sort = add_step(workflow, "sort", kChannel, {"x.h5"});
  const StepId count = add_step(workflow, "count", kChannel, {"x.h5"});
  workflow.steps[wfr::index_of(sort)].dropped = true;
  workflow.order = {count};
  add_need(workflow, count, sort).optional = true;
  Sink sink;
  const Expanded result = expand_on(disk, workflow, sink);
  CHECK(reports(sink).empty());
  CHECK(result.graph.tasks(sort).count == 0);
  CHECK(result.graph.edges.empty());
  CHECK(result.workflow.step(count).spec.needs[0].edge == wfr::kNone);
}

TEST_CASE("a task with nobody to wait for is an error that names directories") {
  const TemporaryDirectory disk;
  make_recordings(disk);
  Workflow workflow = recordings_workflow();
  const StepId sort = add_step(workflow, "sort", kChannel);
  const StepId gather = add_step(workflow, "gather", kSession);
  workflow.steps[wfr::index_of(sort)].where.push_back({kSession, "", {"session01"}, {}});
  wfc::NeedDef& need = add_need(workflow, gather, sort);
  Sink sink;
  SECTION("data") {
    expand_on(disk, workflow, sink);
    CHECK(reports(sink) ==
          Lines{"WFC3104: `sort` has no task for 2 of 3 tasks of `gather` that need "
                "it: `session02`, `sessioneye`"});
  }
  SECTION("an order alone needs nobody") {
    need.data = false;
    expand_on(disk, workflow, sink);
    CHECK(reports(sink).empty());
  }
  SECTION("an optional need may be empty") {
    need.optional = true;
    expand_on(disk, workflow, sink);
    CHECK(reports(sink).empty());
  }
  SECTION("allow_empty") {
    workflow.steps[wfr::index_of(gather)].spec.allow_empty = true;
    expand_on(disk, workflow, sink);
    CHECK(reports(sink).empty());
  }
  SECTION("the same where on both") {
    workflow.steps[wfr::index_of(gather)].where.push_back({kSession, "", {"session01"}, {}});
    expand_on(disk, workflow, sink);
    CHECK(reports(sink).empty());
  }
}

TEST_CASE("where that leaves no task is told") {
  const TemporaryDirectory disk;
  make_recordings(disk);
  Workflow workflow = recordings_workflow();
  const StepId sort = add_step(workflow, "sort", kChannel);
  workflow.steps[wfr::index_of(sort)].where.push_back({kSession, "", {"Session*"}, {}});
  Sink sink;
  expand_on(disk, workflow, sink);
  CHECK(reports(sink) == Lines{"WFC3105: `where` selects no task of `sort`"});
  CHECK_FALSE(sink.has_errors());
}

TEST_CASE("an input is bound to the edge that makes it") {
  const TemporaryDirectory disk;
  make_recordings(disk);
  Workflow workflow = recordings_workflow();
  disk.write("session01/array01/channel1/index.txt");
  const StepId split =
      add_step(workflow, "split", kSession, {"index.json", "{array}/{channel}/raw.h5"});
  const StepId filter = add_step(workflow, "filter", kChannel, {"./low/../low.h5"});
  const StepId gather = add_step(workflow, "gather", kArray);
  add_need(workflow, filter, split);
  add_need(workflow, gather, split);
  add_input(workflow, filter, "raw.h5", 0);
  add_input(workflow, filter, "index.txt");
  add_input(workflow, gather, "../index.json", 0);
  workflow.steps[wfr::index_of(gather)].spec.allow_empty = true;
  Sink sink;
  const Expanded result = expand_on(disk, workflow, sink);
  CHECK_FALSE(sink.has_errors());
  CHECK(result.workflow.step(filter).spec.inputs[0].made_by_edge == 0);
  CHECK(result.workflow.step(filter).spec.inputs[1].made_by_edge == wfr::kNone);
  CHECK(result.workflow.step(gather).spec.inputs[0].made_by_edge == 1);
}
