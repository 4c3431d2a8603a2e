// [params] and --set: values typed by their defaults.
#include "compiler/workflow/context.hpp"
#include "compiler/workflow/names.hpp"
#include "compiler/workflow/secrets.hpp"
#include "compiler/workflow/values.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include <fmt/format.h>

namespace wfc {
namespace {

std::optional<ParamValue> value_of(const ast::Value& value) {
  if (const bool* flag = as_flag(value)) return *flag;
  if (const std::int64_t* integer = as_integer(value)) return *integer;
  if (const double* real = as_real(value)) return *real;
  if (const std::string* text = as_text(value)) return *text;
  return std::nullopt;
}

// The text read as the type of the default; nullopt when it cannot be.
std::optional<ParamValue> typed_like(const ParamValue& standard, const std::string& text) {
  const char* end = text.data() + text.size();
  switch (standard.index()) {
    case 0:
      if (text == "true") return true;
      if (text == "false") return false;
      return std::nullopt;
    case 1: {
      std::int64_t number = 0;
      const auto [stop, error] = std::from_chars(text.data(), end, number);
      if (error != std::errc{} || stop != end) return std::nullopt;
      return number;
    }
    case 2: {
      if (text.empty()) return std::nullopt;
      char* stop = nullptr;
      const double number = std::strtod(text.c_str(), &stop);
      if (stop != text.c_str() + text.size() || !std::isfinite(number)) return std::nullopt;
      return number;
    }
    default:
      return text;
  }
}

const char* type_name(const ParamValue& value) {
  constexpr std::array<const char*, 4> kNames = {
      "true or false", "an integer", "a number", "a string"};
  return kNames.at(value.index());
}

void resolve_default(Context& context, const ast::Entry& entry) {
  if (!is_word(entry.key)) {
    context.report(Kind::BadName,
                   entry.key_span,
                   fmt::format("`{}` cannot be a parameter's name", entry.key),
                   "use letters, digits, `_` and `-`, beginning with a letter");
    context.nameless_param = true;
    return;
  }
  if (const ast::Table* table = as_table(entry.value)) {
    if (table->find("secret") != nullptr) {
      check_secret(context, entry, *table);
      return;
    }
  }
  std::optional<ParamValue> value = value_of(entry.value);
  if (!value) {
    context.report(
        Kind::WrongType,
        entry.value.span,
        fmt::format("parameter `{}` is neither a bool, a number nor a string", entry.key),
        "its type is that of its default, and --set reads one word");
    context.nameless_param = true;
    return;
  }
  context.workflow.params.push_back({entry.key, std::move(*value), entry.key_span});
}

void apply_set(Context& context, const std::string& name, const std::string& text) {
  for (Param& param : context.workflow.params) {
    if (param.name != name) continue;
    if (std::optional<ParamValue> value = typed_like(param.value, text)) {
      param.value = std::move(*value);
      return;
    }
    Diagnostic diagnostic{
        Kind::BadSet,
        {},
        fmt::format("--set {}={}: `{}` is {}", name, text, name, type_name(param.value)),
        param.value.index() == 0 ? "write true or false" : "",
        {{param.span, "its default determines the type"}}};
    context.sink.report(std::move(diagnostic));
    return;
  }
  if (secret_of(context, name)) {
    // The value is not repeated: it may be the secret.
    context.report(
        Kind::BadSet,
        {},
        fmt::format("--set {}=...: `{}` is a secret", name, name),
        "a command line is visible to everybody: put the value into the parameter's file");
    return;
  }
  std::vector<std::string> names;
  for (const Param& param : context.workflow.params) names.push_back(param.name);
  std::string help = did_you_mean(name, names);
  if (help.empty() && !names.empty()) help = fmt::format("there are: {}", fmt::join(names, ", "));
  if (names.empty()) help = "the workflow has no [params]";
  context.report(Kind::UnknownParam,
                 {},
                 fmt::format("--set {}={}: there is no parameter `{}`", name, text, name),
                 std::move(help));
}

}  // namespace

void resolve_params(Context& context) {
  if (const ast::Entry* entry = context.document.root.find("params")) {
    if (const ast::Table* table = as_table(entry->value)) {
      for (const ast::Entry& param : table->entries) resolve_default(context, param);
    }
  }
  for (const auto& [name, text] : context.options.sets) apply_set(context, name, text);
}

}  // namespace wfc
