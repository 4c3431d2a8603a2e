// Paths of tasks and outputs that are longer than the system takes: every command would fail there.
#include "compiler/graph/checks.hpp"
#include "compiler/tree/visible.hpp"

#include <algorithm>
#include <climits>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace wfc {
namespace {

constexpr std::size_t kLongestPath = PATH_MAX - 1;  // its last byte is a NUL
// An output is written to `.wfr.TAG/` beside its place, and renamed; a tag has 16 digits. Where
// others could exchange that directory, it is written to `.wfr.TAG/SECRET/`, with 16 digits more.
constexpr std::size_t kHolder = 39;

std::size_t longest_in(const wfr::Names& names) {
  std::size_t most = 0;
  for (wfr::Ordinal node = 0; node < names.size(); ++node) {
    most = std::max(most, names.at(node).size());
  }
  return most;
}

// No directory of the level has a longer path.
std::size_t bound_of(const wfr::Tree& tree, LevelId level) {
  std::size_t length = 0;
  for (; level != wfr::kRootLevel; level = tree.level(level).under) {
    length += 1 + longest_in(tree.level(level).names);
  }
  return length;
}

std::size_t bound_of(const wfr::Tree& tree, const wfr::Template& path) {
  std::size_t length = 1;
  for (const wfr::Piece& piece : path.pieces) {
    length += piece.text.size();
    if (piece.kind == wfr::PieceKind::LevelName)
      length += longest_in(tree.level(piece.level).names);
    if (piece.kind != wfr::PieceKind::LevelColumn) continue;
    length += longest_in(tree.level(piece.level).columns.at(piece.column).values);
  }
  return length;
}

// Of such a long name the two ends.
std::string both_ends(std::string_view name) {
  constexpr std::size_t kEnd = 50;
  if (name.size() <= 3 * kEnd) return visible(name);
  return visible(name.substr(0, kEnd)) + "..." + visible(name.substr(name.size() - kEnd));
}

// One of a step's outputs, or its directory, where that is the longest of its tasks.
struct Longest {
  std::size_t length = 0;  // with the data root
  wfr::Ordinal node = 0;   // of the task
  std::string output;      // "" for the directory
};

class LengthCheck {
 public:
  LengthCheck(const Workflow& workflow,
              const wfr::TaskGraph& graph,
              const DataRoot& root,
              Sink& sink)
      : workflow_(workflow), graph_(graph), root_(root.physical.string().size()), sink_(sink) {}

  void check(StepId id) {
    const StepDef& step = workflow_.step(id);
    std::size_t bound = 0;
    for (const wfr::OutputSpec& output : step.spec.outputs) {
      bound = std::max(bound, bound_of(graph_.tree, output.path) + kHolder);
    }
    bound += root_ + bound_of(graph_.tree, step.spec.each);
    if (bound <= kLongestPath) return;
    const Longest longest = find(id);
    if (longest.length <= kLongestPath) return;
    std::string task = step.spec.name;
    if (step.spec.each != wfr::kRootLevel) {
      task += ":" + graph_.tree.directory(step.spec.each, longest.node);
    }
    sink_.report(Kind::PathTooLong,
                 step.name_span,
                 fmt::format("{} `{}` needs a path of {} bytes, and the system takes at most {}",
                             longest.output.empty()
                                 ? "the directory of"
                                 : fmt::format("output `{}` of", both_ends(longest.output)),
                             both_ends(task),
                             longest.length,
                             kLongestPath),
                 fmt::format("{} bytes of it are the data root's: move that to a shorter path, or "
                             "give directories and outputs shorter names",
                             root_));
  }

 private:
  // Looks at every task: only where the longest names of all levels together are too long.
  [[nodiscard]] Longest find(StepId id) const {
    const StepDef& step = workflow_.step(id);
    const wfr::InstanceSet& tasks = graph_.tasks(id);
    Longest longest;
    const auto look = [&](wfr::Ordinal node, std::string output) {
      const bool at_root = tasks.level == wfr::kRootLevel;
      const std::size_t directory =
          at_root ? 0 : 1 + graph_.tree.directory(tasks.level, node).size();
      const std::size_t own = output.empty() ? 0 : 1 + kHolder + output.size();
      const std::size_t length = root_ + directory + own;
      if (length > longest.length) longest = {length, node, std::move(output)};
    };
    for (wfr::TaskIndex task = 0; task < tasks.count; ++task) look(tasks.node_at(task), "");
    for (const wfr::OutputSpec& output : step.spec.outputs) {
      for (wfr::Ordinal node = 0; node < graph_.tree.level(output.fan).size(); ++node) {
        const wfr::Ordinal there = graph_.tree.ancestor(output.fan, node, tasks.level);
        if (!tasks.contains(there)) continue;
        look(there, expand_at(graph_.tree, output.path, output.fan, node));
      }
    }
    return longest;
  }

  const Workflow& workflow_;
  const wfr::TaskGraph& graph_;
  std::size_t root_;  // bytes
  Sink& sink_;
};

}  // namespace

void check_path_lengths(const Workflow& workflow,
                        const wfr::TaskGraph& graph,
                        const DataRoot& root,
                        Sink& sink) {
  LengthCheck check(workflow, graph, root, sink);
  for (std::uint32_t s = 0; s < workflow.steps.size(); ++s) {
    if (graph.instances[s].count > 0) check.check(StepId{s});
  }
}

}  // namespace wfc
