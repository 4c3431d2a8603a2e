// Finds levels, steps and parameters by name, and how levels lie to each other.
#include "compiler/workflow/context.hpp"
#include "compiler/workflow/secrets.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace wfc {
namespace {

template <class Things, class Name>
std::vector<std::string> names_of(const Things& things, const Name& name) {
  std::vector<std::string> names;
  names.reserve(things.size());
  for (const auto& thing : things) names.push_back(name(thing));
  return names;
}

std::string help_for(std::string_view word,
                     const std::vector<std::string>& names,
                     std::string_view none) {
  std::string help = did_you_mean(word, names);
  if (!help.empty()) return help;
  constexpr std::size_t kMost = 12;
  if (names.empty() || names.size() > kMost) return std::string(names.empty() ? none : "");
  return fmt::format("there are: {}", fmt::join(names, ", "));
}

}  // namespace

void Context::report(Kind kind, const Span& span, std::string message, std::string help) const {
  report({kind, span, std::move(message), std::move(help), {}});
}

void Context::report(Diagnostic diagnostic) const {
  const Span& span = diagnostic.span;
  const auto same = [&](const Diagnostic& other) {
    return other.kind == diagnostic.kind && other.span.file == span.file &&
           other.span.line == span.line && other.span.column == span.column &&
           other.message == diagnostic.message;
  };
  if (std::any_of(sink.all().begin(), sink.all().end(), same)) return;
  sink.report(std::move(diagnostic));
}

std::optional<LevelId> lookup_level(const Workflow& workflow, std::string_view name) {
  if (name == "root") return wfr::kRootLevel;
  for (std::size_t i = 1; i < workflow.levels.size(); ++i) {
    if (workflow.levels[i].name == name) return static_cast<LevelId>(i);
  }
  return std::nullopt;
}

std::optional<StepId> lookup_step(const Workflow& workflow, std::string_view name) {
  if (name.empty()) return std::nullopt;  // a step whose name was refused
  for (std::size_t i = 0; i < workflow.steps.size(); ++i) {
    if (workflow.steps[i].spec.name == name) return static_cast<StepId>(i);
  }
  return std::nullopt;
}

std::optional<LevelId> find_level(Context& context, const std::string& name, const Span& span) {
  const std::optional<LevelId> found = lookup_level(context.workflow, name);
  if (found) return found;
  if (context.nameless_level) return std::nullopt;
  auto names = names_of(context.workflow.levels, [](const LevelDef& level) { return level.name; });
  names.erase(names.begin());
  context.report(Kind::UnknownLevel,
                 span,
                 fmt::format("there is no level `{}`", name),
                 help_for(name, names, "the workflow has no `[[level]]`"));
  return std::nullopt;
}

std::optional<StepId> find_step(Context& context, const std::string& name, const Span& span) {
  const std::optional<StepId> found = lookup_step(context.workflow, name);
  if (found) return found;
  if (context.nameless_step) return std::nullopt;
  const auto names =
      names_of(context.workflow.steps, [](const StepDef& step) { return step.spec.name; });
  context.report(Kind::UnknownStep,
                 span,
                 fmt::format("there is no step `{}`", name),
                 help_for(name, names, ""));
  return std::nullopt;
}

std::optional<std::uint32_t> find_column(Context& context,
                                         LevelId level,
                                         const std::string& name,
                                         const Span& span) {
  const LevelDef& def = context.workflow.level(level);
  const auto found = std::find(def.columns.begin(), def.columns.end(), name);
  if (found != def.columns.end()) return static_cast<std::uint32_t>(found - def.columns.begin());
  // A CSV without a header was not read, which is said already.
  if (!def.column.empty() && def.header.empty()) return std::nullopt;
  std::vector<std::string> others = def.header;
  others.erase(std::remove(others.begin(), others.end(), def.column), others.end());
  const std::string missing = def.header.empty() ? "" : name;
  if (!context.missing_columns.emplace(level, missing).second) return std::nullopt;
  std::string help = did_you_mean(name, others);
  if (name == def.column && !name.empty()) help = fmt::format("the names are `{{{}}}`", def.name);
  if (help.empty()) {
    help = !others.empty()    ? fmt::format("there are: {}", fmt::join(others, ", "))
           : def.file.empty() ? "only a level with `file` and `column` has columns"
                              : "say which column of the sheet has the names: `column = \"...\"`";
  }
  context.report(Kind::UnknownColumn,
                 span,
                 fmt::format("level `{}` has no column `{}`", def.name, name),
                 std::move(help));
  return std::nullopt;
}

const Param* find_param(Context& context, const std::string& name, const Span& span) {
  for (const Param& param : context.workflow.params) {
    if (param.name == name) return &param;
  }
  if (context.nameless_param) return nullptr;
  if (secret_of(context, name)) {
    context.report(Kind::MisplacedPlaceholder,
                   span,
                   fmt::format("secret parameter `{}` cannot be used here", name),
                   "only `run` has it, where the task's own bash reads it");
    return nullptr;
  }
  const auto names =
      names_of(context.workflow.params, [](const Param& param) { return param.name; });
  context.report(Kind::UnknownParam,
                 span,
                 fmt::format("there is no parameter `{}`", name),
                 help_for(name, names, "declare it with its default: [params] " + name + " = ..."));
  return nullptr;
}

bool is_at_or_above(const Workflow& workflow, LevelId upper, LevelId lower) {
  // A level's parent always comes before it, so that this ends.
  while (wfr::index_of(lower) > wfr::index_of(upper)) lower = workflow.level(lower).under;
  return lower == upper;
}

LevelId lowest_common(const Workflow& workflow, LevelId a, LevelId b) {
  while (!is_at_or_above(workflow, a, b)) a = workflow.level(a).under;
  return a;
}

std::string quoted_level(const Workflow& workflow, LevelId level) {
  return level == wfr::kRootLevel ? "the root" : fmt::format("`{}`", workflow.level(level).name);
}

std::vector<LevelId> path_to(const Workflow& workflow, LevelId level) {
  std::vector<LevelId> path;
  for (; level != wfr::kRootLevel; level = workflow.level(level).under) path.push_back(level);
  std::reverse(path.begin(), path.end());
  return path;
}

}  // namespace wfc
