// Looks at the placeholders that are words of their own, and at the values that they stand for.
#include "compiler/graph/check_dashes.hpp"

#include "compiler/tree/visible.hpp"
#include "runtime/plan/expand_template.hpp"

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace wfc {
namespace {

using wfr::Piece;
using wfr::PieceKind;

// What stands for a placeholder while a command is looked at.
constexpr char kValue = '\x01';
constexpr std::string_view kSpace = " \t\n";
constexpr std::string_view kCommandEnds = ";&|()\n";

bool comes_from_data(const Piece& piece) {
  return piece.kind == PieceKind::LevelName || piece.kind == PieceKind::LevelColumn;
}

// `-5`, `-0.3`, `-1e-7`: a value, and no option that could do harm.
bool is_number(std::string_view text) {
  text.remove_prefix(1);
  const bool begins = !text.empty() && (text[0] == '.' || (text[0] >= '0' && text[0] <= '9'));
  return begins && text.find_first_not_of("0123456789.eE+-") == std::string_view::npos;
}

bool is_option(std::string_view value) {
  return value.starts_with('-') && value != "-" && !is_number(value);
}

// Whether the placeholder at `at` of a shell command is a word that can be an option.
bool may_be_option(std::string_view command, std::size_t at) {
  const std::size_t begin = command.find_last_of(kCommandEnds, at);
  std::string_view before = command.substr(0, at);
  if (begin != std::string_view::npos) before.remove_prefix(begin + 1);
  std::string_view after = command.substr(at + 1);
  const bool quoted = !before.empty() && before.back() == '"' && after.starts_with('"');
  if (quoted) before.remove_suffix(1);
  if (quoted) after.remove_prefix(1);
  if (!before.empty() && kSpace.find(before.back()) == std::string_view::npos) return false;
  if (!after.empty() && kSpace.find(after.front()) == std::string_view::npos &&
      kCommandEnds.find(after.front()) == std::string_view::npos) {
    return false;
  }
  const std::size_t last = before.find_last_not_of(kSpace);
  const bool redirected =
      last != std::string_view::npos && (before[last] == '>' || before[last] == '<');
  return !redirected && (" " + std::string(before)).find(" -- ") == std::string::npos;
}

class DashCheck {
 public:
  DashCheck(const Workflow& workflow, const wfr::Plan& plan, Sink& sink)
      : workflow_(workflow), plan_(plan), sink_(sink) {}

  void check(StepId id) {
    const wfr::StepSpec& step = plan_.step(id);
    seen_.clear();
    if (step.command == wfr::CommandKind::Shell) {
      std::string command;
      for (const Piece& piece : step.run.pieces) {
        command += piece.kind == PieceKind::Text ? piece.text : std::string(1, kValue);
      }
      std::size_t at = 0;
      for (const Piece& piece : step.run.pieces) {
        if (comes_from_data(piece) && may_be_option(command, at)) check(id, piece);
        at += piece.kind == PieceKind::Text ? piece.text.size() : 1;
      }
      return;
    }
    for (const wfr::Template& word : step.argv) {
      if (word.pieces.size() != 1) continue;
      const Piece& piece = word.pieces.front();
      if (piece.kind == PieceKind::Text && piece.text == "--") return;
      if (comes_from_data(piece)) check(id, piece);
    }
  }

 private:
  void check(StepId id, const Piece& piece) {
    const wfr::Level& level = plan_.graph.tree.level(piece.level);
    const bool column = piece.kind == PieceKind::LevelColumn;
    const wfr::Names& values = column ? level.columns[piece.column].values : level.names;
    std::uint32_t first = 0;
    while (first < values.size() && !is_option(values.at(first))) ++first;
    if (first == values.size()) return;
    const std::string name =
        column ? level.name + "." + level.columns[piece.column].name : level.name;
    if (seen_.insert(name).second) report(id, piece, name);
  }

  void report(StepId id, const Piece& piece, const std::string& name) {
    const wfr::InstanceSet& tasks = plan_.graph.tasks(id);
    std::uint32_t count = 0;
    std::string_view value;
    for (wfr::TaskIndex task = 0; task < tasks.count; ++task) {
      const std::string_view one =
          piece_text(plan_.graph.tree, piece, tasks.level, tasks.node_at(task));
      if (!is_option(one)) continue;
      if (count++ == 0) value = one;
    }
    if (count == 0) return;
    sink_.report(
        Kind::ValueIsOption,
        workflow_.step(id).command_span,
        fmt::format("`{{{}}}` is `{}` in {} of {} tasks: a command takes a word that "
                    "begins with `-` for an option",
                    name,
                    visible(value),
                    count,
                    tasks.count),
        fmt::format("write `--` before it, as in `sort -- {{{}}}`, or join it to its option, "
                    "as in `--name={{{}}}`",
                    name,
                    name));
  }

  const Workflow& workflow_;
  const wfr::Plan& plan_;
  Sink& sink_;
  std::set<std::string> seen_;  // of one step
};

}  // namespace

void check_dashes(const Workflow& workflow, const wfr::Plan& plan, Sink& sink) {
  DashCheck check(workflow, plan, sink);
  for (const StepId id : plan.order) {
    if (plan.graph.tasks(id).count > 0) check.check(id);
  }
}

}  // namespace wfc
