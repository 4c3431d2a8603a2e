// Success dependencies against the task graph; the verdict and the finalizers.
#include "compiler/slurm/verify_waits.hpp"

#include "compiler/slurm/verify_order.hpp"
#include "compiler/slurm/verify_relation.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace wfc::readback {
namespace {

using wfr::Edge;
using wfr::Plan;
using wfr::Range;
using wfr::StepId;

constexpr const char* kHelp = "compile the workflow again";
using Exception = std::optional<std::pair<wfr::Task, wfr::Task>>;

// Neighbours as one; what lies between two ranges of an array is in another one.
std::vector<Range> joined(const std::vector<Range>& ranges) {
  std::vector<Range> result;
  for (const Range& range : ranges) {
    if (!result.empty() && result.back().end == range.begin) {
      result.back().end = range.end;
    } else {
      result.push_back(range);
    }
  }
  return result;
}

// A task of `earlier` and one of `later` that could run although the first has failed.
Exception first_free(const Emitted& emitted,
                     Blocking& blocking,
                     const Job& later,
                     const Job& earlier) {
  const std::vector<StepId>& steps = emitted.plan.families[later.family].steps;
  const std::vector<StepId>& before = emitted.plan.families[earlier.family].steps;
  for (std::size_t t = 0; t < steps.size(); ++t) {
    for (const Range& tasks : joined(later.tasks[t])) {
      for (std::size_t s = 0; s < before.size(); ++s) {
        for (const Range& failures : joined(earlier.tasks[s])) {
          Exception found = blocking.exception(before[s], failures, steps[t], tasks);
          if (found) return found;
        }
      }
    }
  }
  return std::nullopt;
}

// True if every block of the map is one directory, and at each an edge of its level or above
// relates the two steps: then all tasks of the one block all those of the other, block by block.
// Pairs relate only what they name.
bool blocks_by_level(
    const Plan& plan, const StepIndex& steps, const wfr::BlockMap& map, StepId from, StepId to) {
  if (!map.begin.empty()) return false;
  const std::vector<const Edge*>& edges = steps.out_of[wfr::index_of(from)];
  return std::any_of(edges.begin(), edges.end(), [&](const Edge* edge) {
    return edge->to == to && !edge->pairs && plan.graph.tree.is_at_or_above(edge->via, map.level);
  });
}

class WaitProof {
 public:
  WaitProof(const Emitted& emitted, const Closure& closure, Report& report)
      : emitted_(emitted),
        plan_(emitted.plan),
        closure_(closure),
        report_(report),
        steps_(emitted.plan),
        blocking_(emitted.plan, steps_),
        of_family_(emitted.plan.families.size()) {
    for (std::size_t j = 0; j < emitted.jobs.size(); ++j) {
      const Job& job = emitted.jobs[j];
      if (!job.is_array()) continue;
      of_family_[job.family].push_back(j);
      for (const StepId step : plan_.families[job.family].steps) in_pass_.emplace(job.pass, step);
    }
  }

  void prove() {
    for (std::size_t j = 0; j < emitted_.jobs.size(); ++j) {
      const Job& job = emitted_.jobs[j];
      blocking_.forget();
      if (job.is_array()) {
        for (const Wait& wait : job.call->waits) check_wait(job, wait);
        if (job.pass > 1) check_pass(j);
      } else if (job.script->runs == Runs::Verdict) {
        check_verdict(j);
      } else {
        check_finalizer(job);
      }
    }
  }

