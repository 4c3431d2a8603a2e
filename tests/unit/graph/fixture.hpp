// Workflows of session/array/channel with steps written in C++, and their graphs.
#pragma once

#include "compiler/graph/expand.hpp"
#include "compiler/tree/scan.hpp"
#include "tests/unit/tree/fixture.hpp"

#include <string>
#include <utility>
#include <vector>

namespace wfc::test {

inline constexpr LevelId kSession{1};
inline constexpr LevelId kArray{2};
inline constexpr LevelId kChannel{3};

// session01: array01 with two channels, array02 with one. session02: array01 with one. sessioneye:
// none.
inline void make_recordings(const TemporaryDirectory& disk) {
  disk.make("session01/array01/channel1");
  disk.make("session01/array01/channel2");
  disk.make("session01/array02/channel3");
  disk.make("session02/array01/channel1");
  disk.make("sessioneye");
}

inline Workflow recordings_workflow() {
  Workflow workflow = empty_workflow();
  add_match(workflow, "session", "session*");
  add_match(workflow, "array", "array*");
  add_match(workflow, "channel", "channel*");
  return workflow;
}

// "{array}/raw.h5" with the levels of the workflow: what resolve makes of such a text.
inline wfr::Template parse_path(const Workflow& workflow, const std::string& text) {
  wfr::Template path;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t open = text.find('{', at);
    const std::size_t end = open == std::string::npos ? text.size() : open;
    wfr::Piece piece;
    if (end > at) {
      piece.text = text.substr(at, end - at);
      path.pieces.push_back(piece);
    }
    if (open == std::string::npos) break;
    const std::size_t close = text.find('}', open);
    std::string name = text.substr(open + 1, close - open - 1);
    wfr::Piece level;
    level.kind = wfr::PieceKind::LevelName;
    const std::size_t dot = name.find('.');
    if (dot != std::string::npos) level.kind = wfr::PieceKind::LevelColumn;
    for (std::size_t i = 0; i < workflow.levels.size(); ++i) {
      if (workflow.levels[i].name == name.substr(0, dot)) level.level = level_id(i);
    }
    if (dot != std::string::npos) {
      const std::vector<std::string>& columns = workflow.level(level.level).columns;
      while (columns.at(level.column) != name.substr(dot + 1)) ++level.column;
    }
    path.pieces.push_back(level);
    at = close + 1;
  }
  return path;
}

// The finest level that an output names, the step's own if none is finer.
inline LevelId fan_of(const Workflow& workflow, LevelId each, const wfr::Template& path) {
  LevelId fan = each;
  for (const wfr::Piece& piece : path.pieces) {
    if (piece.kind == wfr::PieceKind::Text) continue;
    for (LevelId up = piece.level; up != wfr::kRootLevel; up = workflow.level(up).under) {
      if (up == fan || fan == wfr::kRootLevel) {
        fan = piece.level;
        break;
      }
    }
  }
  return fan;
}

inline StepId add_step(Workflow& workflow,
                       const std::string& name,
                       LevelId each,
                       const std::vector<std::string>& outputs = {}) {
  StepDef step;
  step.spec.name = name;
  step.spec.each = each;
  for (const std::string& text : outputs) {
    wfr::OutputSpec output;
    output.path = parse_path(workflow, text);
    output.fan = fan_of(workflow, each, output.path);
    if (text.back() == '/') output.kind = wfr::OutputKind::Directory;
    if (text.find('*') != std::string::npos) output.kind = wfr::OutputKind::Glob;
    step.spec.outputs.push_back(output);
  }
  const StepId id{static_cast<std::uint32_t>(workflow.steps.size())};
  workflow.steps.push_back(std::move(step));
  workflow.order.push_back(id);
  return id;
}

inline NeedDef& add_need(Workflow& workflow, StepId to, StepId from, bool data = true) {
  StepDef& step = workflow.steps[wfr::index_of(to)];
  NeedDef need;
  need.step = from;
  need.name = workflow.step(from).spec.name;
  need.data = data;
  step.needs.push_back(need);
  step.spec.needs.push_back({need.name, from, wfr::kNone, data});
  return step.needs.back();
}

// `need` is the one that makes it, as resolve would say; none for a file from outside.
inline void add_input(Workflow& workflow,
                      StepId to,
                      const std::string& text,
                      std::uint32_t need = wfr::kNone) {
  wfr::InputSpec input;
  input.path = parse_path(workflow, text);
  input.glob = text.find('*') != std::string::npos;
  workflow.steps[wfr::index_of(to)].spec.inputs.push_back(input);
  workflow.steps[wfr::index_of(to)].input_needs.push_back(need);
}

inline Expanded expand_on(const TemporaryDirectory& disk, const Workflow& workflow, Sink& sink) {
  return expand(workflow, scan(workflow, disk.path(), sink), disk.path(), sink);
}

}  // namespace wfc::test
