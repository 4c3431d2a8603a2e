// `needs` and `after`: the edges that the author wrote.
#include "compiler/workflow/context.hpp"
#include "compiler/workflow/pairs.hpp"
#include "compiler/workflow/values.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace wfc {
namespace {

struct Written {
  std::string step;
  Span step_span;
  std::string via;
  Span via_span;
  std::string pairs;
  Span pairs_span;
  bool optional = false;
};

std::optional<Written> read_need(const ast::Value& value) {
  Written written;
  if (const std::string* text = as_text(value)) {
    written.step = *text;
    written.step_span = value.span;
    if (!written.step.empty() && written.step.back() == '?') {
      written.optional = true;
      written.step.pop_back();
    }
    return written;
  }
  const ast::Table* table = as_table(value);
  const std::string* step = table == nullptr ? nullptr : text_at(*table, "step");
  if (step == nullptr) return std::nullopt;
  written.step = *step;
  written.step_span = span_at(*table, "step", value.span);
  if (const std::string* via = text_at(*table, "via")) {
    written.via = *via;
    written.via_span = span_at(*table, "via", value.span);
  }
  if (const std::string* pairs = text_at(*table, "pairs")) {
    written.pairs = *pairs;
    written.pairs_span = span_at(*table, "pairs", value.span);
  }
  if (const ast::Entry* optional = table->find("optional")) {
    const bool* flag = as_flag(optional->value);
    written.optional = flag != nullptr && *flag;
  }
  return written;
}

std::optional<LevelId> resolve_via(Context& context,
                                   const StepDef& step,
                                   StepId from,
                                   const Written& written) {
  if (written.via.empty()) return std::nullopt;
  const auto via = find_level(context, written.via, written.via_span);
  if (!via) return std::nullopt;
  const Workflow& workflow = context.workflow;
  const StepDef& maker = workflow.step(from);
  for (const StepDef* side : {&step, &maker}) {
    if (is_at_or_above(workflow, *via, side->spec.each)) continue;
    const LevelId common = lowest_common(workflow, step.spec.each, maker.spec.each);
    context.report(Kind::BadVia,
                   written.via_span,
                   fmt::format("`{}` is not above the tasks of `{}`, which are at {}",
                               written.via,
                               side->spec.name,
                               quoted_level(workflow, side->spec.each)),
                   common == wfr::kRootLevel
                       ? std::string("the only level above both steps is \"root\"")
                       : fmt::format("the finest level above both steps is \"{}\"",
                                     workflow.level(common).name));
    return std::nullopt;
  }
  return via;
}

// A sweep's directories are made by wfr as its tasks start: nothing can gather over them yet.
void check_sweep_gather(Context& context, const StepDef& step, StepId from, const NeedDef& need) {
  const Workflow& workflow = context.workflow;
  const LevelId each = workflow.step(from).spec.each;
  const LevelDef& level = workflow.level(each);
  if (level.source != LevelSource::Values ||
      context.level_tables[wfr::index_of(each)]->find("made_by") != nullptr) {
    return;
  }
  const LevelId via = need.via.value_or(lowest_common(workflow, each, step.spec.each));
  if (via == each && !need.pairs) return;
  context.report(
      Kind::NotSupportedYet,
      need.span,
      fmt::format("a gather across the `values` of `{}` is not supported yet", level.name),
      "gather in a second workflow, whose level is `match`");
}

// The file of pairs, or nothing.
std::shared_ptr<const PairsDef> resolve_pairs(Context& context, const Written& written) {
  if (!written.pairs_span.known()) return nullptr;
  if (!written.via.empty()) {
    context.report(Kind::ConflictingKeys,
                   written.pairs_span,
                   "`pairs` and `via` cannot be used together",
                   "a file of pairs names every task; `via` relates all below one directory");
    return nullptr;
  }
  return read_pairs(context, written.pairs, written.pairs_span);
}

void add_needs(Context& context, const ast::Value& list, bool data, StepDef& step) {
  const ast::Array* array = as_array(list);
  if (array == nullptr) context.unclear_needs.insert(&step);
  if (array == nullptr) return;
  for (const ast::Value& item : *array) {
    const std::optional<Written> written = read_need(item);
    const auto from =
        written ? find_step(context, written->step, written->step_span) : std::nullopt;
    if (!from) {
      context.unclear_needs.insert(&step);
      continue;
    }
    if (context.workflow.step(*from).spec.finalizer != wfr::FinalizerKind::None) {
      context.report(Kind::FinalizerKey,
                     written->step_span,
                     fmt::format("`{}` is a finalizer: no step can wait for it", written->step),
                     "");
      continue;
    }
    const auto same = std::find_if(step.needs.begin(), step.needs.end(), [&](const NeedDef& need) {
      return need.step == *from;
    });
    if (same != step.needs.end()) {
      context.sink.report({Kind::DuplicateName,
                           written->step_span,
                           fmt::format("`{}` is listed twice", written->step),
                           same->data == data ? "" : "`needs` already orders the two",
                           {{same->span, "the first"}}});
      continue;
    }
    NeedDef need;
    need.step = *from;
    need.name = written->step;
    need.data = data;
    need.optional = written->optional;
    need.span = written->step_span;
    need.via = resolve_via(context, step, *from, *written);
    need.pairs = resolve_pairs(context, *written);
    // Without its pairs it would wait for itself.
    if (need.pairs == nullptr && written->pairs_span.known() &&
        &context.workflow.step(*from) == &step)
      continue;
    check_sweep_gather(context, step, *from, need);
    step.needs.push_back(std::move(need));
  }
}

// `pairs` of a step: a need of itself.
void add_own_pairs(Context& context, const ast::Table& table, StepId id, StepDef& step) {
  const std::string* file = text_at(table, "pairs");
  if (file == nullptr) return;
  const Span span = span_at(table, "pairs", step.span);
  const auto same = std::find_if(
      step.needs.begin(), step.needs.end(), [&](const NeedDef& need) { return need.step == id; });
  if (same != step.needs.end()) {
    context.sink.report({Kind::DuplicateName,
                         span,
                         fmt::format("`{}` needs itself twice", step.spec.name),
                         "put all pairs into one file",
                         {{same->span, "the first"}}});
    return;
  }
  NeedDef need;
  need.step = id;
  need.name = step.spec.name;
  need.span = span;
  need.pairs = read_pairs(context, *file, span);
  if (need.pairs == nullptr) return;
  check_sweep_gather(context, step, id, need);
  step.needs.push_back(std::move(need));
}

}  // namespace

void resolve_needs(Context& context) {
  for (std::size_t i = 0; i < context.workflow.steps.size(); ++i) {
    StepDef& step = context.workflow.steps[i];
    if (step.spec.finalizer != wfr::FinalizerKind::None) continue;
    const ast::Table& table = *context.step_tables[i];
    if (const ast::Entry* needs = table.find("needs")) add_needs(context, needs->value, true, step);
    if (const ast::Entry* after = table.find("after"))
      add_needs(context, after->value, false, step);
    add_own_pairs(context, table, static_cast<StepId>(i), step);
  }
}

}  // namespace wfc
