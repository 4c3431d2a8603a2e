// `inputs` and `outputs` of every step.
#include "compiler/workflow/context.hpp"
#include "compiler/workflow/names.hpp"
#include "compiler/workflow/pattern.hpp"
#include "compiler/workflow/templates.hpp"
#include "compiler/workflow/values.hpp"
#include "runtime/plan/output_path.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace wfc {
namespace {

using wfr::PieceKind;

bool has_glob(const wfr::Template& path) {
  return std::any_of(path.pieces.begin(), path.pieces.end(), [](const wfr::Piece& piece) {
    return piece.kind == PieceKind::Text && is_glob(piece.text);
  });
}

// Takes a '/' off the end. True when there was one.
bool take_slash(wfr::Template& path) {
  if (path.pieces.empty() || path.pieces.back().kind != PieceKind::Text) return false;
  std::string& last = path.pieces.back().text;
  if (last.empty() || last.back() != '/') return false;
  while (!last.empty() && last.back() == '/') last.pop_back();
  if (last.empty()) path.pieces.pop_back();
  return true;
}

// The path with each placeholder as one letter, so that its components can be looked at.
std::string outline(const wfr::Template& path) {
  std::string text;
  for (const wfr::Piece& piece : path.pieces) {
    const bool known = piece.kind == PieceKind::Text || piece.kind == PieceKind::Value;
    text += known ? piece.text : "x";
  }
  return text;
}

// The finest level that the path names, or the step's own. Two branches below the step cannot be
// walked at once: no directory lies in both.
LevelId fan_of(Context& context, const StepDef& step, const wfr::Template& path, const Span& span) {
  const Workflow& workflow = context.workflow;
  LevelId fan = step.spec.each;
  for (const wfr::Piece& piece : path.pieces) {
    if (piece.kind != PieceKind::LevelName && piece.kind != PieceKind::LevelColumn) continue;
    if (is_at_or_above(workflow, piece.level, fan)) continue;
    if (!is_at_or_above(workflow, fan, piece.level)) {
      context.report(Kind::UnrelatedLevel,
                     span,
                     fmt::format("no directory is below both `{}` and `{}`",
                                 workflow.level(fan).name,
                                 workflow.level(piece.level).name),
                     "they are different branches of the tree: declare two outputs");
      continue;
    }
    fan = piece.level;
  }
  return fan;
}

// "x", or { path = "x", compare = "content" }.
struct WrittenPath {
  const ast::Value* path = nullptr;  // not null: a text
  bool content = false;
};

WrittenPath read_path(const Context& context, const ast::Value& value) {
  WrittenPath written{as_text(value) != nullptr ? &value : nullptr, context.workflow.content};
  if (const ast::Table* table = as_table(value)) {
    const ast::Entry* path = table->find("path");
    if (path != nullptr && as_text(path->value) != nullptr) written.path = &path->value;
    const std::string* compare = text_at(*table, "compare");
    if (compare != nullptr) written.content = *compare == "content";
  }
  return written;
}

// Of a list. One text is taken for a list of one: that it is none has been reported.
std::vector<WrittenPath> read_paths(const Context& context, const ast::Value& value) {
  std::vector<WrittenPath> paths;
  if (as_text(value) != nullptr) paths.push_back(read_path(context, value));
  if (const ast::Array* array = as_array(value)) {
    for (const ast::Value& item : *array) {
      if (WrittenPath path = read_path(context, item); path.path != nullptr) paths.push_back(path);
    }
  }
  return paths;
}

void add_output(Context& context,
                StepDef& step,
                const WrittenPath& written,
                const std::string& name) {
  const ast::Value& value = *written.path;
  wfr::OutputSpec output;
  output.name = name;
  output.content = written.content;
  output.path = bind_template(context, step, value, TemplatePlace::Output);
  if (take_slash(output.path)) {
    output.kind = wfr::OutputKind::Directory;
  } else if (has_glob(output.path)) {
    output.kind = wfr::OutputKind::Glob;
  }
  const std::string problem = wfr::output_path_problem(output.path);
  if (!problem.empty()) {
    context.report(Kind::BadPath,
                   value.span,
                   fmt::format("output `{}` {}", *as_text(value), problem),
                   "an output is relative to the task's directory and stays inside it");
  }
  if (output.kind == wfr::OutputKind::Directory && has_glob(output.path)) {
    context.report(
        Kind::OutputPattern,
        value.span,
        fmt::format("`{}` is a pattern: no directory is made under such a name", *as_text(value)),
        "name the directory, or the files in it: `parts_*/part.txt`");
  }
  output.fan = fan_of(context, step, output.path, value.span);
  step.spec.outputs.push_back(std::move(output));
  step.output_spans.push_back(value.span);
}

void resolve_outputs(Context& context, const ast::Value& outputs, StepDef& step) {
  for (const WrittenPath& written : read_paths(context, outputs)) {
    add_output(context, step, written, "");
  }
  const ast::Table* table = as_table(outputs);
  if (table == nullptr) return;
  for (const ast::Entry& entry : table->entries) {
    const WrittenPath written = read_path(context, entry.value);
    if (written.path == nullptr) continue;
    if (entry.key == "compare") {
      context.report(Kind::BadName,
                     entry.key_span,
                     "`compare` cannot be an output's name",
                     R"(write outputs = [{ path = "FILE", compare = "content" }])");
      continue;
    }
    if (!is_word(entry.key) || entry.key == "list") {
      context.report(Kind::BadName,
                     entry.key_span,
                     fmt::format("`{}` cannot be an output's name", entry.key),
                     entry.key == "list"
                         ? "`{needs.STEP.list}` is the file that lists all of them"
                         : "use letters, digits, `_` and `-`, beginning with a letter");
      continue;
    }
    add_output(context, step, written, entry.key);
  }
}

void add_input(Context& context, StepDef& step, const WrittenPath& written) {
  const ast::Value& value = *written.path;
  wfr::InputSpec input;
  input.content = written.content;
  input.path = bind_template(context, step, value, TemplatePlace::Input);
  take_slash(input.path);
  input.glob = has_glob(input.path);
  if (outline(input.path).empty()) {
    context.report(Kind::BadPath,
                   value.span,
                   fmt::format("input `{}` names no file", *as_text(value)),
                   "an input is relative to the task's directory");
  }
  step.spec.inputs.push_back(std::move(input));
  step.input_spans.push_back(value.span);
}

}  // namespace

void resolve_files(Context& context) {
  for (std::size_t i = 0; i < context.workflow.steps.size(); ++i) {
    StepDef& step = context.workflow.steps[i];
    if (step.spec.finalizer != wfr::FinalizerKind::None) continue;
    const ast::Table& table = *context.step_tables[i];
    if (const ast::Entry* inputs = table.find("inputs")) {
      for (const WrittenPath& written : read_paths(context, inputs->value)) {
        add_input(context, step, written);
      }
    }
    if (const ast::Entry* outputs = table.find("outputs")) {
      resolve_outputs(context, outputs->value, step);
    }
  }
}

}  // namespace wfc
