// `when` and `where`: which steps, and which of their directories.
#include "compiler/workflow/context.hpp"
#include "compiler/workflow/pattern.hpp"
#include "compiler/workflow/values.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace wfc {
namespace {

// "{params.X}" -> "X"; "" when the text is anything else. A leading '!' is taken off before.
std::string parameter_in(std::string_view text) {
  constexpr std::string_view kBegin = "{params.";
  if (text.substr(0, kBegin.size()) != kBegin || text.back() != '}') return "";
  return std::string(text.substr(kBegin.size(), text.size() - kBegin.size() - 1));
}

bool decide(Context& context, const ast::Value& when) {
  if (const bool* flag = as_flag(when)) return *flag;
  const std::string* written = as_text(when);
  if (written == nullptr) return true;
  std::string_view text(*written);
  const bool negated = !text.empty() && text.front() == '!';
  if (negated) text.remove_prefix(1);
  const std::string name = text.empty() ? "" : parameter_in(text);
  if (name.empty()) {
    context.report(Kind::BadCondition,
                   when.span,
                   fmt::format("`{}` cannot be evaluated when compiling", *written),
                   R"(write true, false, "{params.X}" or "!{params.X}")");
    return true;
  }
  const Param* param = find_param(context, name, when.span);
  if (param == nullptr) return true;
  const bool* flag = std::get_if<bool>(&param->value);
  if (flag == nullptr) {
    context.sink.report({Kind::BadCondition,
                         when.span,
                         fmt::format("parameter `{}` is neither true nor false", name),
                         "`when` takes true, false or a parameter that is true or false",
                         {{param->span, "its default determines the type"}}});
    return true;
  }
  return *flag != negated;
}

void add_where(Context& context, const ast::Value& value, WhereDef where, StepDef& step) {
  where.patterns = read_patterns(context, value);
  step.where.push_back(std::move(where));
}

void resolve_where_entry(Context& context, const ast::Entry& entry, StepDef& step) {
  // "LEVEL.COLUMN" in quotes, or LEVEL.COLUMN that TOML has nested.
  const std::size_t dot = entry.key.find('.');
  const std::string name = entry.key.substr(0, dot);
  const std::optional<LevelId> level = find_level(context, name, entry.key_span);
  if (!level) return;
  if (!is_at_or_above(context.workflow, *level, step.spec.each) || *level == wfr::kRootLevel) {
    context.report(
        Kind::UnrelatedLevel,
        entry.key_span,
        fmt::format("a task of `{}` has no directory at level `{}`", step.spec.name, name),
        fmt::format("its tasks are at {}", quoted_level(context.workflow, step.spec.each)));
    return;
  }
  if (const ast::Table* columns = as_table(entry.value)) {
    for (const ast::Entry& column : columns->entries) {
      if (!find_column(context, *level, column.key, column.key_span)) continue;
      add_where(context, column.value, {*level, column.key, {}, column.key_span}, step);
    }
    return;
  }
  const std::string column = dot == std::string::npos ? "" : entry.key.substr(dot + 1);
  if (!column.empty() && !find_column(context, *level, column, entry.key_span)) return;
  add_where(context, entry.value, {*level, column, {}, entry.key_span}, step);
}

}  // namespace

void resolve_conditions(Context& context) {
  for (std::size_t i = 0; i < context.workflow.steps.size(); ++i) {
    StepDef& step = context.workflow.steps[i];
    const ast::Table& table = *context.step_tables[i];
    if (const ast::Entry* when = table.find("when")) step.dropped = !decide(context, when->value);
    const ast::Entry* where = table.find("where");
    const ast::Table* levels = where == nullptr ? nullptr : as_table(where->value);
    if (levels == nullptr || step.spec.finalizer != wfr::FinalizerKind::None) continue;
    for (const ast::Entry& entry : levels->entries) resolve_where_entry(context, entry, step);
  }
}

}  // namespace wfc
