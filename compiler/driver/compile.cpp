// The pipeline. Start reading here: a comment and a call per pass, an early return after errors.
#include "compiler/driver/compile.hpp"

#include "compiler/driver/bash_syntax.hpp"
#include "compiler/driver/beside_files.hpp"
#include "compiler/driver/out_owner.hpp"
#include "compiler/driver/read_source.hpp"
#include "compiler/driver/site_files.hpp"
#include "compiler/graph/check_commands.hpp"
#include "compiler/graph/check_dashes.hpp"
#include "compiler/graph/expand.hpp"
#include "compiler/slurm/builtin_templates.hpp"
#include "compiler/slurm/lower.hpp"
#include "compiler/slurm/split_notes.hpp"
#include "compiler/slurm/split_to_fit.hpp"
#include "compiler/slurm/verify.hpp"
#include "compiler/syntax/parse.hpp"
#include "compiler/tree/paths.hpp"
#include "compiler/tree/scan.hpp"
#include "compiler/workflow/resolve.hpp"

#include <fmt/format.h>

namespace wfc {
namespace {

namespace fs = std::filesystem;

// Physical paths are compared, since `..` after a symbolic link leads elsewhere than the text says.
std::string relative_to(const fs::path& path, const fs::path& out) {
  return physical_path(path).lexically_relative(physical_path(out)).string();
}

// The data root as the plan keeps it.
std::string root_from_out(const Frontend& front, const fs::path& out) {
  const fs::path written(front.workflow.root);
  if (written.is_absolute()) return written.lexically_normal().string();
  return relative_to(front.root, out);
}

// The own one, and `out` in the data root where some workflow has it.
std::vector<fs::path> out_directories(const Frontend& front, const fs::path& out) {
  std::vector<fs::path> outs{out};
  if (has_mark(front.root / "out")) outs.push_back(front.root / "out");
  return outs;
}

// Also for what cannot be looked at: then reading it says why.
bool is_there(const fs::path& file) {
  std::error_code error;
  return fs::exists(file, error) || error;
}

std::optional<ast::Document> read_lock(const CompileOptions& options,
                                       std::vector<std::shared_ptr<const SourceFile>>& sources,
                                       Sink& sink) {
  const fs::path file = options.workflow.parent_path() / kLockFile;
  if (options.no_lock || !is_there(file)) return std::nullopt;
  const auto source = read_source_from(options.workflow.parent_path(), kLockFile, sink);
  if (!source) return std::nullopt;
  sources.push_back(source);
  return parse(source, sink);
}

// Which values are not the workflow's own.
std::vector<PassNote> lock_notes(const Workflow& workflow) {
  std::vector<PassNote> notes;
  for (const StepId id : workflow.order) {
    const StepDef& step = workflow.step(id);
    if (step.locked.empty()) continue;
    notes.push_back({"lock",
                     {id},
                     fmt::format("{} from {}", fmt::join(step.locked, ", "), kLockFile),
                     step.span});
  }
  return notes;
}

TemplateReader template_reader(const fs::path& dir, Sink& sink) {
  return [dir, &sink](const std::string& name) {
    if (!dir.empty() && is_there(dir / name)) {
      if (const auto source = read_source_from(dir, name, sink)) return source->text;
    }
    return std::string(builtin_template(name));
  };
}

bool verify_tree(const OutputTree& tree, const CompileOptions& options, Sink& sink) {
  EmittedFiles files;
  for (const auto& [place, file] : tree.files) files.emplace(place, file.bytes);
  const VerifyWhen when =
      options.templates.empty() ? VerifyWhen::BuiltInTemplates : VerifyWhen::OwnTemplates;
  return verify(files, options.out.string(), when, sink).has_value();
}

}  // namespace

std::optional<Frontend> check(const CompileOptions& options, Sink& sink) {
  Frontend front;
  // Text -> ast, of the workflow and of every site profile.
  auto source = read_source(options.workflow, sink);
  if (!source) return std::nullopt;
  const ast::Document document = parse(source, sink);
  front.sources = read_site_files(options.workflow, sink);
  std::vector<ast::Document> sites;
  sites.reserve(front.sources.size());
  for (const auto& site : front.sources) sites.push_back(parse(site, sink));
  front.sources.push_back(source);
  // What `wfc tune` has left beside the workflow: the only earlier result that is read.
  const std::optional<ast::Document> lock = read_lock(options, front.sources, sink);
  if (sink.has_errors()) return std::nullopt;

  // ast -> Workflow.
  ResolveOptions resolve_options;
  resolve_options.site = options.site;
  resolve_options.sbatch_found = on_path("sbatch");
  resolve_options.sets = options.sets;
  for (const ast::Document& site : sites) resolve_options.site_files.push_back(&site);
  if (lock) resolve_options.lock = &*lock;
  resolve_options.read_sheet = [&](const std::string& path, std::string& why) {
    return read_text_from(options.workflow.parent_path(), path, wfr::kMostSheet, why);
  };
  resolve_options.find_beside = [&](const std::string& path, bool pattern) {
    return find_beside(options.workflow.parent_path(), path, pattern);
  };
  resolve_options.read_bash = bash_problems;
  front.workflow = resolve(document, resolve_options, sink);
  if (sink.has_errors()) return std::nullopt;
  // From here on names are ids, values are typed, and the step graph has no cycle.

  front.workflow.file = options.workflow;
  front.root = options.workflow.parent_path() / front.workflow.root;
  return front;
}

std::optional<Middle> analyse(const CompileOptions& options, Sink& sink) {
  std::optional<Frontend> front = check(options, sink);
  if (!front) return std::nullopt;

  // Disk -> Tree: the only look at the data.
  wfr::Tree tree = scan(front->workflow, front->root, sink, out_directories(*front, options.out));
  if (sink.has_errors()) return std::nullopt;
  // From here on a directory is an ordinal of its level.

  // Workflow + Tree -> TaskGraph.
  Expanded expanded =
      expand(std::move(front->workflow), std::move(tree), DataRoot(front->root, options.out), sink);
  front->workflow = std::move(expanded.workflow);
  if (sink.has_errors()) return std::nullopt;
  // From here on every need has an edge, and no two tasks write one file.
  return Middle{std::move(*front), std::move(expanded.graph)};
}

std::optional<Compiled> compile(const CompileOptions& options, bool local, Sink& sink) {
  CompileOptions chosen = options;
  if (local && chosen.site.empty()) chosen.site = "local";
  std::optional<Middle> middle = analyse(chosen, sink);
  if (!middle) return std::nullopt;
  const Workflow& workflow = middle->front.workflow;

  // TaskGraph -> JobGraph: everything in one job on one machine, else what `[jobs]` asks for.
  JobGraph jobs = local || workflow.site.local ? partition_whole(workflow, middle->graph)
                                               : partition_to_fit(workflow, middle->graph, sink);
  if (sink.has_errors()) return std::nullopt;
  // From here on every task belongs to one job, and the jobs have an order.

  // JobGraph -> Plan: job arrays and their dependencies, within the site's limits.
  std::vector<PassNote> notes = lock_notes(workflow);
  notes.insert(notes.end(), jobs.notes.begin(), jobs.notes.end());
  wfr::Plan plan = lower(workflow,
                         std::move(middle->graph),
                         std::move(jobs),
                         root_from_out(middle->front, options.out),
                         notes,
                         sink);
  if (sink.has_errors() && !options.show_refused) return std::nullopt;
  check_commands(workflow, plan, DataRoot(middle->front.root, options.out), sink);
  check_dashes(workflow, plan, sink);
  if (sink.has_errors() && !options.show_refused) return std::nullopt;
  // From here on the site can take every job, or the plan is only shown.

  if (options.why) note_splits(workflow, plan, notes);
  plan.settle_s = workflow.site.settle_s;
  plan.workflow_dir = relative_to(options.workflow.parent_path(), options.out);
  if (sink.has_errors()) {
    return Compiled{std::move(middle->front), std::move(plan), {}, std::move(notes)};
  }
  // From here on nothing can fail but the disk.

  // Plan -> scripts. Pure: nothing is written yet.
  OutputTree files = emit(workflow, plan, template_reader(options.templates, sink), sink);
  if (sink.has_errors()) return std::nullopt;

  // Scripts -> their meaning, read back: proves that they run each task once and in its order.
  if (files.files.contains("submit.sh") && !verify_tree(files, options, sink)) return std::nullopt;
  return Compiled{std::move(middle->front), std::move(plan), std::move(files), std::move(notes)};
}

}  // namespace wfc
