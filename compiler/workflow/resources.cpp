// cpus, mem, time and their kin of every step, from the step, its site and [defaults].
#include "compiler/workflow/resources.hpp"

#include "compiler/workflow/slurm_keys.hpp"
#include "compiler/workflow/units.hpp"
#include "compiler/workflow/values.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

namespace wfc {
namespace {

void take_count(const Layers& layers, std::string_view key, std::uint32_t& into) {
  const ast::Entry* entry = layers.find(key);
  const std::int64_t* value = entry == nullptr ? nullptr : as_integer(entry->value);
  if (value != nullptr && *value > 0) into = static_cast<std::uint32_t>(*value);
}

std::uint64_t seconds_at(const Layers& layers, std::string_view key) {
  const ast::Entry* entry = layers.find(key);
  return entry == nullptr ? 0 : seconds_of(entry->value).value_or(0);
}

std::uint64_t megabytes_at(const Layers& layers, std::string_view key) {
  const ast::Entry* entry = layers.find(key);
  return entry == nullptr ? 0 : megabytes_of(entry->value).value_or(0);
}

// "2", or "a100:2".
bool is_gpu_request(const std::string& text) {
  const std::size_t colon = text.find(':');
  const std::string type = colon == std::string::npos ? "" : text.substr(0, colon);
  const std::string count = colon == std::string::npos ? text : text.substr(colon + 1);
  const auto digit = [](char byte) { return byte >= '0' && byte <= '9'; };
  const auto word = [digit](char byte) {
    return digit(byte) || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           byte == '_' || byte == '-' || byte == '.';
  };
  const bool typed =
      colon == std::string::npos || (!type.empty() && std::all_of(type.begin(), type.end(), word));
  return typed && !count.empty() && count.front() != '0' &&
         std::all_of(count.begin(), count.end(), digit);
}

void resolve_gpus(Context& context, const Layers& layers, wfr::ResourceSpec& resources) {
  const ast::Entry* entry = layers.find("gpus");
  if (entry == nullptr) return;
  if (const std::int64_t* count = as_integer(entry->value)) {
    resources.gpus = fmt::format("{}", *count);
  } else if (const std::string* text = as_text(entry->value)) {
    resources.gpus = *text;
    if (!is_gpu_request(*text)) {
      context.report(Kind::BadUnit,
                     entry->value.span,
                     fmt::format("`{}` is not a number of GPUs", *text),
                     "write a count, or TYPE:COUNT as \"a100:2\"");
    }
  }
}

// `mem` and `mem_per_cpu` cannot be used together: the one that is nearer to the step wins.
void read_memory(Context& context,
                 const Layers& layers,
                 SlurmKeys& keys,
                 wfr::ResourceSpec& resources) {
  const std::size_t whole = layers.rank("mem");
  const std::size_t per_cpu = layers.rank("mem_per_cpu");
  if (whole == per_cpu && whole != Layers::kNone) {
    context.report(Kind::ConflictingKeys,
                   layers.find("mem_per_cpu")->key_span,
                   "`mem` and `mem_per_cpu` cannot be used together",
                   "keep `mem` for the task's memory, or `mem_per_cpu` to scale with `cpus`");
  }
  if (per_cpu < whole) {
    keys.mem_per_cpu_mb = megabytes_at(layers, "mem_per_cpu");
    resources.mem_mb = keys.mem_per_cpu_mb * resources.cpus;
  } else {
    resources.mem_mb = megabytes_at(layers, "mem");
  }
}

void resolve_retry(const Layers& layers, wfr::RetrySpec& retry) {
  using wfr::FailureKind;
  static const std::map<std::string, FailureKind> kinds = {
      {"exit", FailureKind::Exit},
      {"signal", FailureKind::Signal},
      {"oom", FailureKind::OutOfMemory},
      {"timeout", FailureKind::Timeout},
      {"missing_output", FailureKind::MissingOutput},
      {"missing_input", FailureKind::MissingInput},
      {"kernel", FailureKind::Kernel},
      {"lost", FailureKind::Lost},
      {"node_fail", FailureKind::Node},
      {"no_space", FailureKind::NoSpace}};
  const ast::Entry* entry = layers.find("retry");
  const ast::Table* table = entry == nullptr ? nullptr : as_table(entry->value);
  if (table == nullptr) return;
  if (const ast::Entry* times = table->find("times")) {
    const std::int64_t* value = as_integer(times->value);
    if (value != nullptr && *value > 0) retry.times = static_cast<std::uint32_t>(*value);
  }
  const auto percent_at = [&](std::string_view key) -> std::uint32_t {
    const std::string* text = text_at(*table, key);
    const std::optional<double> factor =
        text == nullptr ? std::nullopt : parse_factor(*text);  // check_table() has told
    return factor ? static_cast<std::uint32_t>(std::lround(*factor * 100)) : 0;
  };
  retry.mem_percent = percent_at("mem");
  retry.time_percent = percent_at("time");
  if (const ast::Entry* on = table->find("on")) {
    for (const std::string& word : strings_of(on->value)) {
      const auto kind = kinds.find(word);
      if (kind != kinds.end()) retry.on.push_back(kind->second);
    }
  }
}

}  // namespace

void read_size(Context& context,
               const Layers& layers,
               SlurmKeys& keys,
               wfr::ResourceSpec& resources) {
  take_count(layers, "cpus", resources.cpus);
  take_count(layers, "nodes", resources.nodes);
  take_count(layers, "tasks", resources.tasks);
  take_count(layers, "tasks_per_node", resources.tasks_per_node);
  resources.time_s = seconds_at(layers, "time");
  read_memory(context, layers, keys, resources);
}

void resolve_resources(Context& context) {
  for (std::size_t i = 0; i < context.workflow.steps.size(); ++i) {
    StepDef& step = context.workflow.steps[i];
    const Layers layers(context, context.step_tables[i]);
    wfr::ResourceSpec& resources = step.spec.resources;
    step.slurm = read_slurm_keys(context, layers);
    take_scratch(layers, step.slurm);
    read_size(context, layers, step.slurm, resources);
    take_count(layers, "limit", step.spec.limit);
    step.spec.timeout_s = seconds_at(layers, "timeout");
    // A finalizer has GPUs only where it asks for them itself.
    if (step.spec.finalizer == wfr::FinalizerKind::None || layers.rank("gpus") == 0) {
      resolve_gpus(context, layers, resources);
    }
    resolve_retry(layers, step.spec.retry);
  }
}

}  // namespace wfc
