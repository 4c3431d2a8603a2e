// Outputs and the directories of levels: an output may not stand in the place of one, nor make a
// directory that the next scan would find as one.
#include "compiler/graph/made_paths.hpp"
#include "compiler/graph/name_pattern.hpp"
#include "compiler/graph/symbolic_overlap.hpp"
#include "compiler/tree/level_builder.hpp"
#include "compiler/tree/visible.hpp"
#include "compiler/tree/walk.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace wfc {

namespace {

using wfr::Ordinal;
using wfr::PieceKind;

bool is_regex(const std::string& pattern) {
  return pattern.size() > 2 && pattern.front() == '/' && pattern.back() == '/';
}

// Whether a directory made under this name, or one that this glob matches, is one of the level.
bool is_taken(const LevelDef& level, const NameFilter& filter, const std::string& name, bool glob) {
  if (!glob || !has_glob_sign(name)) {
    const std::string plain = glob ? without_escapes(name) : name;
    return filter.matched(plain) && !filter.trimmed(plain);
  }
  const NamePattern made = NamePattern::of_glob(name);
  const auto may_take = [&](const std::string& pattern) {
    return is_regex(pattern) || made.overlaps(NamePattern::of_glob(pattern));
  };
  // Of two globs only the same is known to exclude all.
  const bool excluded =
      std::find(level.exclude.begin(), level.exclude.end(), name) != level.exclude.end();
  const bool left =
      level.only.empty() || std::any_of(level.only.begin(), level.only.end(), may_take);
  return may_take(level.match) && left && !excluded;
}

class LevelCheck {
 public:
  LevelCheck(const Workflow& workflow,
             const wfr::TaskGraph& graph,
             const std::vector<OutputTemplate>& outputs,
             Sink& sink)
      : workflow_(workflow),
        graph_(graph),
        outputs_(outputs),
        sink_(sink),
        overlap_(graph.tree),
        made_(workflow, graph, outputs) {}

  void check(std::uint32_t output) {
    const OutputTemplate& made = outputs_[output];
    if (made.path.absolute) return;
    const std::vector<PathComponent>& components = made.path.components;
    // Down the directories of the levels that the path names.
    LevelId level = wfr::kRootLevel;
    std::size_t i = 0;
    for (; i < components.size() && is_child(components[i], level); ++i) {
      level = components[i].front().level;
    }
    if (i < components.size()) {
      look_below(output, level, i, true);
    } else if (workflow_.level(level).made_by != made.step) {
      report_place(output, level, to_text(made.path, workflow_.levels));
    }
  }

 private:
  [[nodiscard]] bool is_child(const PathComponent& component, LevelId level) const {
    return component.size() == 1 && component.front().kind == PieceKind::LevelName &&
           workflow_.level(component.front().level).under == level;
  }

  [[nodiscard]] const wfr::OutputSpec& spec(std::uint32_t output) const {
    return workflow_.step(outputs_[output].step).spec.outputs[outputs_[output].index];
  }

  // Component `i` lies in a directory of `level`, which is the fan's or above it where `known`.
  void look_below(std::uint32_t output, LevelId level, std::size_t i, bool known) {
    const OutputTemplate& made = outputs_[output];
    const PathComponent& component = made.path.components[i];
    const bool last = i + 1 == made.path.components.size();
    const bool loose = overlap_.is_loose(made.path);
    for (std::size_t l = 1; l < workflow_.levels.size(); ++l) {
      const LevelId child{static_cast<std::uint16_t>(l)};
      if (workflow_.level(child).under != level) continue;
      const bool named = loose || overlap_.has_name(child, component, made.glob);
      if (named && last && !loose && known && reported_place(output, child, i)) continue;
      if (named && !last && is_fixed(component) && !made.glob) {
        look_below(output, child, i + 1, false);
      }
      const bool directory = !last || spec(output).kind == wfr::OutputKind::Directory;
      if (directory && is_on_disk(workflow_, workflow_.level(child))) {
        look_whether_taken(output, child, i, known ? named : false);
      }
    }
  }

