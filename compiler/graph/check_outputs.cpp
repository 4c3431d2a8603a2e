// Outputs that may be one file, or one inside the other: proved absent from the templates, else
// looked for by hashing.
#include "compiler/graph/made_paths.hpp"
#include "compiler/graph/name_pattern.hpp"
#include "compiler/graph/sheet_row.hpp"
#include "compiler/graph/symbolic_overlap.hpp"
#include "compiler/tree/visible.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include <fmt/format.h>

namespace wfc {

namespace {

using wfr::Ordinal;
using wfr::PieceKind;

// Two outputs, the one that is reached first in the order of the templates before the other.
using Pair = std::pair<MadePath, MadePath>;

class OutputCheck {
 public:
  OutputCheck(const Workflow& workflow,
              const wfr::TaskGraph& graph,
              const std::vector<OutputTemplate>& outputs,
              Sink& sink)
      : workflow_(workflow),
        graph_(graph),
        outputs_(outputs),
        sink_(sink),
        overlap_(graph.tree),
        made_(workflow, graph, outputs),
        suspects_(outputs.size()) {}

  void run() {
    const auto count = static_cast<std::uint32_t>(outputs_.size());
    std::set<std::uint32_t> left;
    for (std::uint32_t a = 0; a < count; ++a) {
      for (std::uint32_t b = a; b < count; ++b) {
        const bool apart = a == b ? is_unique(a) : !may_touch(a, b);
        if (apart) continue;
        suspects_[a].insert(b);
        suspects_[b].insert(a);
        left.insert({a, b});
      }
    }
    if (left.empty()) return;
    made_.add({left.begin(), left.end()});
    compare_equal();
    compare_inside();
    for (const auto& [outputs, found] : found_) report(found);
  }

 private:
  [[nodiscard]] const wfr::OutputSpec& spec(std::uint32_t output) const {
    const OutputTemplate& made = outputs_[output];
    return workflow_.step(made.step).spec.outputs[made.index];
  }
  [[nodiscard]] const StepDef& step(std::uint32_t output) const {
    return workflow_.step(outputs_[output].step);
  }

  // The path names each level from the root to the output's own, so that two nodes never share it.
  [[nodiscard]] bool is_unique(std::uint32_t output) const {
    const std::vector<PathComponent>& components = outputs_[output].path.components;
    for (LevelId level = spec(output).fan; level != wfr::kRootLevel;
         level = workflow_.level(level).under) {
      const bool named =
          std::any_of(components.begin(), components.end(), [&](const PathComponent& component) {
            // With a star beside it the name may end elsewhere.
            return determines(component, level) &&
                   (component.size() == 1 || !outputs_[output].glob);
          });
      if (!named) return false;
    }
    return true;
  }

  [[nodiscard]] bool may_touch(std::uint32_t a, std::uint32_t b) {
    const PathPattern one{outputs_[a].path, outputs_[a].glob};
    const PathPattern other{outputs_[b].path, outputs_[b].glob};
    return overlap_.may_begin(one, other) || overlap_.may_begin(other, one);
  }

  // Those whose names before the first glob are the same.
  void compare_equal() {
    const std::vector<MadePath>& all = made_.all();
    for (std::size_t begin = 0; begin < all.size();) {
      std::size_t end = begin + 1;
      while (end < all.size() && all[end].hash == all[begin].hash) ++end;
      if (end - begin > 1) compare_group({all.data() + begin, end - begin});
      begin = end;
    }
  }

  struct Entry {
    MadePath made;
    ConcretePath path;
    std::string head;  // of its first glob, up to the first sign
  };

