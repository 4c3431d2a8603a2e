// env, modules, conda, setup: `env` is merged by variable, the others are taken whole.
#include "compiler/workflow/environment.hpp"

#include "compiler/workflow/names.hpp"
#include "compiler/workflow/values.hpp"

#include <fmt/format.h>

namespace wfc {
namespace {

std::optional<std::string> as_variable(const ast::Value& value) {
  if (const std::string* text = as_text(value)) return *text;
  if (const std::int64_t* number = as_integer(value)) return fmt::format("{}", *number);
  if (const double* number = as_real(value)) return fmt::format("{}", *number);
  if (const bool* flag = as_flag(value)) return *flag ? "1" : "0";
  return std::nullopt;
}

void take_variables(Context& context, const ast::Table& table, wfr::EnvironmentSpec& environment) {
  for (const ast::Entry& entry : table.entries) {
    if (!is_variable_name(entry.key)) {
      context.report(Kind::BadName,
                     entry.key_span,
                     fmt::format("`{}` cannot be the name of an environment variable", entry.key),
                     "use letters, digits and `_`, beginning with a letter");
      continue;
    }
    // The winning table comes first, and emplace keeps what is there.
    if (auto value = as_variable(entry.value)) environment.variables.emplace(entry.key, *value);
  }
}

}  // namespace

wfr::EnvironmentSpec read_environment(Context& context, const Layers& layers) {
  wfr::EnvironmentSpec environment;
  for (const ast::Entry* env : layers.all("env")) {
    if (const ast::Table* table = as_table(env->value))
      take_variables(context, *table, environment);
  }
  if (const ast::Entry* modules = layers.find("modules")) {
    environment.modules = strings_of(modules->value);
    for (const ast::Value* module : texts_of(modules->value)) {
      if (as_text(*module)->find_first_of(" \t\r\n") == std::string::npos &&
          !as_text(*module)->empty()) {
        continue;
      }
      context.report(Kind::BadName,
                     module->span,
                     fmt::format("`{}` cannot be the name of a module", *as_text(*module)),
                     "list each module as a string of its own");
    }
  }
  if (const ast::Entry* conda = layers.find("conda")) {
    if (const std::string* text = as_text(conda->value)) environment.conda = *text;
  }
  if (const ast::Entry* setup = layers.find("setup")) {
    if (const std::string* text = as_text(setup->value)) environment.setup = *text;
  }
  return environment;
}

void resolve_environment(Context& context) {
  for (std::size_t i = 0; i < context.workflow.steps.size(); ++i) {
    context.workflow.steps[i].spec.environment =
        read_environment(context, Layers(context, context.step_tables[i]));
  }
}

}  // namespace wfc
