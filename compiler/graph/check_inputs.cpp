// Inputs that no step makes and that are not on the disk.
#include "compiler/graph/checks.hpp"
#include "compiler/tree/paths.hpp"
#include "compiler/tree/visible.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <fnmatch.h>
#include <unistd.h>

namespace wfc {

namespace {

constexpr std::uint32_t kLookedAt = 1000;
constexpr std::size_t kNamed = 3;

bool glob_matches(const std::string& glob, const std::string& text) {
  return fnmatch(glob.c_str(), text.c_str(), FNM_PERIOD) == 0;
}

// Whether the two can be the same name, one of them perhaps a pattern.
bool may_match(const PathComponent& input, const PathComponent& output) {
  if (same_component(input, output)) return true;
  const bool input_glob =
      is_fixed(input) && input.front().text.find_first_of("*?[") != std::string::npos;
  const bool output_glob =
      is_fixed(output) && output.front().text.find_first_of("*?[") != std::string::npos;
  if (input_glob && is_fixed(output) && !output_glob) {
    return glob_matches(input.front().text, output.front().text);
  }
  if (output_glob && is_fixed(input) && !input_glob) {
    return glob_matches(output.front().text, input.front().text);
  }
  return input_glob || output_glob;
}

class InputCheck {
 public:
  InputCheck(const Workflow& workflow,
             const wfr::TaskGraph& graph,
             const std::vector<OutputTemplate>& outputs,
             const std::filesystem::path& root,
             Sink& sink)
      : workflow_(workflow), graph_(graph), outputs_(outputs), root_(root.string()), sink_(sink) {}

  void check(StepId id, std::size_t index) {
    const StepDef& step = workflow_.step(id);
    const wfr::InputSpec& input = step.spec.inputs[index];
    const SymbolicPath path = symbolic_path(workflow_.levels, step.spec.each, input.path);
    if (input.made_by_edge != wfr::kNone || is_made(path)) return;
    const Span span = index < step.input_spans.size() ? step.input_spans[index] : step.name_span;
    if (const LevelDef* made = made_level(path)) {
      sink_.report(
          Kind::InputMissing,
          span,
          fmt::format("`{}` reads `{}`, which no step makes, in a directory that `{}` makes",
                      step.spec.name,
                      visible(to_text(path, workflow_.levels)),
                      workflow_.step(*made->made_by).spec.name),
          remedy(id, path));
      return;
    }
    look_on_disk(id, input, path, span);
  }

 private:
  // Some step declares it, or a directory around it, or a pattern that holds it.
  [[nodiscard]] bool is_made(const SymbolicPath& path) const {
    return std::any_of(outputs_.begin(), outputs_.end(), [&](const OutputTemplate& output) {
      const auto& made = output.path.components;
      const auto& read = path.components;
      const wfr::OutputSpec& spec = workflow_.step(output.step).spec.outputs[output.index];
      const bool fits = spec.kind == wfr::OutputKind::Directory ? made.size() <= read.size()
                                                                : made.size() == read.size();
      return fits && output.path.absolute == path.absolute &&
             std::equal(
                 made.begin(),
                 made.end(),
                 read.begin(),
                 [](const PathComponent& m, const PathComponent& r) { return may_match(r, m); });
    });
  }

  // The level whose directories a step makes and in which the input lies.
  [[nodiscard]] const LevelDef* made_level(const SymbolicPath& path) const {
    if (path.absolute || path.components.empty()) return nullptr;
    for (std::size_t i = 0; i + 1 < path.components.size(); ++i) {
      const PathComponent& component = path.components[i];
      if (component.size() != 1 || component.front().kind != wfr::PieceKind::LevelName) break;
      const LevelDef& level = workflow_.level(component.front().level);
      if (level.made_by && !workflow_.step(*level.made_by).dropped) return &level;
    }
    return nullptr;
  }

