// Two tasks with one output path: proved absent from the templates, else looked for by hashing.
#include "compiler/graph/checks.hpp"
#include "compiler/tree/visible.hpp"

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include <fmt/format.h>
#include <xxhash.h>

namespace wfc {

namespace {

using wfr::Ordinal;
using wfr::PieceKind;

// The file of one output at one node of its `fan`.
struct Made {
  std::uint64_t hash = 0;
  std::uint32_t output = 0;  // into the list of templates
  Ordinal node = 0;
};

class OutputCheck {
 public:
  OutputCheck(const Workflow& workflow,
              const wfr::TaskGraph& graph,
              const std::vector<OutputTemplate>& outputs,
              Sink& sink)
      : workflow_(workflow), graph_(graph), outputs_(outputs), sink_(sink) {
    for (const OutputTemplate& output : outputs) has_column_.push_back(has_column(output.path));
  }

  void run() {
    const auto count = static_cast<std::uint32_t>(outputs_.size());
    for (std::uint32_t a = 0; a < count; ++a) {
      if (!is_unique(a)) suspects_.insert(a);
      for (std::uint32_t b = a + 1; b < count; ++b) {
        if (surely_apart(a, b)) continue;
        suspects_.insert(a);
        suspects_.insert(b);
      }
    }
    if (!suspects_.empty()) compare_by_hash();
  }

 private:
  [[nodiscard]] const wfr::OutputSpec& spec(std::uint32_t output) const {
    const OutputTemplate& made = outputs_[output];
    return workflow_.step(made.step).spec.outputs[made.index];
  }
  [[nodiscard]] const std::string& step_name(std::uint32_t output) const {
    return workflow_.step(outputs_[output].step).spec.name;
  }
  [[nodiscard]] Span span(std::uint32_t output) const {
    const StepDef& step = workflow_.step(outputs_[output].step);
    const std::uint32_t index = outputs_[output].index;
    return index < step.output_spans.size() ? step.output_spans[index] : step.name_span;
  }

  // The path names each level from the root to the output's own, so that two nodes never share it.
  [[nodiscard]] bool is_unique(std::uint32_t output) const {
    const std::vector<PathComponent>& components = outputs_[output].path.components;
    for (LevelId level = spec(output).fan; level != wfr::kRootLevel;
         level = workflow_.level(level).under) {
      const bool named = std::any_of(
          components.begin(), components.end(), [level](const PathComponent& component) {
            return determines(component, level);
          });
      if (!named) return false;
    }
    return true;
  }

  [[nodiscard]] bool surely_apart(std::uint32_t one, std::uint32_t other) const {
    const SymbolicPath& a = outputs_[one].path;
    const SymbolicPath& b = outputs_[other].path;
    if (a.absolute != b.absolute) return true;
    // A value from a sample sheet may hold a slash, so that components need not stand side by side.
    if (has_column_[one] || has_column_[other]) return false;
    if (a.components.size() != b.components.size()) return true;
    // The file names differ most often: from the end.
    for (std::size_t i = a.components.size(); i-- > 0;) {
      if (surely_differ(a.components[i], b.components[i]) ||
          is_no_name(a.components[i], b.components[i]) ||
          is_no_name(b.components[i], a.components[i])) {
        return true;
      }
    }
    return false;
  }

  static bool has_column(const SymbolicPath& path) {
    return std::any_of(path.components.begin(), path.components.end(), [](const auto& component) {
      return std::any_of(component.begin(), component.end(), [](const wfr::Piece& piece) {
        return piece.kind == PieceKind::LevelColumn;
      });
    });
  }

  // Fixed text that no directory of the other's level bears: "logs" against {array}.
  [[nodiscard]] bool is_no_name(const PathComponent& fixed, const PathComponent& name) const {
    if (!is_fixed(fixed) || name.size() != 1 || name.front().kind != PieceKind::LevelName) {
      return false;
    }
    const wfr::Names& names = graph_.tree.level(name.front().level).names;
    for (Ordinal node = 0; node < names.size(); ++node) {
      if (names.at(node) == fixed.front().text) return false;
    }
    return true;
  }

