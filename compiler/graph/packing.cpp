// The number of directories in a job that the workflow asks for and that the site's time allows.
#include "compiler/graph/packing.hpp"

#include "compiler/graph/blocks.hpp"
#include "compiler/graph/depths.hpp"
#include "compiler/graph/job_resources.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace wfc {
namespace {

// What a family asks for: at most one of the two is set.
struct Asked {
  std::uint32_t pack = 0;
  std::uint64_t target_time_s = 0;
  Span span;
};

Asked asked_by(const Workflow& workflow, const Draft& draft) {
  // The same for every step of a draft.
  const StepDef& step = workflow.step(draft.steps.front());
  if (step.pack || step.target_time_s) {
    return {step.pack.value_or(0), step.target_time_s.value_or(0), step.pack_span};
  }
  return {workflow.jobs.pack, workflow.jobs.target_time_s, workflow.jobs.pack_span};
}

// The largest number of directories, at most `bound` and at least one, whose job ends in time;
// nullopt when the time of a step is not known. The makespan grows with the number.
class TimedPack {
 public:
  TimedPack(const Workflow& workflow, const wfr::TaskGraph& graph, const Draft& draft)
      : workflow_(workflow),
        graph_(graph),
        draft_(draft),
        most_(most_tasks_in_a_directory(graph, draft)) {}

  [[nodiscard]] std::uint64_t tasks(std::uint32_t pack) const {
    const JobLoad load = load_of(workflow_, graph_, draft_, most_, pack);
    return std::accumulate(load.tasks.begin(), load.tasks.end(), std::uint64_t{0});
  }
  [[nodiscard]] std::optional<double> seconds(std::uint32_t pack) const {
    return makespan(workflow_, graph_, load_of(workflow_, graph_, draft_, most_, pack));
  }
  [[nodiscard]] std::optional<std::uint32_t> largest(double limit_s, std::uint32_t bound) const {
    if (!seconds(1)) return std::nullopt;
    std::uint32_t fits = 1;
    std::uint32_t too_many = std::max(bound, 1U) + 1;
    while (too_many - fits > 1) {
      const std::uint32_t middle = fits + (too_many - fits) / 2;
      (*seconds(middle) <= limit_s ? fits : too_many) = middle;
    }
    return fits;
  }

 private:
  const Workflow& workflow_;
  const wfr::TaskGraph& graph_;
  const Draft& draft_;
  std::vector<std::uint32_t> most_;
};

void report_unknown(const Workflow& workflow, const Draft& draft, const Span& span, Sink& sink) {
  for (const StepId id : draft.steps) {
    const StepDef& step = workflow.step(id);
    if (task_seconds(step) > 0) continue;
    sink.report({Kind::UnknownDuration,
                 span,
                 fmt::format("how long a task of `{}` takes is not known", step.spec.name),
                 R"(give its `estimate`, as "40s", its `rate` or its `time`; or use `pack`)",
                 {{step.span, "this step"}}});
  }
}

std::string directories(const Workflow& workflow, LevelId level, std::uint32_t pack) {
  return fmt::format("{} `{}` director{} a job",
                     pack,
                     level == wfr::kRootLevel ? "root" : workflow.level(level).name,
                     pack == 1 ? "y" : "ies");
}

// Without [jobs] time: what the site's limit of time allows.
std::uint32_t most_in_time(const Workflow& workflow,
                           const Draft& draft,
                           const TimedPack& timed,
                           std::uint32_t nodes) {
  const std::uint64_t most = longest_time(workflow, draft.steps);
  if (most == 0 || workflow.jobs.time_s > 0) return nodes;
  return timed.largest(static_cast<double>(most), nodes).value_or(nodes);
}

// No packing helps where the tasks of one directory take too long together. A single task is looked
// at with all other limits of the site.
void report_too_long(const Workflow& workflow,
                     const TimedPack& timed,
                     const Draft& draft,
                     Sink& sink) {
  const std::uint64_t most = longest_time(workflow, draft.steps);
  if (most == 0 || workflow.jobs.time_s > 0 || timed.tasks(1) <= 1) return;
  const double seconds = timed.seconds(1).value_or(0);
  if (seconds <= static_cast<double>(most)) return;
  const StepDef& step = workflow.step(draft.steps.front());
  sink.report(Kind::TimeOverLimit,
              draft.span.known() ? draft.span : step.span,
              fmt::format("up to {} tasks of {} in {} take {:.0f} minutes in one job, site `{}` "
                          "ends every job after {}",
                          timed.tasks(1),
                          quoted_steps(workflow, draft.steps),
                          quoted_directory(workflow, draft.level),
                          seconds / 60,
                          workflow.site.name,
                          most / 60),
              "choose a finer `per`, give the job more `cpus` in `[jobs]`, or give an `estimate` "
              "if tasks take less than their `time`");
}

// The pack of one draft before the queue is looked at.
std::uint32_t pack_of(const Workflow& workflow,
                      const Draft& draft,
                      const TimedPack& timed,
                      const Packable& family,
                      std::vector<PassNote>& notes) {
  const Asked asked = asked_by(workflow, draft);
  std::uint32_t pack = std::min(std::max(asked.pack, 1U), family.level_nodes);
  if (asked.target_time_s > 0) {
    pack = timed.largest(static_cast<double>(asked.target_time_s), family.level_nodes).value_or(1);
  }
  if (pack > family.most) {
    notes.push_back({"time",
                     draft.steps,
                     fmt::format("{} instead of {}: more would take longer than site `{}` lets a "
                                 "job run",
                                 directories(workflow, draft.level, family.most),
                                 pack,
                                 workflow.site.name),
                     asked.span});
    pack = family.most;
  }
  if (pack > 1) {
    notes.push_back({"packing", draft.steps, directories(workflow, draft.level, pack), asked.span});
  }
  return pack;
}

std::uint32_t nodes_of(const wfr::TaskGraph& graph,
                       LevelId level,
                       const std::vector<StepId>& steps) {
  wfr::Storage storage;
  return nodes_with_work(graph, level, steps, storage).count;
}

// Reports what the automatic packing has changed, a level at a time.
void report_packed(const Workflow& workflow,
                   const wfr::TaskGraph& graph,
                   const std::vector<Draft>& before,
                   const std::vector<std::uint32_t>& packs,
                   std::vector<PassNote>& notes,
                   Sink& sink) {
  std::vector<LevelId> seen;
  for (std::size_t i = 0; i < before.size(); ++i) {
    const LevelId level = before[i].level;
    if (packs[i] == before[i].pack || std::find(seen.begin(), seen.end(), level) != seen.end()) {
      continue;
    }
    seen.push_back(level);
    std::vector<StepId> steps;
    for (std::size_t j = i; j < before.size(); ++j) {
      if (before[j].level == level && packs[j] != before[j].pack) {
        steps.insert(steps.end(), before[j].steps.begin(), before[j].steps.end());
      }
    }
    const Span span = before[i].span.known() ? before[i].span : workflow.step(steps.front()).span;
    // Where pairs tie directories together, by_depth() may give a job more of them.
    const bool tied = std::any_of(steps.begin(), steps.end(), [&](StepId step) {
      return leaves_by_pairs(graph, step, level);
    });
    const std::string text = (tied ? "about " : "") + directories(workflow, level, packs[i]);
    sink.report(
        Kind::PackedToFit,
        span,
        fmt::format("{}, since site `{}` does not take a job for each", text, workflow.site.name),
        "`[jobs]` with `pack`, `target_time` or `per` says how directories share jobs");
    notes.push_back({"packing", steps, text + ", so that the queue takes them", span});
  }
}

}  // namespace

