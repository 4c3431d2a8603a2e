// [[level]]: the tree of levels and where the names of each come from.
#include "compiler/workflow/context.hpp"
#include "compiler/workflow/names.hpp"
#include "compiler/workflow/pattern.hpp"
#include "compiler/workflow/ranges.hpp"
#include "compiler/workflow/sheet_level.hpp"
#include "compiler/workflow/unicode.hpp"
#include "compiler/workflow/values.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace wfc {
namespace {

void resolve_name(Context& context, const ast::Table& table, LevelDef& level) {
  const std::string* name = text_at(table, "name");
  if (name == nullptr) {
    context.nameless_level = true;
    return;
  }
  const Span span = span_at(table, "name", level.span);
  if (!is_variable_name(*name) || is_reserved(*name)) {
    context.report(Kind::BadName,
                   span,
                   fmt::format("`{}` cannot be a level's name", *name),
                   is_reserved(*name) ? "the word is reserved for placeholders"
                                      : "use letters, digits and `_`, beginning with a letter");
    context.nameless_level = true;
    return;
  }
  if (const std::optional<LevelId> other = lookup_level(context.workflow, *name)) {
    context.sink.report({Kind::DuplicateName,
                         span,
                         fmt::format("there are two levels `{}`", *name),
                         "",
                         {{context.workflow.level(*other).span, "the first"}}});
    return;
  }
  level.name = *name;
}

// Whether some `[[level]]` has the name, wherever it stands.
bool is_written(const Context& context, const std::string& name) {
  const ast::Array& levels = *as_array(context.document.root.find("level")->value);
  return std::any_of(levels.begin(), levels.end(), [&](const ast::Value& item) {
    const ast::Table* table = as_table(item);
    const std::string* written = table == nullptr ? nullptr : text_at(*table, "name");
    return written != nullptr && *written == name;
  });
}

void resolve_under(Context& context, const ast::Table& table, LevelDef& level) {
  // Coarse to fine: only levels before this one are known yet, so that there can be no cycle.
  level.under = static_cast<LevelId>(context.workflow.levels.size() - 1);
  const std::string* under = text_at(table, "under");
  if (under == nullptr) return;
  if (!lookup_level(context.workflow, *under) && is_written(context, *under)) {
    context.report(Kind::UnknownLevel,
                   span_at(table, "under", level.span),
                   fmt::format("level `{}` does not come before this one", *under),
                   "levels are listed coarse to fine");
    return;
  }
  if (const auto found = find_level(context, *under, span_at(table, "under", level.span))) {
    level.under = *found;
  }
}

std::vector<std::string> patterns_at(Context& context,
                                     const ast::Table& table,
                                     std::string_view key) {
  const ast::Entry* entry = table.find(key);
  return entry == nullptr ? std::vector<std::string>{} : read_patterns(context, entry->value);
}

void take_values(Context& context, const ast::Value& values, LevelDef& level) {
  level.source = LevelSource::Values;
  std::set<std::string> seen;
  for (const ast::Value* value : texts_of(values)) {
    Expansion expansion = expand_braces(*as_text(*value));
    if (!expansion.problem.empty()) {
      context.report(Kind::BadValueRange,
                     value->span,
                     expansion.problem,
                     "a range is {1..9} or {001..124}, a list {a,b}");
    }
    for (std::string& name : expansion.names) {
      const std::string problem = directory_name_problem(name);
      if (!problem.empty()) {
        context.report(Kind::BadDirectoryName,
                       value->span,
                       fmt::format("`{}` {}", name, problem),
                       "a name is one path component");
      } else if (!seen.insert(composed(name)).second) {
        context.report(Kind::DuplicateName, value->span, fmt::format("`{}` is listed twice", name));
      } else {
        level.values.push_back(std::move(name));
      }
    }
  }
  if (texts_of(values).empty()) {
    context.report(
        Kind::MissingKey, values.span, "`values` is empty", "name at least one directory");
  }
}

void resolve_source(Context& context, const ast::Table& table, LevelDef& level) {
  std::vector<const ast::Entry*> sources;
  for (const char* key : {"match", "values", "file"}) {
    if (const ast::Entry* entry = table.find(key)) sources.push_back(entry);
  }
  level.source_span = sources.empty() ? level.span : sources.front()->value.span;
  if (const std::string* column = text_at(table, "column")) level.column = *column;
  if (sources.size() > 1) {
    context.sink.report(
        {Kind::ConflictingKeys,
         sources[1]->key_span,
         fmt::format("a level takes `{}` or `{}`, not both", sources[0]->key, sources[1]->key),
         "names come from one source; `only` and `exclude` select among them",
         {{sources[0]->key_span, "the first"}}});
    return;
  }
  if (sources.empty()) {
    if (table.find("made_by") == nullptr) {
      context.report(Kind::MissingKey,
                     level.span,
                     fmt::format("level `{}` does not say where its names come from", level.name),
                     "give `match`, `values`, `file` or `made_by`");
    }
    level.match = "*";
    return;
  }
  const ast::Entry& source = *sources.front();
  if (source.key == "match") {
    const std::vector<std::string> patterns = read_patterns(context, source.value);
    level.match = patterns.empty() ? "*" : patterns.front();
  } else if (source.key == "values") {
    take_values(context, source.value, level);
  } else if (const std::string* file = as_text(source.value)) {
    level.source = LevelSource::File;
    level.file = *file;
    read_level_sheet(context, table, level);
  }
  if (source.key != "file" && table.find("column") != nullptr) {
    context.report(Kind::ConflictingKeys,
                   table.find("column")->key_span,
                   "`column` belongs to a level with `file`",
                   "remove it");
  }
}

// A sweep is made by wfr at run time: nothing can lie below it yet.
void check_sweeps(Context& context) {
  for (std::size_t i = 1; i < context.workflow.levels.size(); ++i) {
    const LevelDef& upper = context.workflow.level(context.workflow.levels[i].under);
    const ast::Table* table = context.level_tables[wfr::index_of(context.workflow.levels[i].under)];
    if (table == nullptr || upper.source != LevelSource::Values ||
        table->find("made_by") != nullptr) {
      continue;
    }
    context.sink.report(
        {Kind::NotSupportedYet,
         upper.source_span,
         fmt::format("a `values` level with a level below it is not supported yet"),
         "make the sweep the finest level, or name the step that makes it with `made_by`",
         {{context.workflow.levels[i].span, "this level is below it"}}});
  }
}

}  // namespace

void resolve_levels(Context& context) {
  context.workflow.levels.emplace_back();  // the root
  context.level_tables.push_back(nullptr);
  const ast::Entry* entry = context.document.root.find("level");
  const ast::Array* array = entry == nullptr ? nullptr : as_array(entry->value);
  if (array == nullptr) return;
  for (const ast::Value& item : *array) {
    const ast::Table* table = as_table(item);
    if (table == nullptr) continue;
    LevelDef level;
    level.span = item.span;
    resolve_name(context, *table, level);
    resolve_under(context, *table, level);
    resolve_source(context, *table, level);
    level.only = patterns_at(context, *table, "only");
    level.exclude = patterns_at(context, *table, "exclude");
    context.workflow.levels.push_back(std::move(level));
    context.level_tables.push_back(table);
  }
  check_sweeps(context);
}

}  // namespace wfc
