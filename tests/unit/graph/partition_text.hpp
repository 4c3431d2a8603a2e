// Workflows to partition, and partitions as text.
#pragma once

#include "compiler/graph/partition.hpp"
#include "tests/unit/graph/fixture.hpp"

#include <string>

#include <fmt/format.h>

namespace wfc::test {

// Sessions with two arrays of channels each: session1/array1/channel1 ...
class Recordings {
 public:
  Recordings(unsigned sessions, unsigned channels) {
    for (unsigned s = 1; s <= sessions; ++s) {
      for (unsigned c = 1; c <= 2 * channels; ++c) {
        disk.make(fmt::format("session{}/array{}/channel{:03}", s, 1 + (c - 1) / channels, c));
      }
    }
    workflow.site.local = false;
    workflow.site.name = "test";
  }
  StepId step(const std::string& name, LevelId each) { return add_step(workflow, name, each); }
  NeedDef& need(StepId to, StepId from) { return add_need(workflow, to, from); }
  StepDef& def(StepId id) { return workflow.steps[wfr::index_of(id)]; }

  JobGraph partition() {
    Sink expanding;
    expanded = expand_on(disk, workflow, expanding);
    REQUIRE(reports(expanding).empty());
    sink = Sink();
    return wfc::partition(expanded.workflow, expanded.graph, sink);
  }
  // A line a family: "low high: array x 4" with the blocks of its map, and "/ 3" for a pack.
  std::string families() {
    const JobGraph jobs = partition();
    std::string text;
    for (const wfr::Family& family : jobs.families) {
      std::string names;
      for (const StepId id : family.steps) names += " " + workflow.step(id).spec.name;
      const wfr::BlockMap& map = jobs.maps[family.block_map];
      text += fmt::format("{}: {} x {}{}\n",
                          names.substr(1),
                          map.level == wfr::kRootLevel ? "root" : workflow.level(map.level).name,
                          map.blocks(),
                          map.begin.empty() ? "" : fmt::format(" / {}", map.begin[1]));
    }
    return text;
  }
  // Every note as "PASS: STEPS: TEXT".
  std::string notes() {
    std::string text;
    for (const PassNote& note : partition().notes) {
      text += note.pass + ":";
      for (const StepId id : note.steps) text += " " + workflow.step(id).spec.name;
      text += ": " + note.text + "\n";
    }
    return text;
  }

  TemporaryDirectory disk;
  Workflow workflow = recordings_workflow();
  Expanded expanded;
  Sink sink;
};

}  // namespace wfc::test
