// The placeholders that only a command has.
#include "compiler/workflow/command_words.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace wfc {
namespace {

using wfr::Piece;
using wfr::PieceKind;

const std::map<std::string, PieceKind>& plain_words() {
  static const std::map<std::string, PieceKind> words = {{"inputs", PieceKind::Inputs},
                                                         {"cpus", PieceKind::Cpus},
                                                         {"mem_mb", PieceKind::MemMb},
                                                         {"scratch", PieceKind::Scratch},
                                                         {"hostfile", PieceKind::Hostfile}};
  return words;
}

// Files are written there, but none could be read: it has been said why.
bool is_refused(const Context& context, const StepDef& step, std::string_view key) {
  const auto index = static_cast<std::size_t>(&step - context.workflow.steps.data());
  const ast::Entry* entry = context.step_tables[index]->find(key);
  if (entry == nullptr) return false;
  const bool any = key == "inputs" ? !step.spec.inputs.empty() : !step.spec.outputs.empty();
  const auto* list = std::get_if<ast::Array>(&entry->value.data);
  return !any && (list == nullptr || !list->empty());
}

std::vector<std::string> output_names(const StepDef& step) {
  std::vector<std::string> names;
  for (const wfr::OutputSpec& output : step.spec.outputs) {
    if (!output.name.empty()) names.push_back(output.name);
  }
  return names;
}

void report_output(Context& context,
                   const StepDef& step,
                   const std::string& name,
                   const Span& span) {
  const std::vector<std::string> names = output_names(step);
  std::string help = did_you_mean(name, names);
  if (help.empty()) {
    help = names.empty() ? "give its outputs names: outputs = { table = \"table.csv\" }"
                         : fmt::format("there are: {}", fmt::join(names, ", "));
  }
  context.report(Kind::UnknownOutput,
                 span,
                 fmt::format("step `{}` has no output `{}`", step.spec.name, name),
                 std::move(help));
}

bool has_output(const StepDef& step, const std::string& name) {
  const std::vector<std::string> names = output_names(step);
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::optional<Piece> bind_outputs(Context& context, StepDef& step, const CommandWord& word) {
  Piece piece;
  piece.kind = PieceKind::Outputs;
  piece.output = word.rest;
  if (!word.rest.empty() && !has_output(step, word.rest)) {
    report_output(context, step, word.rest, word.span);
    return std::nullopt;
  }
  bool any = false;
  for (wfr::OutputSpec& output : step.spec.outputs) {
    if (!word.rest.empty() && output.name != word.rest) continue;
    // The files of a pattern have no names before they are there.
    if (output.kind == wfr::OutputKind::Glob) continue;
    output.mentioned = true;
    any = true;
  }
  if (any) return piece;
  if (is_refused(context, step, "outputs")) return std::nullopt;
  if (step.spec.outputs.empty()) {
    context.report(Kind::MisplacedPlaceholder,
                   word.span,
                   fmt::format("step `{}` has no `outputs`", step.spec.name),
                   "declare the files that the command makes");
  } else {
    context.report(Kind::OutputPattern,
                   word.span,
                   "an output that is a pattern has no path before it is made",
                   "let the command write it in place, or name each file");
  }
  return std::nullopt;
}

std::optional<Piece> bind_need(Context& context, const StepDef& step, const CommandWord& word) {
  // A step's name may hold dots: the whole rest first, then up to the last dot.
  const auto index_of_need = [&step](const std::string& name) {
    const auto found = std::find_if(step.needs.begin(), step.needs.end(), [&](const NeedDef& need) {
      return need.name == name;
    });
    return found == step.needs.end() ? wfr::kNone
                                     : static_cast<std::uint32_t>(found - step.needs.begin());
  };
  Piece piece;
  piece.kind = PieceKind::Need;
  piece.need = index_of_need(word.rest);
  const std::size_t dot = word.rest.rfind('.');
  if (piece.need == wfr::kNone && dot != std::string::npos) {
    piece.need = index_of_need(word.rest.substr(0, dot));
    piece.output = word.rest.substr(dot + 1);
    piece.kind = piece.output == "list" ? PieceKind::NeedList : PieceKind::NeedOutput;
    if (piece.kind == PieceKind::NeedList) piece.output.clear();
  }
  if (piece.need == wfr::kNone && context.unclear_needs.contains(&step)) {
    return std::nullopt;  // it may be the one that was reported
  }
  if (piece.need == wfr::kNone) {
    std::vector<std::string> names;
    for (const NeedDef& need : step.needs) names.push_back(need.name);
    std::string help = did_you_mean(word.rest, names);
    if (help.empty()) {
      const std::string name = lookup_step(context.workflow, word.rest) || dot == std::string::npos
                                   ? word.rest
                                   : word.rest.substr(0, dot);
      help = fmt::format("add it: needs = [\"{}\"]", name);
    }
    context.report(Kind::UnknownStep,
                   word.span,
                   fmt::format("step `{}` does not need `{}`", step.spec.name, word.rest),
                   std::move(help));
    return std::nullopt;
  }
  const NeedDef& need = step.needs[piece.need];
  if (!need.data) {
    context.report(Kind::MisplacedPlaceholder,
                   word.span,
                   fmt::format("`{}` only comes after `{}`", step.spec.name, need.name),
                   "list it in `needs` to read its outputs");
    return std::nullopt;
  }
  const StepDef& maker = context.workflow.step(need.step);
  if (piece.kind == PieceKind::NeedOutput && !has_output(maker, piece.output)) {
    report_output(context, maker, piece.output, word.span);
    return std::nullopt;
  }
  if (maker.spec.outputs.empty()) {
    if (is_refused(context, maker, "outputs")) return std::nullopt;
    context.report(Kind::MisplacedPlaceholder,
                   word.span,
                   fmt::format("step `{}` has no `outputs`", need.name),
                   "declare the files that it makes, or list it in `after`");
    return std::nullopt;
  }
  return piece;
}

}  // namespace

bool is_command_word(const std::string& first, const std::string& rest) {
  if (first == "needs") return !rest.empty();
  if (first == "outputs") return true;
  if (first == "workflow") return rest == "dir";
  if (first == "inputs") return rest.empty() || rest == "list";
  return rest.empty() && plain_words().contains(first);
}

std::optional<Piece> bind_command_word(Context& context, StepDef& step, const CommandWord& word) {
  if (word.first == "needs") return bind_need(context, step, word);
  if (word.first == "outputs") return bind_outputs(context, step, word);
  Piece piece;
  if (word.first == "workflow") {
    piece.kind = PieceKind::WorkflowDir;
    return piece;
  }
  piece.kind = plain_words().at(word.first);
  piece.output = word.rest;  // {inputs.list}
  if (piece.kind == PieceKind::Inputs && step.spec.inputs.empty()) {
    if (is_refused(context, step, "inputs")) return std::nullopt;
    context.report(Kind::MisplacedPlaceholder,
                   word.span,
                   fmt::format("step `{}` has no `inputs`", step.spec.name),
                   "declare the files that it reads, or use {needs.STEP}");
    return std::nullopt;
  }
  return piece;
}

}  // namespace wfc