 private:
  void check_wait(const Job& job, const Wait& wait) {
    const Job& before = emitted_.jobs[wait.on];
    if (!before.is_array() || wait.kind == WaitKind::AfterNotOk) {
      report_(
          Kind::WrongClosing,
          job.call->span,
          fmt::format("`{}` waits with {} for `{}`: a job array waits only for arrays, and never "
                      "for a failure",
                      job.name(),
                      wait_word(wait.kind),
                      before.name()),
          kHelp);
    } else if (before.pass > job.pass || (job.pass > 1 && wait.kind != WaitKind::AfterAny)) {
      report_(Kind::HeldBack,
              job.call->span,
              fmt::format(
                  "`{}` of pass {} waits with {} for `{}` of pass {}: nothing waits for a later "
                  "pass, and a later pass only for ends",
                  job.name(),
                  job.pass,
                  wait_word(wait.kind),
                  before.name(),
                  before.pass),
              kHelp);
    } else if (wait.kind == WaitKind::AfterCorrOrAny && job.call->waits.size() > 1) {
      report_(
          Kind::HeldBack,
          job.call->span,
          fmt::format("`{}` waits with {} and for something else: Slurm would take one of them for "
                      "enough",
                      job.name(),
                      wait_word(wait.kind)),
          kHelp);
    } else if (wait.kind == WaitKind::AfterOk) {
      check_free(job, wait, first_free(emitted_, blocking_, job, before));
    } else if (wait.kind == WaitKind::AfterCorr) {
      check_corresponding(job, wait);
    }
  }

  // A later pass runs again what the earlier ones have left: they have ended. And what it mends is
  // of use to the consumers only if they are in the pass too.
  void check_pass(std::size_t later) {
    const Job& job = emitted_.jobs[later];
    for (const std::size_t j : of_family_[job.family]) {
      const Job& before = emitted_.jobs[j];
      if (before.pass >= job.pass || closure_.whole(later, j)) continue;
      report_(
          Kind::OrderMissing,
          job.call->span,
          fmt::format("`{}` could run a task again while `{}` runs it", job.name(), before.name()),
          kHelp);
    }
    for (const StepId step : plan_.families[job.family].steps) {
      for (const Edge* edge : steps_.out_of[wfr::index_of(step)]) {
        if (in_pass_.contains({job.pass, edge->to})) continue;
        if (plan_.graph.tasks(edge->to).count == 0) continue;
        report_(Kind::OutNotWhole,
                job.call->span,
                fmt::format("no job of pass {} runs `{}`, which needs what `{}` makes",
                            job.pass,
                            plan_.step(edge->to).name,
                            job.name()),
                kHelp);
      }
    }
  }

  void check_free(const Job& job, const Wait& wait, const Exception& free) {
    if (!free) return;
    report_(
        Kind::HeldBack,
        job.call->span,
        fmt::format("`{}` waits with {} for `{}`: a failure of `{}` would cancel `{}`, which does "
                    "not need it",
                    job.name(),
                    wait_word(wait.kind),
                    emitted_.jobs[wait.on].name(),
                    task_name(plan_, free->first),
                    task_name(plan_, free->second)),
        kHelp);
  }

  void check_corresponding(const Job& job, const Wait& wait) {
    const Job& before = emitted_.jobs[wait.on];
    const bool arrays = job.script->array && before.script->array;
    if (!arrays || !has_indices_of(before, job)) {
      report_(
          Kind::HeldBack,
          job.call->span,
          fmt::format("`{}` waits with aftercorr for `{}`, which does not have all its indices: "
                      "Slurm then waits for the whole array",
                      job.name(),
                      before.name()),
          kHelp);
      return;
    }
    const std::vector<StepId>& steps = plan_.families[job.family].steps;
    const std::vector<StepId>& steps_before = plan_.families[before.family].steps;
    for (std::size_t t = 0; t < steps.size(); ++t) {
      for (std::size_t s = 0; s < steps_before.size(); ++s) {
        if (corresponds_by_level(job, before, steps[t], steps_before[s])) continue;
        check_free(job, wait, first_free_at_index(job, before, t, s));
      }
    }
  }

  [[nodiscard]] bool corresponds_by_level(const Job& job,
                                          const Job& before,
                                          StepId step,
                                          StepId step_before) const {
    const std::uint32_t map = plan_.families[job.family].block_map;
    return map == plan_.families[before.family].block_map &&
           plan_.arrays[job.array].first_block == plan_.arrays[before.array].first_block &&
           (job.runs == before.runs ||
            (job.script->table.empty() && before.script->table.empty())) &&
           blocks_by_level(plan_, steps_, plan_.maps[map], step_before, step);
  }