  [[nodiscard]] std::string path_at(std::uint32_t output, Ordinal node) const {
    const SymbolicPath& path = outputs_[output].path;
    const LevelId fan = spec(output).fan;
    std::string text;
    for (const PathComponent& component : path.components) {
      if (path.absolute || !text.empty()) text += '/';
      for (const wfr::Piece& piece : component) {
        if (piece.kind == PieceKind::Text) {
          text += piece.text;
          continue;
        }
        const wfr::Level& level = graph_.tree.level(piece.level);
        const Ordinal there = graph_.tree.ancestor(fan, node, piece.level);
        text += piece.kind == PieceKind::LevelName ? level.names.at(there)
                                                   : level.columns[piece.column].values.at(there);
      }
    }
    return has_column_[output] ? std::filesystem::path(text).lexically_normal().string() : text;
  }

  // 16 bytes a file of the outputs under suspicion.
  void compare_by_hash() {
    std::vector<Made> files;
    for (const std::uint32_t output : suspects_) {
      const LevelId fan = spec(output).fan;
      const wfr::InstanceSet& tasks = graph_.tasks(outputs_[output].step);
      const std::uint32_t nodes = graph_.tree.level(fan).size();
      for (Ordinal node = 0; node < nodes; ++node) {
        if (!tasks.contains(graph_.tree.ancestor(fan, node, tasks.level))) continue;
        const std::string path = path_at(output, node);
        files.push_back({XXH3_64bits(path.data(), path.size()), output, node});
      }
    }
    std::sort(files.begin(), files.end(), [](const Made& a, const Made& b) {
      return std::tie(a.hash, a.output, a.node) < std::tie(b.hash, b.output, b.node);
    });
    for (std::size_t i = 0; i + 1 < files.size(); ++i) {
      if (files[i].hash == files[i + 1].hash) report(files[i], files[i + 1]);
    }
    report_found();
  }

  // One example a pair of outputs: the first in the order of the tree.
  void report(const Made& a, const Made& b) {
    if (path_at(a.output, a.node) != path_at(b.output, b.node)) return;
    const auto place = std::find_if(found_.begin(), found_.end(), [&](const auto& pair) {
      return pair.first.output == a.output && pair.second.output == b.output;
    });
    if (place == found_.end()) {
      found_.emplace_back(a, b);
    } else if (a.node < place->first.node) {
      *place = {a, b};
    }
  }

  void report_found() {
    std::sort(found_.begin(), found_.end(), [](const auto& a, const auto& b) {
      return std::tie(a.first.output, a.second.output) < std::tie(b.first.output, b.second.output);
    });
    for (const auto& [a, b] : found_) report_pair(a, b);
  }

  // Two nodes of an output that fans out below its task.
  [[nodiscard]] bool is_one_task(const Made& a, const Made& b) const {
    const LevelId fan = spec(a.output).fan;
    const LevelId each = graph_.tasks(outputs_[a.output].step).level;
    return graph_.tree.ancestor(fan, a.node, each) == graph_.tree.ancestor(fan, b.node, each);
  }

  void report_pair(const Made& a, const Made& b) {
    const std::string path = visible(path_at(a.output, a.node));
    Diagnostic diagnostic{Kind::SameOutput, span(b.output), {}, {}, {}};
    if (a.output == b.output) {
      const LevelId fan = spec(a.output).fan;
      const bool once = is_one_task(a, b);
      diagnostic.message = fmt::format("{} of `{}` {} `{}`: {} `{}` and {} `{}`",
                                       once ? "a task" : "two tasks",
                                       step_name(a.output),
                                       once ? "makes twice" : "make",
                                       path,
                                       once ? "for" : "in",
                                       visible(graph_.tree.directory(fan, a.node)),
                                       once ? "for" : "in",
                                       visible(graph_.tree.directory(fan, b.node)));
      diagnostic.help = "name the levels that tell the tasks apart in the path";
    } else {
      diagnostic.message = fmt::format(
          "`{}` and `{}` both make `{}`", step_name(a.output), step_name(b.output), path);
      diagnostic.help = "give one of them another name";
      diagnostic.labels.push_back({span(a.output), "first made here"});
    }
    sink_.report(std::move(diagnostic));
  }

  const Workflow& workflow_;
  const wfr::TaskGraph& graph_;
  const std::vector<OutputTemplate>& outputs_;
  Sink& sink_;
  std::vector<bool> has_column_;  // by output
  std::set<std::uint32_t> suspects_;
  std::vector<std::pair<Made, Made>> found_;
};

}  // namespace

void check_outputs(const Workflow& workflow,
                   const wfr::TaskGraph& graph,
                   const std::vector<OutputTemplate>& outputs,
                   Sink& sink) {
  OutputCheck(workflow, graph, outputs, sink).run();
}

}  // namespace wfc
