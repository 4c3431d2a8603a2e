// Texts with placeholders -> wfr::Template.
#include "compiler/workflow/templates.hpp"

#include "compiler/syntax/spans.hpp"
#include "compiler/workflow/braces.hpp"
#include "compiler/workflow/command_words.hpp"
#include "compiler/workflow/names.hpp"
#include "compiler/workflow/secrets.hpp"
#include "compiler/workflow/values.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace wfc {
namespace {

using wfr::Piece;
using wfr::PieceKind;

// One placeholder on its way to a piece.
struct Placeholder {
  std::string text;   // "needs.sort.table"
  std::string first;  // "needs"
  std::string rest;   // "sort.table"; "" without a dot
  Span span;
};

std::vector<std::string> known_words(const Context& context) {
  std::vector<std::string> words = {"inputs",
                                    "outputs",
                                    "cpus",
                                    "mem_mb",
                                    "scratch",
                                    "hostfile",
                                    "workflow.dir",
                                    "params.NAME",
                                    "needs.STEP"};
  for (std::size_t i = 1; i < context.workflow.levels.size(); ++i) {
    words.push_back(context.workflow.levels[i].name);
  }
  return words;
}

std::optional<Piece> bind_level(Context& context,
                                const StepDef& step,
                                LevelId level,
                                const Placeholder& placeholder,
                                TemplatePlace place) {
  const Workflow& workflow = context.workflow;
  const bool above = is_at_or_above(workflow, level, step.spec.each);
  const bool below = is_at_or_above(workflow, step.spec.each, level);
  if (!above && !(below && place == TemplatePlace::Output)) {
    context.report(
        Kind::UnrelatedLevel,
        placeholder.span,
        fmt::format(
            "a task of `{}` does not have exactly one `{}`", step.spec.name, placeholder.first),
        below ? fmt::format("its tasks are at {}: set each = \"{}\", or name it in `outputs` only",
                            quoted_level(workflow, step.spec.each),
                            placeholder.first)
              : fmt::format("its tasks are at {}", quoted_level(workflow, step.spec.each)));
    return std::nullopt;
  }
  Piece piece;
  piece.level = level;
  if (placeholder.rest.empty()) {
    piece.kind = PieceKind::LevelName;
    return piece;
  }
  const bool is_path = place == TemplatePlace::Input || place == TemplatePlace::Output;
  if (placeholder.rest == "dir") {
    if (is_path) {
      context.report(Kind::MisplacedPlaceholder,
                     placeholder.span,
                     fmt::format("`{{{}}}` cannot be part of a path", placeholder.text),
                     "paths are relative to the task's directory; a directory above is `../`");
      return std::nullopt;
    }
    piece.kind = PieceKind::LevelDir;
    return piece;
  }
  const std::optional<std::uint32_t> column =
      find_column(context, level, placeholder.rest, placeholder.span);
  if (!column) return std::nullopt;
  piece.kind = PieceKind::LevelColumn;
  piece.column = *column;
  return piece;
}

std::optional<Piece> bind_param(Context& context,
                                const StepDef& step,
                                const Placeholder& placeholder,
                                TemplatePlace place) {
  const bool in_run =
      place == TemplatePlace::Command && step.spec.command == wfr::CommandKind::Shell;
  if (in_run) {
    if (const std::optional<Secret> secret = secret_of(context, placeholder.rest)) {
      Piece piece;
      piece.text = secret_word(*secret);
      return piece;
    }
  }
  const Param* param = find_param(context, placeholder.rest, placeholder.span);
  if (param == nullptr) return std::nullopt;
  Piece piece;
  piece.kind = PieceKind::Value;
  piece.text = param_text(param->value);
  // So that `wfc why` can name it.
  if (place == TemplatePlace::Command) piece.output = placeholder.rest;
  return piece;
}

// Where the last or the first half alone was written, the whole; else the nearest word.
std::string meant(const Context& context, const StepDef& step, const std::string& text) {
  for (const NeedDef& need : step.needs) {
    if (need.data && (text == "needs" || text == need.name)) return "needs." + need.name;
  }
  for (const Param& param : context.workflow.params) {
    if (text == param.name) return "params." + text;
  }
  return nearest(text, known_words(context));
}

std::optional<Piece> report_unknown(Context& context,
                                    const StepDef& step,
                                    const Placeholder& placeholder) {
  if (context.nameless_level) return std::nullopt;  // it may be right
  const std::string near = meant(context, step, placeholder.text);
  const std::string doubled = fmt::format("write `{{{{{}}}}}` for literal text", placeholder.text);
  context.report(
      Kind::UnknownPlaceholder,
      placeholder.span,
      fmt::format("unknown placeholder `{{{}}}`", placeholder.text),
      near.empty() ? doubled : fmt::format("did you mean `{{{}}}`? ({})", near, doubled));
  return std::nullopt;
}

std::optional<Piece> bind(Context& context,
                          StepDef& step,
                          const Placeholder& placeholder,
                          TemplatePlace place) {
  if (placeholder.first == "params" && !placeholder.rest.empty()) {
    return bind_param(context, step, placeholder, place);
  }
  if (const auto level = lookup_level(context.workflow, placeholder.first);
      level && *level != wfr::kRootLevel) {
    return bind_level(context, step, *level, placeholder, place);
  }
  if (!is_command_word(placeholder.first, placeholder.rest))
    return report_unknown(context, step, placeholder);
  if (place != TemplatePlace::Command) {
    context.report(
        Kind::MisplacedPlaceholder,
        placeholder.span,
        fmt::format("`{{{}}}` cannot be used here", placeholder.text),
        "only `run` and `argv` have it; here are {LEVEL}, {LEVEL.COLUMN} and {params.X}");
    return std::nullopt;
  }
  return bind_command_word(context, step, {placeholder.first, placeholder.rest, placeholder.span});
}

}  // namespace

