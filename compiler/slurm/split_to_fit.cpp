// Partitions as asked, counts as check_limits() does, and looks for the finest cut that fits.
#include "compiler/slurm/split_to_fit.hpp"

#include "compiler/slurm/lower.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace wfc {
namespace {

struct Trial {
  JobGraph jobs;
  Sink sink;
  QueueUse use;
  bool fits = false;
};

Trial tried(const Workflow& workflow, const wfr::TaskGraph& graph, const Split& split) {
  Trial trial;
  trial.jobs = partition(workflow, graph, split, trial.sink);
  if (trial.sink.has_errors()) return trial;
  std::vector<PassNote> unread;
  // The graph is spans: its copy has nothing for each directory.
  trial.use = queue_use(plan_arrays(workflow, graph, trial.jobs, unread));
  const QueueUse most = most_queue_use(workflow.site);
  trial.fits = trial.use.jobs <= most.jobs && trial.use.submissions <= most.submissions;
  return trial;
}

// The most parts of the level with which everything fits; `without`, which is one part, does.
Trial finest_cut(const Workflow& workflow,
                 const wfr::TaskGraph& graph,
                 LevelId level,
                 Trial without) {
  Trial best = std::move(without);
  std::uint32_t good = 1;
  std::uint32_t too_many = graph.tree.level(level).size();
  while (too_many - good > 1) {
    const std::uint32_t middle = good + (too_many - good) / 2;
    Trial trial = tried(workflow, graph, {level, middle});
    if (trial.fits) {
      best = std::move(trial);
      good = middle;
    } else {
      too_many = middle;
    }
  }
  return best;
}

// "with arrays for each the workflow needs 312 calls of sbatch, at most 200 are wanted"
std::string reason(const Site& site, const QueueUse& asked) {
  const QueueUse most = most_queue_use(site);
  if (asked.submissions > most.submissions) {
    return fmt::format(
        "with arrays for each the workflow needs {} sbatch calls, but at most {} are allowed on "
        "site `{}`",
        asked.submissions,
        most.submissions,
        site.name);
  }
  return fmt::format("with arrays for each the workflow makes {} jobs, but site `{}` takes {}",
                     asked.jobs,
                     site.name,
                     most.jobs);
}

void report_shared(const Workflow& workflow,
                   const wfr::TaskGraph& graph,
                   const QueueUse& asked,
                   JobGraph& jobs,
                   Sink& sink) {
  const LevelId level = *workflow.jobs.split;
  const std::uint32_t all = graph.tree.level(level).size();
  const std::uint32_t parts = jobs.split.parts;
  const std::string who = jobs.split.level ? fmt::format("up to {}", (all + parts - 1) / parts)
                                           : fmt::format("all {}", all);
  const std::string text = fmt::format("{} `{}` directories share job arrays: {}",
                                       who,
                                       workflow.level(level).name,
                                       reason(workflow.site, asked));
  const bool coarsest = workflow.level(level).under == wfr::kRootLevel;
  sink.report(Kind::SplitToFit,
              workflow.jobs.split_span,
              text,
              fmt::format("{}use `per` instead, or raise `max_submissions` of `[site.{}.limits]`",
                          coarsest ? "" : "name a coarser level, ",
                          workflow.site.name));
  jobs.notes.push_back({"split", {}, text, workflow.jobs.split_span});
}

// The split as asked, unless it cuts nothing.
void note_split(const Workflow& workflow, const wfr::TaskGraph& graph, Trial& trial) {
  const bool cuts =
      std::any_of(trial.jobs.maps.begin(), trial.jobs.maps.end(), [&](const wfr::BlockMap& map) {
        return split_points(graph.tree, map.nodes, trial.jobs.split).size() > 1;
      });
  if (!cuts) return;
  trial.jobs.notes.push_back(
      {"split",
       {},
       fmt::format("each `{}` directory has job arrays of its own, {} calls of sbatch in all",
                   workflow.level(*workflow.jobs.split).name,
                   trial.use.submissions),
       workflow.jobs.split_span});
}

}  // namespace

JobGraph partition_to_fit(const Workflow& workflow, const wfr::TaskGraph& graph, Sink& sink) {
  if (!workflow.jobs.split) return partition(workflow, graph, sink);
  const LevelId level = *workflow.jobs.split;
  Trial trial = tried(workflow, graph, {level});
  if (trial.fits) {
    note_split(workflow, graph, trial);
  } else if (!trial.sink.has_errors()) {
    const QueueUse asked = trial.use;
    trial = tried(workflow, graph, {});
    if (trial.fits) {
      trial = finest_cut(workflow, graph, level, std::move(trial));
      report_shared(workflow, graph, asked, trial.jobs, trial.sink);
    }
  }
  for (const Diagnostic& diagnostic : trial.sink.all()) sink.report(diagnostic);
  return std::move(trial.jobs);
}

std::optional<QueueUse> use_with_split(const Workflow& workflow,
                                       const wfr::TaskGraph& graph,
                                       const Split& split) {
  const Trial trial = tried(workflow, graph, split);
  return trial.fits ? std::optional(trial.use) : std::nullopt;
}

}  // namespace wfc
