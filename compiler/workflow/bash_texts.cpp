// Whether bash can read each `run` and `setup`: else every task would fail, on its node.
#include "compiler/syntax/spans.hpp"
#include "compiler/workflow/context.hpp"
#include "compiler/workflow/layers.hpp"
#include "compiler/workflow/values.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace wfc {
namespace {

struct BashText {
  const ast::Value* value = nullptr;
  std::string what;    // "the `run` of step `one`"
  std::string source;  // with a word for each placeholder
};

std::string source_of(const wfr::Template& run) {
  std::string source;
  for (const wfr::Piece& piece : run.pieces) {
    source += piece.kind == wfr::PieceKind::Text ? piece.text : "x";
  }
  return source;
}

// The `setup` of [defaults] or of a site is that of many steps, and looked at once.
std::vector<BashText> bash_texts(const Context& context) {
  std::vector<BashText> texts;
  std::map<const ast::Value*, std::size_t> known;
  const auto add = [&](const ast::Entry* entry, const std::string& what, std::string source) {
    if (entry == nullptr || as_text(entry->value) == nullptr) return;
    if (!known.emplace(&entry->value, texts.size()).second) return;
    texts.push_back({&entry->value, what, std::move(source)});
  };
  for (std::size_t i = 0; i < context.workflow.steps.size(); ++i) {
    const StepDef& step = context.workflow.steps[i];
    const ast::Table* table = context.step_tables[i];
    add(Layers(context, table).find("setup"), "`setup`", step.spec.environment.setup);
    if (step.spec.command != wfr::CommandKind::Shell) continue;
    add(table->find("run"),
        fmt::format("the `run` of step `{}`", step.spec.name),
        source_of(step.spec.run));
  }
  return texts;
}

// A line of the text as the workflow file has it; of the last one what is before the end.
Span span_of_line(const ast::Value& value, std::size_t line) {
  const std::string& text = *as_text(value);
  std::size_t begin = 0;
  for (; line > 1; --line) {
    const std::size_t end = text.find('\n', begin);
    if (end == std::string::npos || end + 1 >= text.size()) break;
    begin = end + 1;
  }
  begin = std::min(text.find_first_not_of(" \t", begin), text.size());
  const std::size_t end = std::min(text.find('\n', begin), text.size());
  return begin < end ? part_of(value, begin, end) : value.span;
}

}  // namespace

void check_bash(Context& context) {
  // With a placeholder that is not known the text is not the whole one.
  if (!context.options.read_bash || context.sink.has_errors()) return;
  const std::vector<BashText> texts = bash_texts(context);
  std::vector<std::string> sources;
  sources.reserve(texts.size());
  for (const BashText& text : texts) sources.push_back(text.source);
  const std::vector<std::optional<BashProblem>> problems = context.options.read_bash(sources);
  for (std::size_t i = 0; i < std::min(texts.size(), problems.size()); ++i) {
    if (!problems[i]) continue;
    context.report(Kind::BadBash,
                   span_of_line(*texts[i].value, problems[i]->line),
                   fmt::format("bash cannot read {}: {}", texts[i].what, problems[i]->message),
                   "look for a quote, a bracket, or a word such as `then`, `done` or `fi` that is "
                   "missing or too much");
  }
}

}  // namespace wfc