wfr::Template bind_template(Context& context,
                            StepDef& step,
                            const ast::Value& text,
                            TemplatePlace place) {
  wfr::Template result;
  std::set<std::string> secrets;
  TextParts parts(text);
  for (BraceToken& token : find_placeholders(*as_text(text))) {
    if (!token.placeholder) {
      Piece piece;
      piece.text = std::move(token.text);
      result.pieces.push_back(std::move(piece));
      continue;
    }
    const std::size_t dot = token.text.find('.');
    const Placeholder placeholder{token.text,
                                  token.text.substr(0, dot),
                                  dot == std::string::npos ? "" : token.text.substr(dot + 1),
                                  parts.part(token.begin, token.end)};
    auto piece = bind(context, step, placeholder, place);
    if (!piece) {
      // What was wrong is said: it stands for itself, so that nothing else is found wrong with a
      // text that has lost a part.
      piece.emplace();
      piece->text = '{' + token.text + '}';
    } else if (placeholder.first == "params" && secret_of(context, placeholder.rest)) {
      secrets.insert(placeholder.rest);
    }
    result.pieces.push_back(std::move(*piece));
  }
  for (const std::string& name : secrets) {
    const std::vector<Piece> read = read_secret(*secret_of(context, name));
    result.pieces.insert(result.pieces.begin(), read.begin(), read.end());
  }
  return result;
}

bool is_known_placeholder(const Context& context, const std::string& content) {
  const std::size_t dot = content.find('.');
  const std::string first = content.substr(0, dot);
  const std::string rest = dot == std::string::npos ? "" : content.substr(dot + 1);
  if (first == "params") return !rest.empty();
  const std::optional<LevelId> level = lookup_level(context.workflow, first);
  return (level && *level != wfr::kRootLevel) || is_command_word(first, rest);
}

std::optional<std::string> constant_text(const wfr::Template& text) {
  std::string constant;
  for (const Piece& piece : text.pieces) {
    if (piece.kind != PieceKind::Text && piece.kind != PieceKind::Value) return std::nullopt;
    constant += piece.text;
  }
  return constant;
}

std::string param_text(const ParamValue& value) {
  if (const bool* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return fmt::format("{}", *integer);
  if (const auto* real = std::get_if<double>(&value)) return fmt::format("{}", *real);
  return std::get<std::string>(value);
}

}  // namespace wfc
