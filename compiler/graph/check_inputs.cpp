// Inputs that no step makes and that are not on the disk.
#include "compiler/graph/checks.hpp"
#include "compiler/graph/input_on_disk.hpp"
#include "compiler/tree/visible.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <fnmatch.h>

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

constexpr const char* kDeniedHelp =
    "you may not search its directory; ask its owner for permission";

class InputCheck {
 public:
  InputCheck(const Workflow& workflow,
             const wfr::TaskGraph& graph,
             const MadeFiles& made,
             const DataRoot& root,
             Sink& sink)
      : workflow_(workflow),
        graph_(graph),
        outputs_(made.outputs),
        bound_(made.bound),
        root_(root),
        sink_(sink) {}

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
    const auto bound = bound_.find({id, index});
    static const std::vector<bool> kNobody;
    look_on_disk(id, input, bound == bound_.end() ? kNobody : bound->second, span);
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
  // Those that read what another task makes are left out.
  void look_on_disk(StepId id,
                    const wfr::InputSpec& input,
                    const std::vector<bool>& bound,
                    Span span) {
    const SymbolicPath path =
        symbolic_path(workflow_.levels, workflow_.step(id).spec.each, input.path);
    const wfr::InstanceSet& tasks = graph_.tasks(id);
    const std::uint32_t looked = std::min(tasks.count, kLookedAt);
    std::map<Absence, Absent> absent;
    for (std::uint32_t i = 0; i < looked; ++i) {
      const auto task = static_cast<wfr::TaskIndex>(std::uint64_t{i} * tasks.count / looked);
      const wfr::Ordinal node = tasks.node_at(task);
      if (task < bound.size() && bound[task]) continue;
      std::optional<wfr::ForeignLink> link;
      const Absence why = absence_of(root_, graph_.tree, input, tasks.level, node, link);
      if (why == Absence::None) continue;
      absent[why].add(graph_.tree.directory(tasks.level, node));
      if (!absent[why].link) absent[why].link = link;
    }
    for (const auto& [why, where] : absent) {
      const std::string& step = workflow_.step(id).spec.name;
      const std::string text = visible(to_text(path, workflow_.levels));
      if (where.count < looked) {
        sink_.report(
            Kind::InputPartlyMissing,
            span,
            fmt::format("`{}` reads `{}`, which {} in {} of {} directories{}: {}{}",
                        step,
                        text,
                        what_is_wrong(why, where),
                        where.count,
                        looked,
                        looked < tasks.count ? " looked at" : "",
                        where.named,
                        where.count > kNamed ? ", ..." : ""),
            fmt::format("its tasks there will fail; leave them out with `where` of `{}`", step));
      } else if (why == Absence::NotThere) {
        sink_.report(
            Kind::InputMissing,
            span,
            fmt::format(
                "`{}` reads `{}`, which does not exist and which no step makes", step, text),
            remedy(id, path));
      } else {
        sink_.report(Kind::InputMissing,
                     span,
                     fmt::format("`{}` reads `{}`, which {}: {}{}",
                                 step,
                                 text,
                                 what_is_wrong(why, where),
                                 where.named,
                                 where.count > kNamed ? ", ..." : ""),
                     remedy(why));
      }
    }
  }

  // The directories of tasks without an input.
  struct Absent {
    std::uint32_t count = 0;
    std::string named;
    std::optional<wfr::ForeignLink> link;  // the first of them
    void add(const std::string& directory) {
      if (++count > kNamed) return;
      named += fmt::format("{}`{}`", named.empty() ? "" : ", ", visible(directory));
    }
  };

  static std::string what_is_wrong(Absence why, const Absent& where) {
    switch (why) {
      case Absence::Denied:
        return "cannot be read (permission denied)";
      case Absence::LinkToNothing:
        return "is a broken link";
      case Absence::LinkLoop:
        return "lies behind links that lead to each other";
      case Absence::ForeignLink:
        return visible(wfr::foreign_link_text(*where.link));
      default:
        return "is missing";
    }
  }

  static std::string remedy(Absence why) {
    if (why == Absence::Denied) return "make it readable, or leave the input out";
    return why == Absence::ForeignLink ? std::string(wfr::kForeignLinkHelp)
                                       : "repair the link, or leave the input out";
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
  const BoundInputs& bound_;
  const DataRoot& root_;
  Sink& sink_;
};

}  // namespace

void check_inputs(const Workflow& workflow,
                  const wfr::TaskGraph& graph,
                  const MadeFiles& made,
                  const DataRoot& root,
                  Sink& sink) {
  InputCheck check(workflow, graph, made, root, sink);
  for (std::uint32_t s = 0; s < workflow.steps.size(); ++s) {
    if (graph.instances[s].count == 0) continue;
    for (std::size_t i = 0; i < workflow.steps[s].spec.inputs.size(); ++i) {
      check.check(StepId{s}, i);
    }
  }
}

}  // namespace wfc
