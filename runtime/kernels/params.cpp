// Checks a kernel's parameters as a good compiler checks arguments, and fills in what is not given.
#include "runtime/kernels/kernel.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace wfr {
namespace {

using nlohmann::json;

std::string_view type_name(ParamType type) {
  switch (type) {
    case ParamType::Bool:
      return "true or false";
    case ParamType::Int:
      return "an integer";
    case ParamType::Float:
      return "a number";
    case ParamType::String:
      return "a string";
    case ParamType::IntList:
      return "a list of integers";
    case ParamType::FloatList:
      return "a list of numbers";
    case ParamType::StringList:
      break;
  }
  return "a list of strings";
}

std::optional<ParamType> element_type(ParamType type) {
  switch (type) {
    case ParamType::IntList:
      return ParamType::Int;
    case ParamType::FloatList:
      return ParamType::Float;
    case ParamType::StringList:
      return ParamType::String;
    default:
      return std::nullopt;
  }
}

// What the author wrote, short enough for one line. Bytes that are not UTF-8 must not throw here.
std::string shown(const json& value) {
  std::string text = value.dump(-1, ' ', false, json::error_handler_t::replace);
  constexpr std::size_t kMost = 60;
  if (text.size() > kMost) {
    std::size_t end = kMost;
    while ((static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
      --end;
    }
    text = text.substr(0, end) + "...";
  }
  return text;
}

std::string with_unit(const std::string& value, std::string_view unit) {
  return unit.empty() ? value : fmt::format("{} {}", value, unit);
}

// A whole number is accepted for a Float and becomes one; nothing else is converted.
bool take_type(ParamType type, json& value) {
  switch (type) {
    case ParamType::Bool:
      return value.is_boolean();
    case ParamType::Int:
      return value.is_number_integer();
    case ParamType::Float:
      if (value.is_number_integer()) {
        value = value.get<double>();
      }
      return value.is_number_float() && std::isfinite(value.get<double>());
    default:
      return value.is_string();
  }
}

std::string range_problem(const ParamDecl& param, const json& value) {
  const double number = value.get<double>();
  const std::string is = with_unit(shown(value), param.unit);
  if (param.min && number < *param.min) {
    return fmt::format(
        "is {}, but the least is {}", is, with_unit(fmt::format("{}", *param.min), param.unit));
  }
  if (param.max && number > *param.max) {
    return fmt::format(
        "is {}, but the most is {}", is, with_unit(fmt::format("{}", *param.max), param.unit));
  }
  return "";
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row.front(), i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, changed});
    }
  }
  return row.back();
}

// "; did you mean `rate`?", or nothing when no name is near enough to be a slip of the fingers.
std::string suggestion(std::string_view given, const std::vector<std::string_view>& names) {
  const auto nearest = std::min_element(names.begin(), names.end(), [&](auto a, auto b) {
    return edit_distance(given, a) < edit_distance(given, b);
  });
  if (nearest == names.end() ||
      edit_distance(given, *nearest) > std::max<std::size_t>(1, given.size() / 3)) {
    return "";
  }
  return fmt::format("; did you mean `{}`?", *nearest);
}

std::string choice_problem(const ParamDecl& param, const json& value) {
  const auto& text = value.get_ref<const std::string&>();
  if (param.choices.empty() ||
      std::find(param.choices.begin(), param.choices.end(), text) != param.choices.end()) {
    return "";
  }
  std::string allowed;
  for (const std::string_view choice : param.choices) {
    allowed += fmt::format("{}\"{}\"", allowed.empty() ? "" : ", ", choice);
  }
  return fmt::format(
      "is {}, which is none of {}{}", shown(value), allowed, suggestion(text, param.choices));
}

// `type` is that of the parameter, or of its elements.
std::string scalar_problem(const ParamDecl& param, ParamType type, json& value) {
  if (!take_type(type, value)) {
    const std::string wanted(type_name(type));
    return fmt::format("is {}, but must be {}",
                       shown(value),
                       param.unit.empty() ? wanted : fmt::format("{} of {}", wanted, param.unit));
  }
  if (type == ParamType::Int || type == ParamType::Float) {
    return range_problem(param, value);
  }
  return type == ParamType::String ? choice_problem(param, value) : "";
}

std::string value_problem(const ParamDecl& param, json& value) {
  const auto element = element_type(param.type);
  if (!element) {
    return scalar_problem(param, param.type, value);
  }
  if (!value.is_array()) {
    return fmt::format("is {}, but must be {}", shown(value), type_name(param.type));
  }
  if (param.count && value.size() != *param.count) {
    return fmt::format("has {} element{}, but must have {}",
                       value.size(),
                       value.size() == 1 ? "" : "s",
                       *param.count);
  }
  for (std::size_t i = 0; i < value.size(); ++i) {
    const std::string problem = scalar_problem(param, *element, value[i]);
    if (!problem.empty()) {
      return fmt::format("element {} {}", i + 1, problem);
    }
  }
  return "";
}

std::string unknown_problem(const KernelDecl& kernel, std::string_view name) {
  std::vector<std::string_view> names;
  for (const ParamDecl& param : kernel.params) {
    names.push_back(param.name);
  }
  const std::string near = suggestion(name, names);
  std::string problem = fmt::format("is not a parameter of {}", kernel.name);
  if (!near.empty() || names.empty()) {
    return problem + near;
  }
  problem += "; it has ";
  for (std::size_t i = 0; i < names.size(); ++i) {
    problem += fmt::format("{}`{}`", i == 0 ? "" : ", ", names[i]);
  }
  return problem;
}

}  // namespace

std::vector<ParamProblem> complete_params(const KernelDecl& kernel, json& params) {
  if (params.is_null()) {
    params = json::object();
  }
  if (!params.is_object()) {
    return {{"", fmt::format("are {}, but must be a table", shown(params))}};
  }
  std::vector<ParamProblem> problems;
  for (const ParamDecl& param : kernel.params) {
    const std::string name(param.name);
    if (!params.contains(name)) {
      params[name] = json::parse(param.standard);
    }
    std::string problem = value_problem(param, params[name]);
    if (!problem.empty()) {
      problems.push_back({name, std::move(problem)});
    }
  }
  for (const auto& [name, value] : params.items()) {
    const bool known = std::any_of(
        kernel.params.begin(),
        kernel.params.end(),
        [&, key = std::string_view(name)](const ParamDecl& param) { return param.name == key; });
    if (!known) {
      problems.push_back({name, unknown_problem(kernel, name)});
    }
  }
  return problems;
}

}  // namespace wfr
