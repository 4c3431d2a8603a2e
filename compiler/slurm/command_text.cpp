// Pieces of templates back to what the workflow says.
#include "compiler/slurm/command_text.hpp"

#include "compiler/slurm/sbatch_text.hpp"
#include "runtime/plan/expand.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace wfc {
namespace {

using wfr::Piece;
using wfr::PieceKind;

constexpr std::size_t kMostLines = 100;
constexpr std::size_t kMostBytes = 1000;  // of a line

class Words {
 public:
  // `quote`: values stand in shell source.
  Words(const wfr::Plan& plan, const wfr::StepSpec& step, bool quote)
      : plan_(plan), step_(step), quote_(quote) {}

  [[nodiscard]] std::string of(const wfr::Template& text) const {
    std::string words;
    for (const Piece& piece : text.pieces) words += of(piece);
    return words;
  }

 private:
  [[nodiscard]] std::string of(const Piece& piece) const {
    const auto level = [&]() -> const wfr::Level& { return plan_.graph.tree.level(piece.level); };
    const auto need = [&] { return "{needs." + step_.needs[piece.need].step_name; };
    switch (piece.kind) {
      case PieceKind::Text:
        return piece.text;
      case PieceKind::Value:
        return quote_ ? wfr::shell_quote(piece.text) : piece.text;
      case PieceKind::LevelName:
        return "{" + level().name + "}";
      case PieceKind::LevelDir:
        return "{" + level().name + ".dir}";
      case PieceKind::LevelColumn:
        return "{" + level().name + "." + level().columns[piece.column].name + "}";
      case PieceKind::Need:
        return need() + "}";
      case PieceKind::NeedOutput:
        return need() + "." + piece.output + "}";
      case PieceKind::NeedList:
        return need() + ".list}";
      case PieceKind::Inputs:
        return piece.output.empty() ? "{inputs}" : "{inputs." + piece.output + "}";
      case PieceKind::Outputs:
        return piece.output.empty() ? "{outputs}" : "{outputs." + piece.output + "}";
      case PieceKind::Cpus:
        return "{cpus}";
      case PieceKind::MemMb:
        return "{mem_mb}";
      case PieceKind::Scratch:
        return "{scratch}";
      case PieceKind::Hostfile:
        return "{hostfile}";
      case PieceKind::WorkflowDir:
        return "{workflow.dir}";
    }
    return {};
  }

  const wfr::Plan& plan_;
  const wfr::StepSpec& step_;
  bool quote_;
};

std::string command_of(const wfr::Plan& plan, const wfr::StepSpec& step) {
  const Words words(plan, step, step.command == wfr::CommandKind::Shell);
  if (step.command == wfr::CommandKind::Shell) return words.of(step.run);
  if (step.command == wfr::CommandKind::Argv) {
    std::string line;
    for (const wfr::Template& word : step.argv) {
      const std::string text = words.of(word);
      const bool placeholder = word.pieces.size() == 1 && text.starts_with('{');
      line += (line.empty() ? "" : " ") + (placeholder ? text : wfr::shell_quote(text));
    }
    return line;
  }
  std::string text = fmt::format("kernel {} {}", step.kernel, step.params_json);
  for (const auto& [key, value] : step.param_templates) {
    text += fmt::format("\n{} = {}", key, words.of(value));
  }
  return text;
}

}  // namespace

std::vector<std::string> command_lines(const wfr::Plan& plan, const wfr::StepSpec& step) {
  std::string text = command_of(plan, step);
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  std::vector<std::string> lines;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    if (lines.size() == kMostLines) {
      const auto more =
          std::count(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(), '\n');
      lines.push_back(fmt::format("... and {} more lines", more + 1));
      break;
    }
    std::string line = text.substr(at, end - at);
    if (line.size() > kMostBytes) line = line.substr(0, kMostBytes) + " ...";
    std::replace(line.begin(), line.end(), '\t', ' ');
    lines.push_back(comment_text(line));
    at = end + 1;
  }
  return lines;
}

}  // namespace wfc