QueueRoom room_of(const Workflow& workflow) {
  const Site& site = workflow.site;
  // The verdict, and a job for each finalizer.
  std::uint64_t closing = 1;
  for (const StepId id : workflow.order) {
    if (workflow.step(id).spec.finalizer != wfr::FinalizerKind::None) ++closing;
  }
  const auto left = [closing](std::uint64_t limit) {
    return limit == 0 ? QueueRoom::kUnbounded : limit - std::min(limit, closing);
  };
  QueueRoom room;
  room.jobs = std::min(left(site.max_job_count), left(site.max_submit_jobs));
  room.submissions = left(site.max_submissions);
  room.array_size = std::max<std::uint64_t>(site.max_array_size, 1);
  return room;
}

std::vector<Draft> pack(const Workflow& workflow,
                        const wfr::TaskGraph& graph,
                        std::vector<Draft> drafts,
                        std::vector<PassNote>& notes,
                        Sink& sink) {
  std::map<LevelId, std::vector<StepId>> steps_at;
  for (const Draft& draft : drafts) {
    std::vector<StepId>& steps = steps_at[draft.level];
    steps.insert(steps.end(), draft.steps.begin(), draft.steps.end());
  }
  std::map<LevelId, std::uint32_t> nodes_at;
  for (const auto& [level, steps] : steps_at) nodes_at[level] = nodes_of(graph, level, steps);
  std::vector<Packable> families;
  for (Draft& draft : drafts) {
    const TimedPack timed(workflow, graph, draft);
    Packable family;
    family.level = draft.level;
    family.level_nodes = nodes_at[draft.level];
    family.nodes = nodes_of(graph, draft.level, draft.steps);
    family.most = most_in_time(workflow, draft, timed, family.level_nodes);
    report_too_long(workflow, timed, draft, sink);
    const Asked asked = asked_by(workflow, draft);
    if (asked.target_time_s > 0 && !timed.seconds(1)) {
      report_unknown(workflow, draft, asked.span, sink);
    }
    family.pack = pack_of(workflow, draft, timed, family, notes);
    draft.pack = family.pack;
    families.push_back(family);
  }
  const std::vector<std::uint32_t> packs = packs_that_fit(families, room_of(workflow));
  report_packed(workflow, graph, drafts, packs, notes, sink);
  for (std::size_t i = 0; i < drafts.size(); ++i) drafts[i].pack = packs[i];
  return drafts;
}

}  // namespace wfc
