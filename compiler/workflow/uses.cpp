// Files beside the workflow whose content counts: `uses`, and words of commands that name one.
#include "compiler/workflow/context.hpp"
#include "compiler/workflow/names.hpp"
#include "compiler/workflow/pattern.hpp"
#include "compiler/workflow/templates.hpp"
#include "compiler/workflow/values.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace wfc {
namespace {

using wfr::Piece;
using wfr::PieceKind;

std::vector<BesideFile> find_beside(const Context& context, const std::string& path, bool pattern) {
  return context.options.find_beside ? context.options.find_beside(path, pattern)
                                     : std::vector<BesideFile>{};
}

bool is_pattern(const wfr::Template& path) {
  return std::any_of(path.pieces.begin(), path.pieces.end(), [](const Piece& piece) {
    return piece.kind == PieceKind::Text && is_glob(piece.text);
  });
}

// Paths in which a level is named are looked at when a task runs.
void check_listed(Context& context, const wfr::UseSpec& use, const ast::Value& value) {
  const std::optional<std::string> path = constant_text(use.path);
  if (!path) return;
  const std::vector<BesideFile> found = find_beside(context, *path, use.glob);
  if (found.empty()) {
    context.report(Kind::UseMissing,
                   value.span,
                   use.glob ? fmt::format("no file beside the workflow matches `{}`", *path)
                            : fmt::format("`{}` does not exist", *path),
                   "`uses` names files relative to the directory of the workflow file");
  } else if (!use.glob && found.front().directory) {
    context.report(Kind::UseDirectory,
                   value.span,
                   fmt::format("`{}` is a directory, but `uses` names files", *path),
                   fmt::format("write \"{0}/*\" for the files in it, \"{0}/**\" for all below it",
                               path->substr(0, path->find_last_not_of('/') + 1)));
  }
}

void add_listed(Context& context, StepDef& step, const ast::Value& value) {
  wfr::UseSpec use;
  const std::size_t said = context.sink.all().size();
  use.path = bind_template(context, step, value, TemplatePlace::Input);
  use.glob = is_pattern(use.path);
  if (as_text(value)->empty()) {
    context.report(Kind::BadPath,
                   value.span,
                   "`uses` has an empty path",
                   "name a file relative to the directory of the workflow file");
    return;
  }
  if (context.options.find_beside && context.sink.all().size() == said)
    check_listed(context, use, value);
  step.spec.uses.push_back(std::move(use));
}

bool is_path_piece(PieceKind kind) {
  return kind == PieceKind::Value || kind == PieceKind::LevelName || kind == PieceKind::LevelColumn;
}

// In a shell a word ends at these, if no quotation mark is before it.
constexpr std::string_view kEnds = " \t\r\n'\"`;|&<>()$=:,";

// A word that is written to is not read.
bool is_written_to(const std::string& before) {
  const std::size_t last = before.find_last_not_of(" \t\"'");
  return last != std::string::npos && before[last] == '>';
}

// The path after {workflow.dir} at piece `at`. nullopt when there is none that is known before a
// task runs.
std::optional<wfr::Template> path_after(const wfr::Template& text, std::size_t at, bool shell) {
  const std::string before = at == 0 || text.pieces[at - 1].kind != PieceKind::Text
                                 ? std::string()
                                 : text.pieces[at - 1].text;
  if (shell && is_written_to(before)) return std::nullopt;
  const bool quoted = !before.empty() && (before.back() == '"' || before.back() == '\'');
  const std::string ends = !shell   ? std::string()
                           : quoted ? std::string(1, before.back())
                                    : std::string(kEnds);
  wfr::Template path;
  for (std::size_t i = at + 1; i < text.pieces.size(); ++i) {
    Piece piece = text.pieces[i];
    if (is_path_piece(piece.kind)) {
      path.pieces.push_back(std::move(piece));
      continue;
    }
    if (piece.kind != PieceKind::Text) return std::nullopt;
    const std::size_t end = piece.text.find_first_of(ends);
    piece.text = piece.text.substr(0, end);
    if (!piece.text.empty()) path.pieces.push_back(std::move(piece));
    if (end != std::string::npos) break;
  }
  if (path.pieces.empty() || path.pieces.front().kind != PieceKind::Text) return std::nullopt;
  std::string& first = path.pieces.front().text;
  if (first.empty() || first.front() != '/') return std::nullopt;
  first.erase(0, first.find_first_not_of('/'));
  if (first.empty()) path.pieces.erase(path.pieces.begin());
  return path.pieces.empty() ? std::nullopt : std::optional(path);
}

// Once, and only what is a file now or may be one for some task.
void add_word(const Context& context, wfr::Template path, StepDef& step) {
  if (is_pattern(path)) {
    const std::optional<std::string> constant = constant_text(path);
    if (!constant || find_beside(context, *constant, true).empty()) return;
    step.spec.uses.push_back({std::move(path), true, false});
    return;
  }
  if (const std::optional<std::string> constant = constant_text(path)) {
    const std::vector<BesideFile> found = find_beside(context, *constant, false);
    if (found.size() != 1 || found.front().directory) return;
    const bool known =
        std::any_of(step.spec.uses.begin(), step.spec.uses.end(), [&](const wfr::UseSpec& use) {
          return !use.glob && constant_text(use.path) == found.front().name;
        });
    if (known) return;
    Piece piece;
    piece.text = found.front().name;
    path.pieces = {piece};
  }
  step.spec.uses.push_back({std::move(path), false, false});
}

void add_words(const Context& context, const wfr::Template& text, bool shell, StepDef& step) {
  for (std::size_t i = 0; i < text.pieces.size(); ++i) {
    if (text.pieces[i].kind != PieceKind::WorkflowDir) continue;
    if (auto path = path_after(text, i, shell)) add_word(context, std::move(*path), step);
  }
}

// "source env.sh" and ". env.sh" in `setup`.
void add_sourced(const Context& context, StepDef& step) {
  const std::string& setup = step.spec.environment.setup;
  for (std::size_t begin = 0; begin < setup.size();) {
    const std::size_t end = std::min(setup.find_first_of("\n;&|", begin), setup.size());
    std::string command = setup.substr(begin, end - begin);
    begin = end + 1;
    command.erase(0, std::min(command.find_first_not_of(" \t"), command.size()));
    const std::size_t space = command.find_first_of(" \t");
    const std::string word = command.substr(0, space);
    if (space == std::string::npos || (word != "source" && word != ".")) continue;
    std::size_t from = command.find_first_not_of(" \t", space);
    if (from == std::string::npos) continue;
    const bool quoted = command[from] == '"' || command[from] == '\'';
    const std::size_t to =
        quoted ? command.find(command[from], from + 1) : command.find_first_of(" \t", from);
    if (quoted) ++from;
    const std::string name = command.substr(from, to == std::string::npos ? to : to - from);
    if (name.empty() || name.find_first_of("$`~{") != std::string::npos) continue;
    Piece piece;
    piece.text = name;
    add_word(context, {{piece}}, step);
  }
}

}  // namespace

void resolve_uses(Context& context) {
  for (std::size_t i = 0; i < context.workflow.steps.size(); ++i) {
    StepDef& step = context.workflow.steps[i];
    if (step.spec.finalizer != wfr::FinalizerKind::None) continue;
    if (const ast::Entry* uses = context.step_tables[i]->find("uses")) {
      for (const ast::Value* value : texts_of(uses->value)) add_listed(context, step, *value);
    }
    add_words(context, step.spec.run, true, step);
    for (const wfr::Template& word : step.spec.argv) add_words(context, word, false, step);
    add_sourced(context, step);
  }
}

}  // namespace wfc
