// What a picture shows.
#include "compiler/view/drawing.hpp"
#include "tests/unit/graph/fixture.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

using namespace wfc::test;
using wfc::Drawing;
using wfc::DrawnEdge;
using wfc::NodeKind;
using wfc::Sink;
using wfc::StepId;
using wfc::Workflow;

namespace {

// split -> filter -> gather, gather also needs split; a finalizer.
Workflow diamond() {
  Workflow workflow = recordings_workflow();
  const StepId split = add_step(workflow, "split", kSession);
  const StepId filter = add_step(workflow, "filter", kChannel);
  const StepId gather = add_step(workflow, "gather", wfr::kRootLevel);
  const StepId notify = add_step(workflow, "notify", wfr::kRootLevel);
  add_need(workflow, filter, split);
  add_need(workflow, gather, filter);
  add_need(workflow, gather, split);
  workflow.steps[wfr::index_of(notify)].spec.finalizer = wfr::FinalizerKind::Failure;
  return workflow;
}

// "from -> to" of the edges that are drawn.
Lines drawn_edges(const Drawing& drawing) {
  Lines lines;
  for (const DrawnEdge& edge : drawing.edges) {
    if (edge.implied) continue;
    lines.push_back(drawing.nodes[edge.from].title + " -> " + drawing.nodes[edge.to].title);
  }
  return lines;
}

}  // namespace

TEST_CASE("steps are boxed by level, and implied edges are left out") {
  const TemporaryDirectory disk;
  make_recordings(disk);
  Sink sink;
  const wfc::Expanded result = expand_on(disk, diamond(), sink);
  REQUIRE(reports(sink).empty());
  const Drawing drawing = wfc::draw_steps(result.workflow, result.graph);
  CHECK(drawn_edges(drawing) ==
        Lines{"split -> filter", "filter -> gather", "gather -> verdict", "verdict -> notify"});
  CHECK(drawing.edges.size() == 5);
  REQUIRE(drawing.clusters.size() == 2);
  CHECK(drawing.clusters[0].title == "each session (3)");
  CHECK(drawing.clusters[1].title == "each channel (4)");
  CHECK(drawing.clusters[1].inside == 0);
  CHECK(drawing.nodes[1].lines == Lines{"4 tasks"});
  CHECK(drawing.nodes[2].cluster == wfr::kNone);
  CHECK(drawing.edges.back().label == "failure");
}

TEST_CASE("an edge that is wider than it need be keeps its label and stays") {
  const TemporaryDirectory disk;
  make_recordings(disk);
  Workflow workflow = diamond();
  const StepId last = add_step(workflow, "last", kChannel);
  add_need(workflow, last, StepId{1}).via = kSession;
  workflow.steps[wfr::index_of(last)].where.push_back({kSession, "", {"session01"}, {}});
  Sink sink;
  const wfc::Expanded result = expand_on(disk, workflow, sink);
  const Drawing drawing = wfc::draw_steps(result.workflow, result.graph);
  const auto labelled = std::find_if(drawing.edges.begin(),
                                     drawing.edges.end(),
                                     [](const auto& edge) { return edge.label == "same session"; });
  REQUIRE(labelled != drawing.edges.end());
  CHECK_FALSE(labelled->implied);
  const auto node = std::find_if(
      drawing.nodes.begin(), drawing.nodes.end(), [](const auto& n) { return n.title == "last"; });
  CHECK(node->lines == Lines{"3 of 4 tasks"});
}

TEST_CASE("every task is drawn with its producers") {
  const TemporaryDirectory disk;
  make_recordings(disk);
  Sink sink;
  const wfc::Expanded result = expand_on(disk, diamond(), sink);
  CHECK(wfc::count_tasks(result.workflow, result.graph) == 8);
  const Drawing drawing = wfc::draw_tasks(result.workflow, result.graph);
  const Lines edges = drawn_edges(drawing);
  const auto has = [&edges](const std::string& edge) {
    return std::find(edges.begin(), edges.end(), edge) != edges.end();
  };
  CHECK(has("session01 -> session01/array01/channel2"));
  CHECK(has("session01/array01/channel2 -> gather"));
  CHECK_FALSE(has("session01 -> gather"));
  // No channel of the eye session stands between.
  CHECK(has("sessioneye -> gather"));
  CHECK_FALSE(has("session02 -> session01/array01/channel2"));
}

TEST_CASE("many that wait for many go through one junction") {
  const TemporaryDirectory disk;
  make_recordings(disk);
  Workflow workflow = recordings_workflow();
  const StepId filter = add_step(workflow, "filter", kChannel);
  const StepId average = add_step(workflow, "average", kChannel);
  add_need(workflow, average, filter).via = wfr::kRootLevel;
  Sink sink;
  const wfc::Expanded result = expand_on(disk, workflow, sink);
  const Drawing drawing = wfc::draw_tasks(result.workflow, result.graph);
  CHECK(drawing.nodes.size() == 9);
  CHECK(drawing.edges.size() == 8);
  CHECK(drawing.nodes.back().kind == NodeKind::Junction);
}

TEST_CASE("numbers are written with commas") {
  CHECK(wfc::with_commas(0) == "0");
  CHECK(wfc::with_commas(999) == "999");
  CHECK(wfc::with_commas(1000) == "1,000");
  CHECK(wfc::with_commas(1234567) == "1,234,567");
}
