// env, modules, conda, setup: `env` is merged by variable, the others are taken whole.
#include "compiler/workflow/environment.hpp"

#include "compiler/syntax/spans.hpp"
#include "compiler/workflow/braces.hpp"
#include "compiler/workflow/names.hpp"
#include "compiler/workflow/templates.hpp"
#include "compiler/workflow/values.hpp"

#include <cctype>

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

bool begins_variable(std::string_view rest) {
  return !rest.empty() && (rest.front() == '{' || rest.front() == '(' || rest.front() == '_' ||
                           std::isalpha(static_cast<unsigned char>(rest.front())) != 0);
}

// The first `$NAME`, `${NAME}` or `$(COMMAND)`, or a `~/` in front: what a shell would replace.
std::optional<std::size_t> shell_part(std::string_view text) {
  if (text.starts_with("~/")) return 0;
  for (std::size_t at = text.find('$'); at != std::string_view::npos; at = text.find('$', at + 1)) {
    if (begins_variable(text.substr(at + 1))) return at;
  }
  return std::nullopt;
}

// These texts are taken as they are written: braces that would mean something elsewhere were meant
// to mean it here.
void check_braces(Context& context,
                  std::string_view key,
                  const ast::Value& value,
                  std::string_view variable = "NAME") {
  for (const BraceToken& token : find_placeholders(*as_text(value))) {
    if (!token.placeholder || !is_known_placeholder(context, token.text)) continue;
    context.report(
        Kind::EnvPlaceholder,
        part_of(value, token.begin, token.end),
        fmt::format(
            "`{{{}}}` has no meaning in `{}`, which takes no placeholders", token.text, key),
        fmt::format(
            "set it in the command: run = \"export {}={{{}}}; ...\"", variable, token.text));
  }
}

// Says so where a shell was meant to read a value.
void check_value(Context& context, const ast::Entry& entry) {
  const std::string* text = as_text(entry.value);
  if (text == nullptr) return;
  check_braces(context, "env", entry.value, entry.key);
  const std::optional<std::size_t> at = shell_part(*text);
  if (!at) return;
  context.report(Kind::EnvText,
                 part_of(entry.value, *at, text->size()),
                 fmt::format("`{}` is not expanded: no shell reads `env`", text->substr(*at)),
                 fmt::format("to have a shell expand it: setup = 'export {}=\"{}\"'",
                             entry.key,
                             text->starts_with("~/") ? "$HOME" + text->substr(1) : *text));
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
    check_value(context, entry);
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
      check_braces(context, "modules", *module);
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
    if (const std::string* text = as_text(conda->value)) {
      check_braces(context, "conda", conda->value);
      environment.conda = *text;
    }
  }
  if (const ast::Entry* setup = layers.find("setup")) {
    if (const std::string* text = as_text(setup->value)) {
      check_braces(context, "setup", setup->value);
      environment.setup = *text;
    }
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
