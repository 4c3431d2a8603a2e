// Typed parameters from the command line.
#include "runtime/run/kernel_params.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace wfr {
namespace {

using nlohmann::json;

// The value as JSON when it is a number or a truth; as text otherwise, which the check then refuses
// with the parameter's own words.
json scalar(ParamType type, const std::string& text) {
  if (type == ParamType::String) return text;
  json value = json::parse(text, nullptr, false);
  return value.is_discarded() || value.is_structured() ? json(text) : value;
}

json list(ParamType element, const std::string& text) {
  if (text.starts_with('[')) {
    json value = json::parse(text, nullptr, false);
    if (value.is_array()) return value;
  }
  json values = json::array();
  std::size_t begin = 0;
  while (!text.empty() && begin <= text.size()) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    values.push_back(scalar(element, text.substr(begin, end - begin)));
    begin = end + 1;
  }
  return values;
}

json typed(ParamType type, const std::string& text) {
  switch (type) {
    case ParamType::IntList:
      return list(ParamType::Int, text);
    case ParamType::FloatList:
      return list(ParamType::Float, text);
    case ParamType::StringList:
      return list(ParamType::String, text);
    default:
      return scalar(type, text);
  }
}

std::string_view type_word(ParamType type) {
  switch (type) {
    case ParamType::Bool:
      return "true|false";
    case ParamType::Int:
      return "integer";
    case ParamType::Float:
      return "number";
    case ParamType::String:
      return "text";
    case ParamType::IntList:
      return "integers";
    case ParamType::FloatList:
      return "numbers";
    case ParamType::StringList:
      break;
  }
  return "texts";
}

std::string count_text(const CountRange& range, std::string_view noun) {
  if (range.max == 0) return fmt::format("no {}", noun);
  if (range.max == kUnlimited) return fmt::format("{} or more {}", range.min, noun);
  if (range.min == range.max) return fmt::format("{} {}", range.min, noun);
  return fmt::format("{} to {} {}", range.min, range.max, noun);
}

}  // namespace

nlohmann::json parse_params(const KernelDecl& kernel, const std::vector<std::string>& words) {
  json params = json::object();
  for (const std::string& word : words) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw KernelError("`--param " + word + "`: name=value is expected");
    }
    const std::string name = word.substr(0, equals);
    const std::string text = word.substr(equals + 1);
    const auto declared = std::find_if(kernel.params.begin(),
                                       kernel.params.end(),
                                       [&](const ParamDecl& param) { return param.name == name; });
    params[name] = declared == kernel.params.end() ? json(text) : typed(declared->type, text);
  }
  std::string problems;
  for (const ParamProblem& problem : complete_params(kernel, params)) {
    if (!problems.empty()) problems += '\n';
    problems += problem.param.empty() ? problem.message
                                      : "parameter `" + problem.param + "` " + problem.message;
  }
  if (!problems.empty()) throw KernelError(problems);
  return params;
}

std::string describe_kernel(const KernelDecl& kernel) {
  std::string text = fmt::format("{} (version {}): {}\n{}, {}\n",
                                 kernel.name,
                                 kernel.version,
                                 kernel.summary,
                                 count_text(kernel.inputs, "inputs"),
                                 count_text(kernel.outputs, "outputs"));
  if (!kernel.makes.empty()) {
    text += "makes directories; give an output with their names in braces:";
    for (const std::string_view level : kernel.makes) text += fmt::format(" {{{}}}", level);
    text += '\n';
  }
  for (const ParamDecl& param : kernel.params) {
    text += fmt::format("  --param {}={}", param.name, param.standard);
    text += fmt::format(
        "  ({}{}{})", type_word(param.type), param.unit.empty() ? "" : ", ", param.unit);
    text += fmt::format("\n      {}\n", param.help);
  }
  return text;
}

}  // namespace wfr