  // Index by index. What is found about one range of tasks is of no use for the next.
  [[nodiscard]] Exception first_free_at_index(const Job& job,
                                              const Job& before,
                                              std::size_t step,
                                              std::size_t step_before) const {
    for (const Run& run : job.runs) {
      for (std::uint32_t i = run.index; i < run.index + run.count; ++i) {
        Blocking blocking(plan_, steps_);
        for (const Range& failures : tasks_at(emitted_, before, step_before, i)) {
          for (const Range& tasks : tasks_at(emitted_, job, step, i)) {
            Exception found = blocking.exception(plan_.families[before.family].steps[step_before],
                                                 failures,
                                                 plan_.families[job.family].steps[step],
                                                 tasks);
            if (found) return found;
          }
        }
      }
    }
    return std::nullopt;
  }

  void wrong_closing(const Job& job, const std::string& message) {
    report_(Kind::WrongClosing, job.call->span, message, kHelp);
  }

  void check_verdict(std::size_t verdict) {
    const Job& job = emitted_.jobs[verdict];
    for (const Wait& wait : job.call->waits) {
      if (wait.kind == WaitKind::AfterAny) continue;
      wrong_closing(job,
                    fmt::format("the verdict `{}` waits with {} for `{}`: it would not run after a "
                                "failure",
                                job.name(),
                                wait_word(wait.kind),
                                emitted_.jobs[wait.on].name()));
    }
    for (std::size_t j = 0; j < emitted_.jobs.size(); ++j) {
      if (!emitted_.jobs[j].is_array() || closure_.whole(verdict, j)) continue;
      wrong_closing(
          job,
          fmt::format(
              "the verdict `{}` does not wait for `{}`", job.name(), emitted_.jobs[j].name()));
    }
  }

  void check_finalizer(const Job& job) {
    const wfr::FinalizerKind kind = plan_.step(plan_.find_step(job.script->target)).finalizer;
    const WaitKind wanted = kind == wfr::FinalizerKind::Success   ? WaitKind::AfterOk
                            : kind == wfr::FinalizerKind::Failure ? WaitKind::AfterNotOk
                                                                  : WaitKind::AfterAny;
    const std::vector<Wait>& waits = job.call->waits;
    if (waits.size() == 1 && waits.front().kind == wanted &&
        emitted_.jobs[waits.front().on].script->runs == Runs::Verdict) {
      return;
    }
    wrong_closing(
        job,
        fmt::format("the finalizer `{}` must wait with {} for the verdict, and for nothing "
                    "else",
                    job.name(),
                    wait_word(wanted)));
  }

  const Emitted& emitted_;
  const Plan& plan_;
  const Closure& closure_;
  Report& report_;
  StepIndex steps_;
  Blocking blocking_;
  std::vector<std::vector<std::size_t>> of_family_;     // positions of its jobs
  std::set<std::pair<std::uint32_t, StepId>> in_pass_;  // which steps each pass runs
};

}  // namespace

void prove_waits(const Emitted& emitted, const Closure& closure, Report& report) {
  WaitProof(emitted, closure, report).prove();
}

std::vector<ExtraOrder> extra_orders(const Emitted& emitted) {
  std::vector<ExtraOrder> extra;
  const StepIndex steps(emitted.plan);
  Blocking blocking(emitted.plan, steps);
  for (const Job& job : emitted.jobs) {
    if (!job.is_array()) continue;
    blocking.forget();
    for (const Wait& wait : job.call->waits) {
      const Job& before = emitted.jobs[wait.on];
      if (job.pass > 1) {
        extra.push_back({job.name(), before.name(), "a later pass retries only after all of it"});
        continue;
      }
      if (wait.kind != WaitKind::AfterAny || !first_free(emitted, blocking, job, before)) continue;
      std::string why = "no task of it needs any of those";
      if (is_related(emitted, steps, job, before)) {
        why = "each task needs only part of it";
      } else if (job.family == before.family) {
        why = emitted.plan.arrays[job.array].limit > 0 ? "chain of a limit" : "chain";
      }
      extra.push_back({job.name(), before.name(), why});
    }
  }
  return extra;
}

}  // namespace wfc::readback