  void compare_group(std::span<const MadePath> group) {
    std::vector<Entry> names;
    std::vector<Entry> globs;
    for (const MadePath& made : group) {
      Entry entry{made, made_.path(made), {}};
      const bool literal = entry.path.is_literal();
      if (!literal) {
        const std::string& glob = entry.path.components[entry.path.literal];
        entry.head = glob.substr(0, glob.find_first_of("*?[\\"));
      }
      (literal ? names : globs).push_back(std::move(entry));
    }
    for (std::size_t i = 0; i + 1 < names.size(); ++i) compare(names[i], names[i + 1]);
    for (const Entry& glob : globs) {
      for (const Entry& name : names) compare(name, glob);
    }
    // Globs that have a name in common begin alike.
    std::sort(globs.begin(), globs.end(), [](const Entry& a, const Entry& b) {
      return std::tie(a.head, a.made.output, a.made.node) <
             std::tie(b.head, b.made.output, b.made.node);
    });
    for (std::size_t i = 0; i < globs.size(); ++i) {
      for (std::size_t j = i + 1; j < globs.size() && globs[j].head.starts_with(globs[i].head);
           ++j) {
        compare(globs[i], globs[j]);
      }
    }
  }

  // Those that begin in a directory above the other's.
  void compare_inside() {
    std::vector<std::vector<std::uint32_t>> above(outputs_.size());
    for (std::uint32_t output = 0; output < outputs_.size(); ++output) {
      for (const std::uint32_t other : suspects_[output]) {
        const PathPattern one{outputs_[other].path, outputs_[other].glob};
        const bool shorter = other != output && literal_length(other) < literal_length(output);
        if (shorter || overlap_.is_loose(one.path)) above[output].push_back(other);
      }
    }
    for (const MadePath& made : made_.all()) {
      if (above[made.output].empty()) continue;
      const Entry entry{made, made_.path(made), {}};
      const std::vector<std::uint64_t> hashes = MadePaths::hashes(entry.path);
      for (std::size_t k = 0; k < entry.path.literal; ++k) {
        for (const std::uint32_t other : above[made.output]) {
          for (const MadePath& upper : made_.with(hashes[k], other)) {
            compare({upper, made_.path(upper), {}}, entry);
          }
        }
      }
    }
  }

  // How many components come before the first glob, where no value holds a slash.
  [[nodiscard]] std::size_t literal_length(std::uint32_t output) {
    const OutputTemplate& made = outputs_[output];
    if (overlap_.is_loose(made.path)) return wfr::kNone;
    std::size_t length = 0;
    for (const PathComponent& component : made.path.components) {
      const bool glob =
          made.glob && std::any_of(component.begin(), component.end(), [](const wfr::Piece& piece) {
            return piece.kind == PieceKind::Text && has_glob_sign(piece.text);
          });
      if (glob) break;
      ++length;
    }
    return length;
  }

  // One example a pair of outputs: the first in the order of the tree.
  void compare(const Entry& a, const Entry& b) {
    if (!suspects_[a.made.output].contains(b.made.output)) return;
    const auto order = [](const MadePath& made) { return std::tie(made.output, made.node); };
    const bool swapped = order(b.made) < order(a.made);
    const Pair pair = swapped ? Pair{b.made, a.made} : Pair{a.made, b.made};
    const auto known = found_.find({pair.first.output, pair.second.output});
    if (known != found_.end() && std::tie(known->second.first.node, known->second.second.node) <=
                                     std::tie(pair.first.node, pair.second.node)) {
      return;
    }
    if (!may_begin_alike(a.path, b.path) || is_free(a.path, b.path)) return;
    found_[{pair.first.output, pair.second.output}] = pair;
  }

  // A file that a pattern matches, and a directory that a pattern matches: the command chooses both
  // names.
  static bool is_free(const ConcretePath& a, const ConcretePath& b) {
    const std::size_t common = std::min(a.components.size(), b.components.size());
    return a.components.size() != b.components.size() && a.literal < common && b.literal < common;
  }

  [[nodiscard]] std::string maker(const MadePath& made) const {
    const wfr::InstanceSet& tasks = graph_.tasks(outputs_[made.output].step);
    const LevelId fan = spec(made.output).fan;
    const Ordinal node = graph_.tree.ancestor(fan, made.node, tasks.level);
    return with_rows(workflow_,
                     graph_.tree,
                     spec(made.output).path,
                     fan,
                     made.node,
                     "`" + task_text(graph_, step(made.output), node) + "`");
  }

