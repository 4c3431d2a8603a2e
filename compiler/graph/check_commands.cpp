// Commands that are known to be too long: adds up the words of one task of a step.
#include "compiler/graph/check_commands.hpp"

#include "runtime/plan/expand.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace wfc {
namespace {

using wfr::Piece;
using wfr::PieceKind;
using wfr::TaskIndex;

bool is_need(const Piece& piece) {
  return piece.kind == PieceKind::Need || piece.kind == PieceKind::NeedOutput;
}

// The consumer of an edge with the most below one directory: tasks, or directories of `fan`, the
// finest level that their outputs name. kNone when nobody has two.
TaskIndex widest_consumer(const wfr::TaskGraph& graph, const wfr::Edge& edge, LevelId fan) {
  const wfr::InstanceSet& to = graph.tasks(edge.to);
  std::uint32_t most = 1;
  TaskIndex widest = wfr::kNone;
  if (edge.pairs) {
    for (TaskIndex task = 0; task < to.count; ++task) {
      const std::uint32_t size = edge.pairs->producers.row(task).size();
      if (size > most) widest = task;
      most = std::max(most, size);
    }
    return widest;
  }
  if (fan == edge.via) return widest;
  for (wfr::Ordinal node = 0; node < graph.tree.level(edge.via).size(); ++node) {
    const wfr::Range here{node, node + 1};
    const std::uint32_t size = graph.tree.descendants(edge.via, here, fan).size();
    if (size <= most) continue;
    const wfr::Range tasks = to.tasks_in(graph.tree.descendants(edge.via, here, to.level));
    if (tasks.empty()) continue;
    widest = tasks.begin;
    most = size;
  }
  return widest;
}

class CommandLength {
 public:
  CommandLength(const wfr::Plan& plan, const DataRoot& root, wfr::Task task)
      : plan_(plan), root_(root), step_(plan.step(task.step)), task_(task) {
    context_.root = std::filesystem::absolute(root.path).lexically_normal();
  }

  // Adds what a template comes to at least.
  void add(const wfr::Template& text) {
    for (const Piece& piece : text.pieces) {
      if (piece.kind == PieceKind::Text) bytes_ += piece.text.size();
      if (is_need(piece)) add_need(piece);
      if (piece.kind == PieceKind::Inputs) add_inputs();
    }
    if (!is_run()) bytes_ += kPerWord;
  }
  [[nodiscard]] bool too_long() const {
    return bytes_ > (is_run() ? wfr::kLongestRun : wfr::kLongestArgv);
  }
  [[nodiscard]] std::size_t paths() const { return paths_; }

 private:
  static constexpr std::size_t kPerWord = 1 + sizeof(char*);

  [[nodiscard]] bool is_run() const { return step_.command == wfr::CommandKind::Shell; }

  void add_path(const std::string& path) {
    const std::string seen = command_path(plan_, task_, context_, path);
    bytes_ += is_run() ? wfr::shell_quote(seen).size() + 1 : seen.size() + kPerWord;
    ++paths_;
  }

  void add_need(const Piece& piece) {
    const wfr::NeedSpec& need = step_.needs[piece.need];
    if (need.edge == wfr::kNone) return;
    const wfr::StepSpec& maker = plan_.step(need.step);
    visit_needed_outputs(plan_, need, task_, [&](const wfr::OutputPath& made) {
      const wfr::OutputSpec& output = maker.outputs[made.spec];
      const bool named = piece.kind == PieceKind::Need || output.name == piece.output;
      if (named && output.kind != wfr::OutputKind::Glob) add_path(made.path);
      return true;
    });
  }

  void add_inputs() {
    const std::vector<std::string> inputs = task_inputs(plan_, task_);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      if (!step_.inputs[i].glob) {
        add_path(inputs[i]);
      } else if (step_.inputs[i].made_by_edge == wfr::kNone) {
        for (const std::string& file : glob_paths(root_, inputs[i])) add_path(file);
      }
    }
  }

