// The edges that nobody wrote: an input that is another step's output or lies in one, and a
// directory that a step makes. Templates are compared after both are written from the root, never
// by glob.
#include "compiler/workflow/context.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace wfc {
namespace {

using wfr::PieceKind;

// One spelling for one template: the level's directories, then the path, without `.` and `..`.
// nullopt when it lies outside the root.
std::optional<std::string> normalised(const Workflow& workflow,
                                      LevelId each,
                                      const wfr::Template& path) {
  // No text of a workflow holds NUL: it marks what is not text.
  const auto level_mark = [](LevelId level) {
    return std::string(1, '\0') + fmt::format("{}", wfr::index_of(level)) + std::string(1, '\0');
  };
  std::string text;
  for (const LevelId level : path_to(workflow, each)) text += level_mark(level) + "/";
  for (std::size_t i = 0; i < path.pieces.size(); ++i) {
    const wfr::Piece& piece = path.pieces[i];
    switch (piece.kind) {
      case PieceKind::LevelName:
        text += level_mark(piece.level);
        break;
      case PieceKind::LevelColumn:
        text += level_mark(piece.level) + fmt::format("{}", piece.column) + std::string(1, '\0');
        break;
      default:
        if (i == 0 && !piece.text.empty() && piece.text.front() == '/') return std::nullopt;
        text += piece.text;
        break;
    }
  }
  std::vector<std::string> components;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('/', begin), text.size());
    const std::string component = text.substr(begin, end - begin);
    begin = end + 1;
    if (component.empty() || component == ".") continue;
    if (component == "..") {
      if (components.empty()) return std::nullopt;
      components.pop_back();
    } else {
      components.push_back(component);
    }
  }
  return fmt::format("{}", fmt::join(components, "/"));
}

// The need that brings the files of the task's own directory: a file of pairs may not.
std::uint32_t need_of(const StepDef& step, StepId from) {
  const auto found =
      std::find_if(step.needs.begin(), step.needs.end(), [from](const NeedDef& need) {
        return need.step == from && need.pairs == nullptr;
      });
  return found == step.needs.end() ? wfr::kNone
                                   : static_cast<std::uint32_t>(found - step.needs.begin());
}

std::uint32_t add_implied(
    const Context& context, StepDef& step, StepId from, bool data, const Span& span) {
  NeedDef need;
  need.step = from;
  need.name = context.workflow.step(from).spec.name;
  need.data = data;
  need.implied = true;
  need.span = span;
  step.needs.push_back(std::move(need));
  return static_cast<std::uint32_t>(step.needs.size() - 1);
}

// Who makes a directory that holds the path.
std::optional<StepId> maker_above(const std::map<std::string, StepId>& directories,
                                  const std::string& path) {
  for (std::size_t slash = path.rfind('/'); slash != std::string::npos && slash > 0;
       slash = path.rfind('/', slash - 1)) {
    const auto found = directories.find(path.substr(0, slash));
    if (found != directories.end()) return found->second;
  }
  return std::nullopt;
}

void imply_by_files(Context& context) {
  Workflow& workflow = context.workflow;
  std::map<std::string, StepId> makers;
  std::map<std::string, StepId> directories;
  for (std::size_t i = 0; i < workflow.steps.size(); ++i) {
    const StepDef& step = workflow.steps[i];
    for (const wfr::OutputSpec& output : step.spec.outputs) {
      const auto path = normalised(workflow, step.spec.each, output.path);
      if (!path) continue;
      makers.emplace(*path, static_cast<StepId>(i));
      if (output.kind == wfr::OutputKind::Directory) {
        directories.emplace(*path, static_cast<StepId>(i));
      }
    }
  }
  for (std::size_t i = 0; i < workflow.steps.size(); ++i) {
    StepDef& step = workflow.steps[i];
    step.input_needs.assign(step.spec.inputs.size(), wfr::kNone);
    for (std::size_t k = 0; k < step.spec.inputs.size(); ++k) {
      const auto path = normalised(workflow, step.spec.each, step.spec.inputs[k].path);
      if (!path) continue;
      const auto exact = makers.find(*path);
      const std::optional<StepId> maker =
          exact != makers.end() ? exact->second : maker_above(directories, *path);
      if (!maker) continue;
      std::uint32_t need = need_of(step, *maker);
      if (need == wfr::kNone) need = add_implied(context, step, *maker, true, step.input_spans[k]);
      step.input_needs[k] = need;
    }
  }
}

// Whether `from` is `to`, or waits for it through any number of needs that relate directories.
bool reaches(const Workflow& workflow, StepId from, StepId to) {
  std::vector<bool> seen(workflow.steps.size());
  std::vector<StepId> open{from};
  while (!open.empty()) {
    const StepId step = open.back();
    open.pop_back();
    if (step == to) return true;
    if (seen[wfr::index_of(step)]) continue;
    seen[wfr::index_of(step)] = true;
    for (const NeedDef& need : workflow.step(step).needs) {
      if (need.pairs == nullptr) open.push_back(need.step);
    }
  }
  return false;
}

// A task at a directory that a step makes comes after that step, even if it reads nothing of it.
void imply_by_directories(Context& context) {
  Workflow& workflow = context.workflow;
  for (std::size_t i = 0; i < workflow.steps.size(); ++i) {
    StepDef& step = workflow.steps[i];
    for (const LevelId level : path_to(workflow, step.spec.each)) {
      const std::optional<StepId> maker = workflow.level(level).made_by;
      if (!maker) continue;
      if (reaches(workflow, static_cast<StepId>(i), *maker)) continue;
      add_implied(context, step, *maker, false, step.each_span);
    }
  }
}

}  // namespace

void resolve_implied_needs(Context& context) {
  imply_by_files(context);
  imply_by_directories(context);
}

}  // namespace wfc