  // One task of the output after the other, until `use` says that it has seen enough.
  template <class Use>
  void each_path(std::uint32_t output, const Use& use) const {
    const LevelId fan = spec(output).fan;
    const wfr::InstanceSet& tasks = graph_.tasks(outputs_[output].step);
    for (Ordinal node = 0; node < graph_.tree.level(fan).size(); ++node) {
      if (!tasks.contains(graph_.tree.ancestor(fan, node, tasks.level))) continue;
      if (use(node, made_.path({0, output, node}))) return;
    }
  }

  [[nodiscard]] bool has_child(
      LevelId fan, Ordinal node, LevelId child, const std::string& name, bool glob) const {
    const LevelId level = workflow_.level(child).under;
    const Ordinal parent = graph_.tree.ancestor(fan, node, level);
    const wfr::Range range = graph_.tree.descendants(level, {parent, parent + 1}, child);
    const wfr::Names& names = graph_.tree.level(child).names;
    const NamePattern pattern = glob ? NamePattern::of_glob(name) : NamePattern::of_name(name);
    for (Ordinal at = range.begin; at < range.end; ++at) {
      if (pattern.matches(names.at(at))) return true;
    }
    return false;
  }

  bool reported_place(std::uint32_t output, LevelId child, std::size_t i) {
    if (workflow_.level(child).made_by == outputs_[output].step) return false;
    bool found = false;
    each_path(output, [&](Ordinal node, const ConcretePath& path) {
      const bool glob = i >= path.literal;
      found = has_child(spec(output).fan, node, child, path.components[i], glob);
      if (found) report_place(output, child, path.text());
      return found;
    });
    return found;
  }

  void report_place(std::uint32_t output, LevelId level, const std::string& path) {
    const LevelDef& def = workflow_.level(level);
    sink_.report({Kind::OutputIsDirectory,
                  outputs_[output].span,
                  fmt::format("output `{}` of `{}` stands where level `{}` has a directory",
                              visible(path),
                              workflow_.step(outputs_[output].step).spec.name,
                              def.name),
                  fmt::format("write it under another name, or leave that directory out of `{}` "
                              "with `exclude`",
                              def.name),
                  {{def.source_span.known() ? def.source_span : def.span, "the level"}}});
  }

  // `there`: some of these directories are there already, as the level's.
  void look_whether_taken(std::uint32_t output, LevelId child, std::size_t i, bool there) {
    const OutputTemplate& made = outputs_[output];
    const LevelDef& level = workflow_.level(child);
    const NameFilter filter(level);
    const PathComponent& component = made.path.components[i];
    if (is_fixed(component) && !is_taken(level, filter, component.front().text, made.glob)) return;
    std::set<std::string> looked;
    each_path(output, [&](Ordinal node, const ConcretePath& path) {
      if (i >= path.components.size()) return false;
      const std::string& name = path.components[i];
      const bool glob = i >= path.literal;
      const bool exists = there && has_child(spec(output).fan, node, child, name, glob);
      if (exists || !looked.insert(name).second) return false;
      if (!is_taken(level, filter, name, glob)) return false;
      report_taken(output, level, name);
      return true;
    });
  }

  void report_taken(std::uint32_t output, const LevelDef& level, const std::string& name) {
    const std::string shown = visible(name);
    sink_.report(
        {Kind::OutputTakenForData,
         outputs_[output].span,
         fmt::format("`{}` makes the directory `{}`, which level `{}` would take for data",
                     workflow_.step(outputs_[output].step).spec.name,
                     shown,
                     level.name),
         level.exclude.empty()
             ? fmt::format("write `exclude = \"{}\"` into the level, or a narrower `match`", shown)
             : fmt::format("add \"{}\" to `exclude` of the level, or write a narrower `match`",
                           shown),
         {{level.source_span.known() ? level.source_span : level.span,
           "this pattern matches it when the workflow is compiled again"}}});
  }

  const Workflow& workflow_;
  const wfr::TaskGraph& graph_;
  const std::vector<OutputTemplate>& outputs_;
  Sink& sink_;
  SymbolicOverlap overlap_;
  MadePaths made_;
};

}  // namespace

void check_output_levels(const Workflow& workflow,
                         const wfr::TaskGraph& graph,
                         const std::vector<OutputTemplate>& outputs,
                         Sink& sink) {
  LevelCheck check(workflow, graph, outputs, sink);
  for (std::uint32_t output = 0; output < outputs.size(); ++output) check.check(output);
}

}  // namespace wfc
