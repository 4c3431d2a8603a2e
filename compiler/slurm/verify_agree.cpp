// Compares scripts and calls with Plan::arrays.
#include "compiler/slurm/verify_agree.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace wfc::readback {
namespace {

using wfr::JobArray;
using wfr::Range;

WaitKind kind_of(wfr::Dep kind) {
  switch (kind) {
    case wfr::Dep::AfterCorr:
      return WaitKind::AfterCorr;
    case wfr::Dep::AfterCorrOrAny:
      return WaitKind::AfterCorrOrAny;
    case wfr::Dep::AfterOk:
      return WaitKind::AfterOk;
    case wfr::Dep::AfterAny:
      break;
  }
  return WaitKind::AfterAny;
}

class Agreement {
 public:
  Agreement(const Emitted& emitted, Report& report) : emitted_(emitted), report_(report) {}

  void check() {
    for (std::size_t j = 0; j < emitted_.jobs.size(); ++j) {
      const Job& job = emitted_.jobs[j];
      // `wfr resume` counts the calls: the plan's arrays in their order, then what comes after all.
      const bool in_turn = j < emitted_.plan.arrays.size() ? job.array == j : !job.is_array();
      if (!in_turn) {
        disagree(job.call->span,
                 fmt::format("`{}` is not submitted in its turn, on which `submit.sh` relies",
                             job.name()));
        return;
      }
      std::uint64_t elements = 1;
      if (job.is_array()) {
        elements = 0;
        if (job.pass > 1) {
          elements = emitted_.plan.arrays[job.array].size();
        } else {
          for (const Run& run : job.runs) elements += run.count;
        }
        check_array(job);
        check_waits(job);
      }
      if (job.call->elements != elements) {
        disagree(job.call->span,
                 fmt::format("`{}` has {} jobs, not {}", job.name(), elements, job.call->elements));
      }
    }
  }

 private:
  void disagree(Span span, std::string message) {
    report_(Kind::PlanDisagrees, span, std::move(message), "compile the workflow again");
  }

  void check_array(const Job& job) {
    const Script& script = *job.script;
    const JobArray& array = emitted_.plan.arrays[job.array];
    if (job.pass == 1 && !same_blocks(job, array)) {
      disagree(script.table.empty() ? script.array_line() : script.table_line,
               fmt::format("`{}` has other indices than the plan, on which `submit.sh` relies",
                           job.name()));
    }
    const std::uint32_t limit = script.array ? script.array->limit : 0;
    if (limit != array.limit) {
      disagree(script.array_line(),
               fmt::format("`{}` runs {} jobs at once, the plan says {} (0: no limit)",
                           job.name(),
                           limit,
                           array.limit));
    }
  }

  // An array with a table has the same blocks in the same order, at indices of its own.
  static bool same_blocks(const Job& job, const JobArray& array) {
    auto run = job.runs.begin();
    std::uint32_t used = 0;  // of the run
    for (const Range& range : array.indices) {
      for (std::uint32_t i = range.begin; i < range.end;) {
        if (run == job.runs.end() || run->block + used != array.first_block + i) return false;
        const std::uint32_t step = std::min(range.end - i, run->count - used);
        i += step;
        used += step;
        if (used < run->count) continue;
        ++run;
        used = 0;
      }
    }
    return run == job.runs.end();
  }

  void check_waits(const Job& job) {
    const wfr::Plan& plan = emitted_.plan;
    std::set<std::string> written;
    for (const Wait& wait : job.call->waits) {
      written.insert(fmt::format("{}:{}", wait_word(wait.kind), emitted_.jobs[wait.on].name()));
    }
    std::set<std::string> planned;
    for (const wfr::Dependency& after : plan.arrays[job.array].after) {
      const char* word = wait_word(kind_of(after.kind));
      planned.insert(fmt::format("{}:{}", word, plan.arrays[wfr::index_of(after.on)].name));
    }
    for (const std::string& entry : planned) {
      if (written.contains(entry)) continue;
      disagree(job.call->span,
               fmt::format("`{}` does not wait for `{}`, as the plan says", job.name(), entry));
      return;
    }
    for (const std::string& entry : written) {
      if (planned.contains(entry)) continue;
      disagree(
          job.call->span,
          fmt::format("`{}` waits for `{}`, of which the plan says nothing", job.name(), entry));
      return;
    }
  }

  const Emitted& emitted_;
  Report& report_;
};

}  // namespace

void check_agreement(const Emitted& emitted, Report& report) {
  Agreement(emitted, report).check();
}

}  // namespace wfc::readback