  void report(const Pair& found) {
    const ConcretePath a = made_.path(found.first);
    const ConcretePath b = made_.path(found.second);
    const bool same = a.components.size() == b.components.size();
    if (same && a.is_literal() && b.is_literal()) return report_same(found.first, found.second);
    if (same) return report_overlap(found.first, found.second);
    if (a.components.size() < b.components.size()) return report_inside(found.first, found.second);
    report_inside(found.second, found.first);
  }

  void add(
      Kind kind, const MadePath& at, const MadePath& first, std::string message, std::string help) {
    Diagnostic diagnostic{kind, outputs_[at.output].span, std::move(message), std::move(help), {}};
    if (at.output != first.output) {
      diagnostic.labels.push_back({outputs_[first.output].span,
                                   kind == Kind::SameOutput ? "first made here" : "made here"});
    }
    sink_.report(std::move(diagnostic));
  }

  void report_same(const MadePath& a, const MadePath& b) {
    const std::string path = visible(made_.path(a).text());
    const std::string& name = step(a.output).spec.name;
    if (a.output != b.output) {
      const bool one_step = outputs_[a.output].step == outputs_[b.output].step;
      add(Kind::SameOutput,
          b,
          a,
          one_step
              ? fmt::format("two outputs of `{}` are `{}`", name, path)
              : fmt::format("`{}` and `{}` both make `{}`", name, step(b.output).spec.name, path),
          one_step ? "remove one of them" : "give one of them another name");
      return;
    }
    const LevelId fan = spec(a.output).fan;
    const bool once = made_.task(a) == made_.task(b);
    const auto place = [&](const MadePath& made) {
      return with_rows(workflow_,
                       graph_.tree,
                       spec(made.output).path,
                       fan,
                       made.node,
                       "`" + visible(graph_.tree.directory(fan, made.node)) + "`");
    };
    add(Kind::SameOutput,
        b,
        a,
        fmt::format("{} of `{}` {} `{}`: {} {} and {} {}",
                    once ? "a task" : "two tasks",
                    name,
                    once ? "makes twice" : "make",
                    path,
                    once ? "for" : "in",
                    place(a),
                    once ? "for" : "in",
                    place(b)),
        "name the levels that tell the tasks apart in the path");
  }

  void report_overlap(const MadePath& a, const MadePath& b) {
    add(Kind::OutputsOverlap,
        b,
        a,
        fmt::format("{} and {} may make the same file: `{}` and `{}`",
                    maker(a),
                    maker(b),
                    visible(made_.path(a).text()),
                    visible(made_.path(b).text())),
        "narrow the pattern, or let one of them write into a directory of its own");
  }

  void report_inside(const MadePath& outer, const MadePath& inner) {
    const bool directory = spec(outer.output).kind == wfr::OutputKind::Directory;
    add(Kind::OutputInside,
        inner,
        outer,
        fmt::format("`{}` of {} lies inside `{}`, {} of {}",
                    visible(made_.path(inner).text()),
                    maker(inner),
                    visible(made_.path(outer).text()),
                    directory                     ? "a directory"
                    : outputs_[outer.output].glob ? "a pattern"
                                                  : "a file",
                    maker(outer)),
        directory ? "write it elsewhere: a directory output is replaced as a whole when its task "
                    "runs again"
                  : "write it elsewhere, or give the other another name");
  }

  const Workflow& workflow_;
  const wfr::TaskGraph& graph_;
  const std::vector<OutputTemplate>& outputs_;
  Sink& sink_;
  SymbolicOverlap overlap_;
  MadePaths made_;
  std::vector<std::set<std::uint32_t>> suspects_;  // by output: those that it may touch
  std::map<std::pair<std::uint32_t, std::uint32_t>, Pair> found_;
};

}  // namespace

void check_outputs(const Workflow& workflow,
                   const wfr::TaskGraph& graph,
                   const std::vector<OutputTemplate>& outputs,
                   Sink& sink) {
  OutputCheck(workflow, graph, outputs, sink).run();
}

}  // namespace wfc