  const wfr::Plan& plan_;
  const DataRoot& root_;
  const wfr::StepSpec& step_;
  wfr::Task task_;
  wfr::TaskContext context_;
  std::size_t bytes_ = 0;
  std::size_t paths_ = 0;
};

class CommandCheck {
 public:
  CommandCheck(const Workflow& workflow, const wfr::Plan& plan, const DataRoot& root, Sink& sink)
      : workflow_(workflow), plan_(plan), root_(root), sink_(sink) {}

  void check(StepId id) {
    const wfr::StepSpec& step = plan_.step(id);
    std::vector<wfr::Template> templates = step.argv;
    if (step.command == wfr::CommandKind::Shell) templates = {step.run};
    std::string list;  // what to write instead
    std::set<TaskIndex> looked_at;
    std::size_t written = 0;
    for (const wfr::Template& text : templates) {
      for (const Piece& piece : text.pieces) {
        written += piece.text.size();
        if (piece.kind == PieceKind::Inputs) {
          if (list.empty()) list = "inputs.list";
          look_at_some(plan_.graph.tasks(id).count, looked_at);
        }
        if (is_need(piece)) {
          list = fmt::format("needs.{}.list", step.needs[piece.need].step_name);
          look_at_widest(step.needs[piece.need], looked_at);
        }
      }
    }
    if (written > wfr::kLongestRun) looked_at.insert(0);
    for (const TaskIndex task : looked_at) {
      CommandLength length(plan_, root_, {id, task});
      for (const wfr::Template& text : templates) length.add(text);
      if (!length.too_long()) continue;
      const std::string name = task_name(plan_, {id, task});
      if (list.empty()) {
        sink_.report(Kind::CommandTooLong,
                     workflow_.step(id).command_span,
                     fmt::format("the command of `{}` is longer than the system takes", name),
                     "put it into a script beside the workflow: `run = \"bash "
                     "{workflow.dir}/script.sh\"`");
        return;
      }
      sink_.report(
          Kind::CommandTooLong,
          workflow_.step(id).command_span,
          fmt::format("the command of `{}` is longer than the system takes: it names {} paths",
                      name,
                      length.paths()),
          fmt::format("write `{{{}}}`: a file that lists the paths, one a line", list));
      return;
    }
  }

 private:
  // Files on the disk are counted for a few tasks only.
  static void look_at_some(std::uint32_t tasks, std::set<TaskIndex>& looked_at) {
    constexpr std::uint32_t kSome = 8;
    const std::uint32_t some = std::min(tasks, kSome);
    for (std::uint32_t i = 0; i < some; ++i) {
      looked_at.insert(static_cast<TaskIndex>(std::uint64_t{i} * tasks / some));
    }
  }

  void look_at_widest(const wfr::NeedSpec& need, std::set<TaskIndex>& looked_at) const {
    if (need.edge == wfr::kNone) return;
    LevelId fan = plan_.step(need.step).each;
    for (const wfr::OutputSpec& output : plan_.step(need.step).outputs) {
      if (plan_.graph.tree.is_at_or_above(fan, output.fan)) fan = output.fan;
    }
    const TaskIndex widest = widest_consumer(plan_.graph, plan_.graph.edges[need.edge], fan);
    if (widest != wfr::kNone) looked_at.insert(widest);
  }

  const Workflow& workflow_;
  const wfr::Plan& plan_;
  const DataRoot& root_;
  Sink& sink_;
};

}  // namespace

void check_commands(const Workflow& workflow,
                    const wfr::Plan& plan,
                    const DataRoot& root,
                    Sink& sink) {
  CommandCheck check(workflow, plan, root, sink);
  for (const StepId id : plan.order) {
    if (plan.graph.tasks(id).count > 0) check.check(id);
  }
}

}  // namespace wfc