  // Evenly spread over the step's tasks when there are more than are looked at.
  void look_on_disk(StepId id, const wfr::InputSpec& input, const SymbolicPath& path, Span span) {
    const wfr::InstanceSet& tasks = graph_.tasks(id);
    const std::uint32_t looked = std::min(tasks.count, kLookedAt);
    std::uint32_t missing = 0;
    std::string named;
    for (std::uint32_t i = 0; i < looked; ++i) {
      const auto task = static_cast<wfr::TaskIndex>(std::uint64_t{i} * tasks.count / looked);
      const wfr::Ordinal node = tasks.node_at(task);
      if (exists(input, tasks.level, node)) continue;
      if (++missing > kNamed) continue;
      named += fmt::format(
          "{}`{}`", named.empty() ? "" : ", ", visible(graph_.tree.directory(tasks.level, node)));
    }
    if (missing == 0) return;
    const std::string& step = workflow_.step(id).spec.name;
    const std::string text = visible(to_text(path, workflow_.levels));
    if (missing == looked) {
      sink_.report(
          Kind::InputMissing,
          span,
          fmt::format("`{}` reads `{}`, which is not there and which no step makes", step, text),
          remedy(id, path));
      return;
    }
    sink_.report(
        Kind::InputPartlyMissing,
        span,
        fmt::format("`{}` reads `{}`, which is missing in {} of {} directories{}: {}{}",
                    step,
                    text,
                    missing,
                    looked,
                    looked < tasks.count ? " looked at" : "",
                    named,
                    missing > kNamed ? ", ..." : ""),
        fmt::format("its tasks there will fail; leave them out with `where` of `{}`", step));
  }

  [[nodiscard]] bool exists(const wfr::InputSpec& input, LevelId level, wfr::Ordinal node) const {
    const std::string text = expand_at(graph_.tree, input.path, level, node, input.glob);
    const std::string directory = graph_.tree.directory(level, node);
    if (input.glob) {
      const std::string pattern = path_from(escape_glob(directory), text);
      return !glob_paths(join_path(escape_glob(root_), pattern)).empty();
    }
    return ::access(join_path(root_, path_from(directory, text)).c_str(), F_OK) == 0;
  }

  // The output of another step with the most similar path, if there is one.
  [[nodiscard]] std::string remedy(StepId reader, const SymbolicPath& path) const {
    std::vector<std::string> candidates;
    candidates.reserve(outputs_.size());
    for (const OutputTemplate& output : outputs_) {
      // A place for each, so that the index stays that of `outputs_`.
      candidates.push_back(output.step == reader ? "" : to_text(output.path, workflow_.levels));
    }
    const std::string near = nearest(to_text(path, workflow_.levels), candidates);
    const auto at = std::find(candidates.begin(), candidates.end(), near);
    if (near.empty() || at == candidates.end()) {
      return "correct the path, or declare it in the `outputs` of the step that makes it";
    }
    const OutputTemplate& output = outputs_[static_cast<std::size_t>(at - candidates.begin())];
    return fmt::format("did you mean `{}`, which `{}` makes?",
                       visible(near),
                       workflow_.step(output.step).spec.name);
  }

  const Workflow& workflow_;
  const wfr::TaskGraph& graph_;
  const std::vector<OutputTemplate>& outputs_;
  const std::string root_;
  Sink& sink_;
};

}  // namespace

void check_inputs(const Workflow& workflow,
                  const wfr::TaskGraph& graph,
                  const std::vector<OutputTemplate>& outputs,
                  const std::filesystem::path& root,
                  Sink& sink) {
  InputCheck check(workflow, graph, outputs, root, sink);
  for (std::uint32_t s = 0; s < workflow.steps.size(); ++s) {
    if (graph.instances[s].count == 0) continue;
    for (std::size_t i = 0; i < workflow.steps[s].spec.inputs.size(); ++i) {
      check.check(StepId{s}, i);
    }
  }
}

}  // namespace wfc
