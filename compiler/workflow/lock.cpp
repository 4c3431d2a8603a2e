// Applies resources.lock.toml: what earlier runs have shown goes over what the workflow asks for.
#include "compiler/workflow/context.hpp"
#include "compiler/workflow/keys.hpp"
#include "compiler/workflow/shape.hpp"
#include "compiler/workflow/units.hpp"
#include "compiler/workflow/values.hpp"

#include <fmt/format.h>

namespace wfc {
namespace {

const TableSpec& lock_step_keys() {
  static const TableSpec spec{"a step of the lock",
                              {{"mem", Shape::Memory, "memory of one task"},
                               {"time", Shape::Time, "time limit of one task"},
                               {"estimate", Shape::Time, "how long one task takes"}}};
  return spec;
}

std::optional<double> duration_of(const ast::Value& value) {
  if (const std::string* text = as_text(value)) return parse_duration(*text);
  const std::optional<std::uint64_t> seconds = seconds_of(value);
  return seconds ? std::optional<double>(static_cast<double>(*seconds)) : std::nullopt;
}

void apply_to(StepDef& step, const ast::Table& table) {
  if (const ast::Entry* mem = table.find("mem")) {
    step.spec.resources.mem_mb = megabytes_of(mem->value).value_or(0);
    step.slurm.mem_per_cpu_mb = 0;
    step.locked.emplace_back("mem");
  }
  if (const ast::Entry* time = table.find("time")) {
    step.spec.resources.time_s = seconds_of(time->value).value_or(0);
    step.locked.emplace_back("time");
  }
  if (const ast::Entry* estimate = table.find("estimate")) {
    step.estimate_s = duration_of(estimate->value).value_or(0);
    step.rate_mb_s = 0;
    step.locked.emplace_back("estimate");
  }
}

}  // namespace

const TableSpec& lock_keys() {
  static const TableSpec spec{"resources.lock.toml",
                              {{.name = "step",
                                .shape = Shape::TableMap,
                                .help = "resources of a step, by its name",
                                .table = &lock_step_keys()}}};
  return spec;
}

void apply_lock(Context& context) {
  const ast::Document* lock = context.options.lock;
  if (lock == nullptr) return;
  check_table(lock->root, Span{lock->source.get(), 1, 1, 1, 2}, lock_keys(), context.sink);
  const ast::Entry* steps = lock->root.find("step");
  const ast::Table* tables = steps == nullptr ? nullptr : as_table(steps->value);
  if (tables == nullptr) return;
  std::vector<std::string> names;
  for (const StepDef& step : context.workflow.steps) names.push_back(step.spec.name);
  for (const ast::Entry& entry : tables->entries) {
    const ast::Table* table = as_table(entry.value);
    if (table == nullptr) continue;
    if (const std::optional<StepId> id = lookup_step(context.workflow, entry.key)) {
      apply_to(context.workflow.steps[wfr::index_of(*id)], *table);
      continue;
    }
    std::string help = did_you_mean(entry.key, names);
    if (help.empty()) help = "`wfc tune` rewrites the file";
    context.report(Kind::StaleLock,
                   entry.key_span,
                   fmt::format("there is no step `{}`: its entry is ignored", entry.key),
                   std::move(help));
  }
}

}  // namespace wfc
