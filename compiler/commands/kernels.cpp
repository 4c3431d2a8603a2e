// wfc kernels [NAME]: what the built-in kernels do, and their parameters.
#include "compiler/commands/command.hpp"
#include "runtime/kernels/kernel.hpp"
#include "runtime/plan/visible.hpp"

#include <algorithm>
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace wfc {
namespace {

using nlohmann::ordered_json;
using wfr::KernelDecl;
using wfr::ParamDecl;
using wfr::ParamType;

std::string type_name(const ParamDecl& param) {
  const std::string count = param.count ? fmt::format(" of {}", *param.count) : "";
  switch (param.type) {
    case ParamType::Bool:
      return "bool";
    case ParamType::Int:
      return "integer";
    case ParamType::Float:
      return "number";
    case ParamType::String:
      return "string";
    case ParamType::IntList:
      return "integers" + count;
    case ParamType::FloatList:
      return "numbers" + count;
    case ParamType::StringList:
      break;
  }
  return "strings" + count;
}

std::string range(const ParamDecl& param) {
  if (!param.choices.empty()) return fmt::format("{}", fmt::join(param.choices, " | "));
  if (param.min && param.max) return fmt::format("{} .. {}", *param.min, *param.max);
  if (param.min) return fmt::format(">= {}", *param.min);
  return param.max ? fmt::format("<= {}", *param.max) : "";
}

std::string counted(const wfr::CountRange& files) {
  if (files.min == files.max) return fmt::format("{}", files.min);
  return files.max == wfr::kUnlimited ? fmt::format("{} or more", files.min)
                                      : fmt::format("{} to {}", files.min, files.max);
}

// Columns as wide as their widest cell; the last one is not padded.
std::string table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += i + 1 < row.size() ? fmt::format("{:<{}}  ", row[i], widths[i]) : row[i];
    }
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

std::string describe(const KernelDecl& kernel) {
  std::string text = fmt::format("{}: {}\n", kernel.name, kernel.summary);
  text += fmt::format("inputs: {}, outputs: {}", counted(kernel.inputs), counted(kernel.outputs));
  if (!kernel.makes.empty()) {
    text += fmt::format("; declares the directories of: {}", fmt::join(kernel.makes, ", "));
  }
  text += "\n\n";
  std::vector<std::vector<std::string>> rows = {
      {"PARAMETER", "TYPE", "UNIT", "RANGE", "DEFAULT", "MEANING"}};
  for (const ParamDecl& param : kernel.params) {
    rows.push_back({std::string(param.name),
                    type_name(param),
                    std::string(param.unit),
                    range(param),
                    std::string(param.standard),
                    std::string(param.help)});
  }
  return text + (kernel.params.empty() ? "no parameters\n" : table(rows));
}

ordered_json to_json(const KernelDecl& kernel) {
  ordered_json object;
  object["name"] = kernel.name;
  object["summary"] = kernel.summary;
  object["version"] = kernel.version;
  const auto most = [](const wfr::CountRange& files) {
    return files.max == wfr::kUnlimited ? ordered_json(nullptr) : ordered_json(files.max);
  };
  object["inputs"] = {{"min", kernel.inputs.min}, {"max", most(kernel.inputs)}};
  object["outputs"] = {{"min", kernel.outputs.min}, {"max", most(kernel.outputs)}};
  object["makes"] = kernel.makes;
  object["params"] = ordered_json::array();
  for (const ParamDecl& param : kernel.params) {
    ordered_json entry;
    entry["name"] = param.name;
    entry["type"] = type_name(param);
    entry["unit"] = param.unit;
    entry["default"] = ordered_json::parse(param.standard);
    entry["min"] = param.min ? ordered_json(*param.min) : ordered_json(nullptr);
    entry["max"] = param.max ? ordered_json(*param.max) : ordered_json(nullptr);
    entry["choices"] = param.choices;
    entry["help"] = param.help;
    object["params"].push_back(std::move(entry));
  }
  return object;
}

int list_all(bool json) {
  if (json) {
    ordered_json all = ordered_json::array();
    for (const KernelDecl& kernel : wfr::kernels()) all.push_back(to_json(kernel));
    std::cout << all.dump(2) << '\n';
    return 0;
  }
  std::vector<std::vector<std::string>> rows;
  for (const KernelDecl& kernel : wfr::kernels()) {
    rows.push_back({std::string(kernel.name), std::string(kernel.summary)});
  }
  std::cout << table(rows);
  return 0;
}

int show(const std::string& name, bool json) {
  const KernelDecl* kernel = wfr::find_kernel(name);
  if (kernel == nullptr) {
    std::vector<std::string> names;
    for (const KernelDecl& known : wfr::kernels()) names.emplace_back(known.name);
    const std::string near = did_you_mean(name, names);
    std::cerr << fmt::format("wfc: error: there is no kernel `{}`\n  help: {}\n",
                             wfr::visible_text(name),
                             near.empty() ? "`wfc kernels` lists them" : near);
    return 1;
  }
  std::cout << (json ? to_json(*kernel).dump(2) + "\n" : describe(*kernel));
  return 0;
}

}  // namespace

void add_kernels(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("kernels", "list the built-in kernels, or describe one");
  auto name = std::make_shared<std::string>();
  auto json = std::make_shared<bool>(false);
  command->add_option("name", *name, "the kernel to describe");
  command->add_flag("--json", *json, "print JSON");
  command->callback([name, json, &action] {
    action = [name, json] { return name->empty() ? list_all(*json) : show(*name, *json); };
  });
}

}  // namespace wfc
