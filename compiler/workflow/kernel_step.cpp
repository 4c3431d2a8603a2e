// A step whose command is a kernel: its parameters are checked as a compiler checks arguments.
#include "compiler/workflow/kernel_step.hpp"

#include "compiler/workflow/templates.hpp"
#include "compiler/workflow/values.hpp"
#include "runtime/kernels/kernel.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace wfc {
namespace {

using nlohmann::json;

json param_json(const ParamValue& value) {
  return std::visit([](const auto& typed) { return json(typed); }, value);
}

// "{params.X}" alone stands for the typed value, so that a number stays a number.
const Param* whole_param(const Context& context, const std::string& text) {
  constexpr std::string_view kBegin = "{params.";
  if (text.size() <= kBegin.size() || text.compare(0, kBegin.size(), kBegin) != 0 ||
      text.back() != '}') {
    return nullptr;
  }
  const std::string name = text.substr(kBegin.size(), text.size() - kBegin.size() - 1);
  for (const Param& param : context.workflow.params) {
    if (param.name == name) return &param;
  }
  return nullptr;
}

json text_json(Context& context, StepDef& step, const ast::Value& value, const std::string& key) {
  const std::string& text = *as_text(value);
  if (const Param* param = whole_param(context, text)) return param_json(param->value);
  wfr::Template bound = bind_template(context, step, value, TemplatePlace::KernelParam);
  if (auto constant = constant_text(bound)) return *constant;
  if (key.empty()) {
    context.report(Kind::MisplacedPlaceholder,
                   value.span,
                   "an element of a list cannot differ between tasks",
                   "only a parameter that is one string may hold {LEVEL}");
    return text;
  }
  step.spec.param_templates.emplace_back(key, std::move(bound));
  return text;
}

// `key` is the parameter's name at the top, "" inside a list.
json to_json(Context& context, StepDef& step, const ast::Value& value, const std::string& key) {
  if (as_text(value) != nullptr) return text_json(context, step, value, key);
  if (const bool* flag = as_flag(value)) return *flag;
  if (const std::int64_t* integer = as_integer(value)) return *integer;
  if (const double* real = as_real(value)) return *real;
  if (const ast::Array* array = as_array(value)) {
    json list = json::array();
    for (const ast::Value& item : *array) list.push_back(to_json(context, step, item, ""));
    return list;
  }
  json object = json::object();
  if (const ast::Table* table = as_table(value)) {
    for (const ast::Entry& entry : table->entries) {
      object[entry.key] = to_json(context, step, entry.value, "");
    }
  } else {
    object = std::get<std::string>(value.data);  // a date: refused as the text that it is
  }
  return object;
}

void resolve_kernel_params(Context& context,
                           StepDef& step,
                           const ast::Table& table,
                           const wfr::KernelDecl& kernel) {
  json params = json::object();
  const ast::Entry* entry = table.find("params");
  const ast::Table* given = entry == nullptr ? nullptr : as_table(entry->value);
  if (given != nullptr) {
    for (const ast::Entry& param : given->entries) {
      params[param.key] = to_json(context, step, param.value, param.key);
    }
  }
  for (const wfr::ParamProblem& problem : wfr::complete_params(kernel, params)) {
    const ast::Entry* at = given == nullptr ? nullptr : given->find(problem.param);
    const bool declared =
        std::any_of(kernel.params.begin(), kernel.params.end(), [&](const wfr::ParamDecl& param) {
          return param.name == problem.param;
        });
    Span span = entry == nullptr ? step.command_span : entry->key_span;
    if (at != nullptr) span = declared ? at->value.span : at->key_span;
    std::string message = fmt::format("`{}` {}", problem.param, problem.message);
    if (declared) {
      message =
          fmt::format("parameter `{}` of `{}` {}", problem.param, kernel.name, problem.message);
    }
    if (problem.param.empty()) {
      message = fmt::format("kernel `{}`: {}", kernel.name, problem.message);
    }
    context.report(Kind::KernelParam,
                   span,
                   std::move(message),
                   fmt::format("`wfc kernels {}` lists its parameters", kernel.name));
  }
  step.spec.params_json = params.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string counted(const wfr::CountRange& range, std::string_view word) {
  if (range.min == range.max)
    return fmt::format("{} {}{}", range.min, word, range.min == 1 ? "" : "s");
  if (range.max == wfr::kUnlimited) {
    return fmt::format("at least {} {}{}", range.min, word, range.min == 1 ? "" : "s");
  }
  return fmt::format("{} to {} {}s", range.min, range.max, word);
}

void check_files(Context& context,
                 StepDef& step,
                 const ast::Table& table,
                 const wfr::KernelDecl& kernel) {
  const std::size_t outputs = step.spec.outputs.size();
  if (outputs < kernel.outputs.min || outputs > kernel.outputs.max) {
    const ast::Entry* entry = table.find("outputs");
    context.report(Kind::KernelFiles,
                   entry == nullptr ? step.command_span : entry->value.span,
                   fmt::format("kernel `{}` makes {}, not {}",
                               kernel.name,
                               counted(kernel.outputs, "output"),
                               outputs),
                   fmt::format("`wfc kernels {}` says what it makes", kernel.name));
  }
  // A pattern and a need stand for a number of files that only the disk knows.
  const bool open = std::any_of(step.spec.inputs.begin(),
                                step.spec.inputs.end(),
                                [](const auto& input) { return input.glob; });
  const bool fed = std::any_of(
      step.needs.begin(), step.needs.end(), [](const NeedDef& need) { return need.data; });
  const std::size_t inputs = step.spec.inputs.size();
  const bool too_few = inputs < kernel.inputs.min && !open && !(inputs == 0 && fed);
  if (too_few || inputs > kernel.inputs.max) {
    const ast::Entry* entry = table.find("inputs");
    context.report(
        Kind::KernelFiles,
        entry == nullptr ? step.command_span : entry->value.span,
        fmt::format(
            "kernel `{}` reads {}, not {}", kernel.name, counted(kernel.inputs, "input"), inputs),
        "give `inputs`, or `needs` with the step that makes them");
  }
  for (std::size_t i = 0; i < step.spec.outputs.size(); ++i) {
    if (step.spec.outputs[i].kind == wfr::OutputKind::Glob) {
      context.report(Kind::OutputPattern,
                     step.output_spans[i],
                     "a kernel's output cannot be a pattern",
                     "name the file; {LEVEL} of a level below stands for one file a directory");
    }
  }
}

}  // namespace

void resolve_kernel(Context& context, StepDef& step, const ast::Table& table) {
  const std::string* name = text_at(table, "kernel");
  if (name == nullptr) return;
  step.spec.command = wfr::CommandKind::Kernel;
  step.spec.kernel = *name;
  const wfr::KernelDecl* kernel = wfr::find_kernel(*name);
  if (kernel == nullptr) {
    std::vector<std::string> names;
    for (const wfr::KernelDecl& known : wfr::kernels()) names.emplace_back(known.name);
    std::string help = did_you_mean(*name, names);
    if (help.empty()) help = "`wfc kernels` lists them";
    context.report(Kind::UnknownKernel,
                   step.command_span,
                   fmt::format("there is no kernel `{}`", *name),
                   std::move(help));
    return;
  }
  step.spec.kernel_version = kernel->version;
  for (wfr::OutputSpec& output : step.spec.outputs) output.mentioned = true;
  resolve_kernel_params(context, step, table, *kernel);
  check_files(context, step, table, *kernel);
}

}  // namespace wfc
