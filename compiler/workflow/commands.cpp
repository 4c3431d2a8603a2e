// What a step does: exactly one of `kernel`, `run` and `argv`.
#include "compiler/workflow/context.hpp"
#include "compiler/workflow/kernel_step.hpp"
#include "compiler/workflow/templates.hpp"
#include "compiler/workflow/values.hpp"

#include <fmt/format.h>

namespace wfc {
namespace {

// The one command of a step; nullptr when there is none or more than one.
const ast::Entry* the_command(Context& context, const StepDef& step, const ast::Table& table) {
  const ast::Entry* command = nullptr;
  for (const char* key : {"kernel", "run", "argv"}) {
    const ast::Entry* entry = table.find(key);
    if (entry == nullptr) continue;
    if (command != nullptr) {
      context.sink.report(
          {Kind::CommandCount,
           entry->key_span,
           fmt::format(
               "step `{}` has both `{}` and `{}`", step.spec.name, command->key, entry->key),
           "a step runs one command; write two steps",
           {{command->key_span, "the first"}}});
      return nullptr;
    }
    command = entry;
  }
  if (command == nullptr) {
    context.report(Kind::CommandCount,
                   step.name_span,
                   fmt::format("step `{}` has no command", step.spec.name),
                   "give it `kernel`, `run` or `argv`");
  }
  return command;
}

bool is_blank(const std::string& text) {
  return text.find_first_not_of(" \t\r\n") == std::string::npos;
}

void resolve_words(Context& context, StepDef& step, const ast::Entry& command) {
  step.spec.command = wfr::CommandKind::Argv;
  for (const ast::Value* word : texts_of(command.value)) {
    step.spec.argv.push_back(bind_template(context, step, *word, TemplatePlace::Command));
  }
  if (step.spec.argv.empty() || as_text(*texts_of(command.value).front())->empty()) {
    context.report(Kind::CommandCount,
                   command.value.span,
                   fmt::format("the `argv` of step `{}` has no program", step.spec.name),
                   "the first word is the program");
  }
}

void resolve_command(Context& context, StepDef& step, const ast::Table& table) {
  const ast::Entry* command = the_command(context, step, table);
  if (command == nullptr) return;
  step.command_span = command->value.span;
  const ast::Entry* params = table.find("params");
  if (command->key == "kernel") {
    if (step.spec.finalizer == wfr::FinalizerKind::None) resolve_kernel(context, step, table);
    return;
  }
  if (params != nullptr) {
    context.sink.report(
        {Kind::ConflictingKeys,
         params->key_span,
         fmt::format(
             "`params` belongs to a kernel, but step `{}` has `{}`", step.spec.name, command->key),
         "parameters of the workflow are in [params], and {params.X} in the command",
         {{command->key_span, "the command"}}});
  }
  if (command->key == "argv") {
    resolve_words(context, step, *command);
  } else if (const std::string* text = as_text(command->value)) {
    step.spec.command = wfr::CommandKind::Shell;
    step.spec.run = bind_template(context, step, command->value, TemplatePlace::Command);
    if (is_blank(*text)) {
      context.report(Kind::CommandCount,
                     command->value.span,
                     fmt::format("the `run` of step `{}` is empty", step.spec.name),
                     "write a bash command");
    }
  }
}

}  // namespace

void resolve_commands(Context& context) {
  for (std::size_t i = 0; i < context.workflow.steps.size(); ++i) {
    resolve_command(context, context.workflow.steps[i], *context.step_tables[i]);
  }
  for (StepDef& step : context.workflow.steps) {
    for (const NeedDef& need : step.needs) {
      step.spec.needs.push_back({need.name, need.step, wfr::kNone, need.data});
    }
  }
}

}  // namespace wfc
