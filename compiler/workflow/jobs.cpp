// [jobs], and what a step says of the job that runs its tasks.
#include "compiler/workflow/context.hpp"
#include "compiler/workflow/layers.hpp"
#include "compiler/workflow/units.hpp"
#include "compiler/workflow/values.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace wfc {
namespace {

template <class Count>
void take_count(const ast::Entry* entry, Count& into) {
  const std::int64_t* value = entry == nullptr ? nullptr : as_integer(entry->value);
  if (value != nullptr && *value > 0) into = static_cast<std::uint32_t>(*value);
}

template <class Time>
void take_time(const ast::Entry* entry, Time& into) {
  if (entry == nullptr) return;
  const std::optional<std::uint64_t> seconds = seconds_of(entry->value);
  if (seconds && *seconds > 0) into = *seconds;
}

void report_two_packs(Context& context, const ast::Entry& pack, const ast::Entry& target) {
  const ast::Entry& second =
      pack.key_span.line > target.key_span.line || (pack.key_span.line == target.key_span.line &&
                                                    pack.key_span.column > target.key_span.column)
          ? pack
          : target;
  context.report(Kind::ConflictingKeys,
                 second.key_span,
                 "`pack` and `target_time` cannot be used together",
                 "keep `pack` for a number of directories, or `target_time` to have it computed");
}

void resolve_jobs_table(Context& context) {
  const ast::Entry* entry = context.document.root.find("jobs");
  const ast::Table* table = entry == nullptr ? nullptr : as_table(entry->value);
  if (table == nullptr) return;
  JobsDef& jobs = context.workflow.jobs;
  jobs.span = entry->key_span;
  if (const std::string* per = text_at(*table, "per")) {
    jobs.per_span = span_at(*table, "per", jobs.span);
    jobs.per = find_level(context, *per, jobs.per_span);
  }
  if (const std::string* split = text_at(*table, "split")) {
    jobs.split_span = span_at(*table, "split", jobs.span);
    jobs.split = find_level(context, *split, jobs.split_span);
  }
  const ast::Entry* pack = table->find("pack");
  const ast::Entry* target = table->find("target_time");
  if (pack != nullptr && target != nullptr) report_two_packs(context, *pack, *target);
  take_count(pack, jobs.pack);
  if (pack == nullptr) take_time(target, jobs.target_time_s);
  jobs.pack_span = span_at(*table, pack == nullptr ? "target_time" : "pack", jobs.span);
  if (const ast::Entry* fuse = table->find("fuse")) {
    const bool* flag = as_flag(fuse->value);
    jobs.fuse = flag != nullptr && *flag;
    jobs.fuse_span = fuse->value.span;
  }
  take_count(table->find("cpus"), jobs.cpus);
  jobs.cpus_span = span_at(*table, "cpus", jobs.span);
  if (const ast::Entry* mem = table->find("mem")) {
    jobs.mem_mb = megabytes_of(mem->value).value_or(0);
  }
  take_time(table->find("time"), jobs.time_s);
}

// A level that [defaults] or a site names is for the steps that it can hold.
void resolve_job_level(Context& context, const Layers& layers, StepDef& step) {
  const ast::Entry* entry = layers.find("job");
  const std::string* name = entry == nullptr ? nullptr : as_text(entry->value);
  if (name == nullptr) return;
  const std::optional<LevelId> level = find_level(context, *name, entry->value.span);
  if (!level) return;
  const LevelId each = step.spec.each;
  if (is_at_or_above(context.workflow, *level, each)) {
    step.job_level = *level;
    step.job_span = entry->value.span;
    return;
  }
  if (layers.rank("job") > 0) return;
  const bool finer = is_at_or_above(context.workflow, each, *level);
  context.sink.report({Kind::BadPlacement,
                       entry->value.span,
                       fmt::format("a job for each `{}` cannot run `{}`, which has its tasks at {}",
                                   *name,
                                   step.spec.name,
                                   quoted_level(context.workflow, each)),
                       finer ? "name the step's own level or one above it"
                             : "name a level that lies above the step's own",
                       {{step.each_span, "its tasks are here"}}});
}

void resolve_packing(Context& context, const Layers& layers, StepDef& step) {
  const std::size_t pack = layers.rank("pack");
  const std::size_t target = layers.rank("target_time");
  if (pack == target && pack != Layers::kNone) {
    report_two_packs(context, *layers.find("pack"), *layers.find("target_time"));
  }
  if (std::min(pack, target) == Layers::kNone) return;
  // The one that is nearer to the step wins.
  const ast::Entry* entry = layers.find(pack <= target ? "pack" : "target_time");
  if (pack <= target) {
    take_count(entry, step.pack);
  } else {
    take_time(entry, step.target_time_s);
  }
  step.pack_span = entry->value.span;
}

// Of the two ways to say it that of the nearer table wins, of one table's the time.
void resolve_estimate(const Layers& layers, StepDef& step) {
  const ast::Entry* estimate = layers.find("estimate");
  const ast::Entry* rate = layers.find("rate");
  if (rate == nullptr || layers.rank("estimate") <= layers.rank("rate")) {
    if (estimate != nullptr) {
      step.estimate_s = static_cast<double>(seconds_of(estimate->value).value_or(0));
    }
    return;
  }
  const std::string* text = as_text(rate->value);
  const std::int64_t* number = as_integer(rate->value);
  if (number != nullptr) step.rate_mb_s = static_cast<double>(*number);
  if (text != nullptr) step.rate_mb_s = parse_megabytes(*text).value_or(0);
  // One of [defaults] is for the steps of which it tells something.
  if (layers.rank("rate") == 0) step.rate_span = rate->value.span;
}

}  // namespace

void resolve_jobs(Context& context) {
  resolve_jobs_table(context);
  for (std::size_t i = 0; i < context.workflow.steps.size(); ++i) {
    StepDef& step = context.workflow.steps[i];
    if (step.spec.finalizer != wfr::FinalizerKind::None) continue;
    const Layers layers(context, context.step_tables[i]);
    resolve_job_level(context, layers, step);
    resolve_packing(context, layers, step);
    if (const ast::Entry* fuse = layers.find("fuse")) {
      if (const bool* flag = as_flag(fuse->value)) step.fuse = *flag;
    }
    if (const ast::Entry* temp = layers.find("temp")) {
      const bool* flag = as_flag(temp->value);
      step.temp = flag != nullptr && *flag;
      step.temp_span = temp->value.span;
    }
    resolve_estimate(layers, step);
  }
}

}  // namespace wfc
