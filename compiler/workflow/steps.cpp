// [[step]]: which steps there are, at which level, and how they are carried out.
#include "compiler/workflow/context.hpp"
#include "compiler/workflow/layers.hpp"
#include "compiler/workflow/names.hpp"
#include "compiler/workflow/values.hpp"

#include <map>

#include <fmt/format.h>

namespace wfc {
namespace {

bool check_step_name(Context& context, const std::string& name, const Span& span) {
  if (is_step_name(name)) return true;
  if (name.size() > kLongestStepName) {
    context.report(
        Kind::BadName,
        span,
        fmt::format("a step's name has {} bytes, but may have {}", name.size(), kLongestStepName),
        "it becomes part of the names of scripts, jobs and logs: shorten it");
    return false;
  }
  context.report(Kind::BadName,
                 span,
                 fmt::format("`{}` cannot be a step's name", name),
                 "use letters, digits, `_`, `-` and `.`, beginning with a letter or digit");
  return false;
}

void resolve_name(Context& context, const ast::Table& table, StepDef& step) {
  step.name_span = span_at(table, "name", step.span);
  const std::string* name = text_at(table, "name");
  if (name == nullptr || !check_step_name(context, *name, step.name_span)) {
    context.nameless_step = true;
    return;
  }
  if (const std::optional<StepId> other = lookup_step(context.workflow, *name)) {
    context.sink.report({Kind::DuplicateName,
                         step.name_span,
                         fmt::format("there are two steps `{}`", *name),
                         "",
                         {{context.workflow.step(*other).name_span, "the first"}}});
    return;
  }
  step.spec.name = *name;
}

// A finalizer runs once after everything else: it has no place in the hierarchy and no files.
void resolve_finalizer(Context& context, const ast::Table& table, StepDef& step) {
  static const std::map<std::string, wfr::FinalizerKind> kinds = {
      {"success", wfr::FinalizerKind::Success},
      {"failure", wfr::FinalizerKind::Failure},
      {"always", wfr::FinalizerKind::Always}};
  const std::string* on = text_at(table, "on");
  const auto kind = on == nullptr ? kinds.end() : kinds.find(*on);
  if (kind == kinds.end()) return;
  step.spec.finalizer = kind->second;
  for (const char* key : {"each",
                          "needs",
                          "after",
                          "inputs",
                          "outputs",
                          "uses",
                          "where",
                          "pairs",
                          "kernel",
                          "job",
                          "pack",
                          "target_time",
                          "fuse"}) {
    const ast::Entry* entry = table.find(key);
    if (entry == nullptr) continue;
    context.sink.report({Kind::FinalizerKey,
                         entry->key_span,
                         fmt::format("a step with `on` cannot have `{}`", key),
                         "it runs once, with `run` or `argv`, after everything else",
                         {{table.find("on")->key_span, "this makes it a finalizer"}}});
  }
}

// The level of the most similar name, else the finest.
LevelId likely_level(const Context& context, const std::string& name) {
  std::vector<std::string> names;
  for (const LevelDef& level : context.workflow.levels) names.push_back(level.name);
  const auto near = lookup_level(context.workflow, nearest(name, names));
  return near ? *near : static_cast<LevelId>(names.size() - 1);
}

void resolve_each(Context& context, const ast::Table& table, StepDef& step) {
  step.each_span = span_at(table, "each", step.name_span);
  const ast::Entry* entry = table.find("each");
  if (entry == nullptr || step.spec.finalizer != wfr::FinalizerKind::None) return;
  const std::string* each = as_text(entry->value);
  const auto level = each == nullptr ? std::nullopt : find_level(context, *each, step.each_span);
  // Where the name says nothing, its likeliest meaning, so that what the step says of its directory
  // is not taken for wrong.
  step.spec.each = level ? *level : likely_level(context, each == nullptr ? "" : *each);
}

void resolve_was(Context& context, const ast::Table& table, StepDef& step) {
  const std::string* was = text_at(table, "was");
  if (was != nullptr && check_step_name(context, *was, span_at(table, "was", step.span))) {
    step.spec.was = *was;
  }
}

// `was` says that a name is no longer used.
void check_former_names(Context& context) {
  std::map<std::string, Span> seen;
  for (std::size_t i = 0; i < context.workflow.steps.size(); ++i) {
    const StepDef& step = context.workflow.steps[i];
    if (step.spec.was.empty()) continue;
    const Span span = span_at(*context.step_tables[i], "was", step.span);
    if (const auto other = lookup_step(context.workflow, step.spec.was)) {
      context.sink.report({Kind::DuplicateName,
                           span,
                           fmt::format("`{}` is still the name of a step", step.spec.was),
                           "`was` gives the former name of a renamed step",
                           {{context.workflow.step(*other).name_span, "this step"}}});
    } else if (const auto [first, fresh] = seen.emplace(step.spec.was, span); !fresh) {
      context.sink.report({Kind::DuplicateName,
                           span,
                           fmt::format("two steps were `{}`", step.spec.was),
                           "only one step can take over its finished work",
                           {{first->second, "the first"}}});
    }
  }
}

// A kernel names no file by a relative path.
void resolve_cwd(const Context& context, const ast::Table& table, StepDef& step) {
  const std::string* cwd = text_at(table, "cwd");
  if (cwd == nullptr && context.defaults != nullptr && table.find("kernel") == nullptr) {
    cwd = text_at(*context.defaults, "cwd");
  }
  step.spec.scratch_cwd = cwd != nullptr && *cwd == "scratch";
}

}  // namespace

void resolve_step_names(Context& context) {
  const ast::Entry* entry = context.document.root.find("step");
  const ast::Array* array = entry == nullptr ? nullptr : as_array(entry->value);
  if (array == nullptr) return;
  for (const ast::Value& item : *array) {
    const ast::Table* table = as_table(item);
    if (table == nullptr) continue;
    StepDef step;
    step.span = item.span;
    resolve_name(context, *table, step);
    resolve_finalizer(context, *table, step);
    resolve_each(context, *table, step);
    resolve_was(context, *table, step);
    resolve_cwd(context, *table, step);
    if (const ast::Entry* allow = table->find("allow_empty")) {
      const bool* flag = as_flag(allow->value);
      step.spec.allow_empty = flag != nullptr && *flag;
    }
    context.workflow.steps.push_back(std::move(step));
    context.step_tables.push_back(table);
  }
  if (array->empty()) {
    context.report(
        Kind::MissingKey, entry->key_span, "the workflow has no step", "add a `[[step]]`");
  }
  check_former_names(context);
}

}  // namespace wfc
