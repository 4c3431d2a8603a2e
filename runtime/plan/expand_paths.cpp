// Templates to paths: what a task reads and makes, relative to the workflow's root.
#include "runtime/plan/expand.hpp"
#include "runtime/plan/expand_template.hpp"

#include <algorithm>

namespace wfr {
namespace {

// A directory may be called "a[1]*": only what the workflow's author wrote is a pattern.
std::string glob_escape(std::string_view name) {
  std::string escaped;
  for (const char c : name) {
    if (std::string_view("*?[]\\").find(c) != std::string_view::npos) escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string expand_pattern(const Tree& tree, const Template& path, LevelId level, Ordinal node) {
  std::string text;
  for (const Piece& piece : path.pieces) {
    const std::string_view part = piece_text(tree, piece, level, node);
    if (piece.kind == PieceKind::Text || piece.kind == PieceKind::Value) {
      text += part;
    } else {
      text += glob_escape(part);
    }
  }
  return text;
}

// One output at one node of its fan, below the directory of the task that makes it.
OutputPath output_at(const Plan& plan, Task task, std::uint32_t index, Ordinal node) {
  const OutputSpec& spec = plan.step(task.step).outputs[index];
  const Tree& tree = plan.graph.tree;
  const std::string directory = task_directory(plan, task);
  if (spec.kind == OutputKind::Glob) {
    const std::string pattern = expand_pattern(tree, spec.path, spec.fan, node);
    return {join_path(glob_escape(directory), pattern), index, node, task};
  }
  return {join_path(directory, expand_path(tree, spec.path, spec.fan, node)), index, node, task};
}

Ordinal node_of(const Plan& plan, Task task) {
  return plan.graph.tasks(task.step).node_at(task.index);
}

Range intersection(Range a, Range b) {
  const Range both{std::max(a.begin, b.begin), std::min(a.end, b.end)};
  return both.empty() ? Range{} : both;
}

}  // namespace

std::string_view piece_text(const Tree& tree, const Piece& piece, LevelId level, Ordinal node) {
  switch (piece.kind) {
    case PieceKind::Text:
    case PieceKind::Value:
      return piece.text;
    case PieceKind::LevelName:
      return tree.level(piece.level).names.at(tree.ancestor(level, node, piece.level));
    case PieceKind::LevelColumn:
      return tree.level(piece.level)
          .columns[piece.column]
          .values.at(tree.ancestor(level, node, piece.level));
    default:
      throw PlanError("a path holds a placeholder that only a running task knows");
  }
}

std::string join_path(std::string_view directory, std::string_view name) {
  const bool absolute = name.starts_with('/') || directory.starts_with('/');
  std::vector<std::string_view> parts;
  const auto add = [&](std::string_view path) {
    while (!path.empty()) {
      const std::string_view part = path.substr(0, path.find('/'));
      path.remove_prefix(std::min(path.size(), part.size() + 1));
      if (part.empty() || part == ".") continue;
      if (part == ".." && !parts.empty() && parts.back() != "..") {
        parts.pop_back();
      } else if (part != ".." || !absolute) {
        parts.push_back(part);
      }
    }
  };
  if (!name.starts_with('/')) add(directory);
  add(name);
  std::string path = absolute ? "/" : "";
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) path += '/';
    path += parts[i];
  }
  return path.empty() ? "." : path;
}

std::string task_directory(const Plan& plan, Task task) {
  return plan.graph.tree.directory(plan.graph.tasks(task.step).level, node_of(plan, task));
}

std::string expand_path(const Tree& tree, const Template& path, LevelId level, Ordinal node) {
  std::string text;
  for (const Piece& piece : path.pieces) text += piece_text(tree, piece, level, node);
  return text;
}

std::vector<OutputPath> task_outputs(const Plan& plan, Task task) {
  const StepSpec& step = plan.step(task.step);
  const Ordinal node = node_of(plan, task);
  std::vector<OutputPath> outputs;
  for (std::uint32_t i = 0; i < step.outputs.size(); ++i) {
    const Range fan = plan.graph.tree.descendants(step.each, {node, node + 1}, step.outputs[i].fan);
    for (Ordinal at = fan.begin; at < fan.end; ++at) {
      outputs.push_back(output_at(plan, task, i, at));
    }
  }
  return outputs;
}

std::vector<OutputPath> needed_outputs(const Plan& plan, const NeedSpec& need, Task consumer) {
  std::vector<OutputPath> outputs;
  visit_needed_outputs(plan, need, consumer, [&outputs](const OutputPath& output) {
    outputs.push_back(output);
    return true;
  });
  return outputs;
}

void visit_needed_outputs(const Plan& plan,
                          const NeedSpec& need,
                          Task consumer,
                          const std::function<bool(const OutputPath&)>& use) {
  if (need.edge == kNone) return;
  const Tree& tree = plan.graph.tree;
  const Edge& edge = plan.graph.edges[need.edge];
  const StepSpec& from = plan.step(edge.from);
  const LevelId to_level = plan.step(edge.to).each;
  const Ordinal to_node = node_of(plan, consumer);
  // An edge that was widened on purpose (`via`) brings everything below that level; the usual edge
  // brings what agrees with the consumer on every level that both have. A pair brings all that its
  // producer has made.
  const bool usual = !edge.pairs && edge.via == tree.lowest_common(from.each, to_level);
  for (const TaskIndex index : producers(plan.graph, edge, consumer.index)) {
    const Task producer{edge.from, index};
    const Ordinal node = node_of(plan, producer);
    for (std::uint32_t i = 0; i < from.outputs.size(); ++i) {
      const LevelId fan = from.outputs[i].fan;
      const LevelId agree = usual ? tree.lowest_common(fan, to_level) : edge.via;
      const Ordinal common = tree.ancestor(to_level, to_node, agree);
      const Range made = tree.descendants(from.each, {node, node + 1}, fan);
      const Range wanted = tree.descendants(agree, {common, common + 1}, fan);
      const Range both = intersection(made, wanted);
      for (Ordinal at = both.begin; at < both.end; ++at) {
        if (!use(output_at(plan, producer, i, at))) return;
      }
    }
  }
}

std::string expand_use(const Tree& tree, const UseSpec& use, LevelId level, Ordinal node) {
  return join_path("",
                   use.glob ? expand_pattern(tree, use.path, level, node)
                            : expand_path(tree, use.path, level, node));
}

std::vector<std::string> task_inputs(const Plan& plan, Task task) {
  const StepSpec& step = plan.step(task.step);
  const std::string directory = task_directory(plan, task);
  const Ordinal node = node_of(plan, task);
  std::vector<std::string> inputs;
  for (const InputSpec& input : step.inputs) {
    const Tree& tree = plan.graph.tree;
    inputs.push_back(
        input.glob
            ? join_path(glob_escape(directory), expand_pattern(tree, input.path, step.each, node))
            : join_path(directory, expand_path(tree, input.path, step.each, node)));
  }
  return inputs;
}

}  // namespace wfr
