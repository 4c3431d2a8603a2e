// What the parts of `resolve` share while a workflow is built. Private to this room.
#pragma once

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/syntax/ast.hpp"
#include "compiler/workflow/resolve.hpp"
#include "compiler/workflow/workflow.hpp"

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wfc {

struct Context {
  const ast::Document& document;
  const ResolveOptions& options;
  Sink& sink;
  Workflow workflow;
  // Parallel to workflow.levels and workflow.steps; nullptr for the root level.
  std::vector<const ast::Table*> level_tables;
  std::vector<const ast::Table*> step_tables;
  // The chosen site's tables, highest priority first, and [defaults] (nullptr without).
  std::vector<const ast::Table*> site_tables;
  const ast::Table* defaults = nullptr;
  // [site.X.verdict] of each of the site's tables that has it, in the same order.
  std::vector<const ast::Table*> verdict_tables;
  // Some level, step or parameter has no name to be found by, which was reported: what is not found
  // may mean it.
  bool nameless_level = false;
  bool nameless_step = false;
  bool nameless_param = false;
  // Steps with a need that could not be taken: it may be the one that a placeholder means.
  std::set<const StepDef*> unclear_needs;
  // Columns that a level does not have, which was reported: each is reported once. "" for all of
  // them, when the level has none at all.
  std::set<std::pair<LevelId, std::string>> missing_columns;

  // A key of a site or of [defaults] is read once per step, but what is wrong with it is said once.
  void report(Kind kind, const Span& span, std::string message, std::string help = {}) const;
  void report(Diagnostic diagnostic) const;
};

// The passes, each in a file of its own, in the order in which they run.
void resolve_params(Context& context);
void resolve_levels(Context& context);
void resolve_site(Context& context);
void resolve_step_names(Context& context);  // steps exist from here on
void resolve_made_by(Context& context);
void resolve_resources(Context& context);
void apply_lock(Context& context);  // what earlier runs have taught, over mem, time and estimate
void resolve_environment(Context& context);
void resolve_jobs(Context& context);        // [jobs], and what steps say of their jobs
void resolve_conditions(Context& context);  // when, where
void resolve_files(Context& context);       // inputs and outputs
void resolve_needs(Context& context);       // explicit
void resolve_implied_needs(Context& context);
void resolve_commands(Context& context);  // kernel, run, argv and their placeholders
void check_bash(Context& context);        // whether bash can read run and setup
void resolve_uses(Context& context);      // files beside the workflow, also those of commands
void check_made_levels(Context& context);
void drop_steps(Context& context);
void resolve_order(Context& context);
void resolve_closing(Context& context);  // what the verdict and the finalizers ask for

// nullptr when there is none, which is reported with a suggestion. "root" names the root level.
std::optional<LevelId> find_level(Context& context, const std::string& name, const Span& span);
std::optional<StepId> find_step(Context& context, const std::string& name, const Span& span);
// The place of a column in LevelDef::columns; nothing is said of a level whose sheet could not be
// read.
std::optional<std::uint32_t> find_column(Context& context,
                                         LevelId level,
                                         const std::string& name,
                                         const Span& span);
const Param* find_param(Context& context, const std::string& name, const Span& span);

// Quiet forms.
std::optional<LevelId> lookup_level(const Workflow& workflow, std::string_view name);
std::optional<StepId> lookup_step(const Workflow& workflow, std::string_view name);

// Relations between levels.
bool is_at_or_above(const Workflow& workflow, LevelId upper, LevelId lower);
LevelId lowest_common(const Workflow& workflow, LevelId a, LevelId b);
// "`session`", "the root".
std::string quoted_level(const Workflow& workflow, LevelId level);
// From the coarsest to `level`, without the root.
std::vector<LevelId> path_to(const Workflow& workflow, LevelId level);

}  // namespace wfc
