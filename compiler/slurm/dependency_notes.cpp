// One sentence for each kind of dependency.
#include "compiler/slurm/dependency_notes.hpp"

#include <set>
#include <string>
#include <tuple>

#include <fmt/format.h>

namespace wfc {
namespace {

std::string why(const wfr::JobArray& before, wfr::Dep kind) {
  switch (kind) {
    case wfr::Dep::AfterCorr:
      return fmt::format("each job waits for the one of `{}` {} (aftercorr)",
                         before.name,
                         before.depth ? "at its own position" : "in its own directory");
    case wfr::Dep::AfterOk:
      return fmt::format("every task needs all of `{}` (afterok)", before.name);
    case wfr::Dep::AfterCorrOrAny:
      return fmt::format(
          "each job waits for the one of `{}` {} to succeed or for all of them to end "
          "(aftercorr-or-afterany): a failure holds back no task that can run",
          before.name,
          before.depth ? "at its own position" : "with its own directories");
    case wfr::Dep::AfterAny:
      break;
  }
  return fmt::format(
      "a failure in `{}` blocks only some tasks: all of it has to end (afterany), and wfr asks "
      "each "
      "task's own producers",
      before.name);
}

std::string window_text(const wfr::JobArray& array, std::uint32_t window) {
  return fmt::format(
      "Slurm looks at {} pending jobs of `{}` at a time (correspond_after_task_cnt), so that a "
      "slow "
      "one can hold up the later ones: fewer, longer jobs (`per`, `pack`, `fuse`) suffer less",
      window,
      array.name);
}

}  // namespace

void note_dependencies(const wfr::Plan& plan, std::uint32_t window, std::vector<PassNote>& notes) {
  std::set<std::tuple<wfr::FamilyId, wfr::FamilyId, wfr::Dep>> told;
  std::set<wfr::FamilyId> long_ones;
  for (const wfr::JobArray& array : plan.arrays) {
    if (array.repeats()) continue;
    const std::vector<wfr::StepId>& steps = plan.families[wfr::index_of(array.family)].steps;
    for (const wfr::Dependency& wait : array.after) {
      const wfr::JobArray& before = plan.arrays[wfr::index_of(wait.on)];
      if (!told.insert({array.family, before.family, wait.kind}).second) continue;
      if (before.family == array.family && !array.depth) {
        notes.push_back({"limit",
                         steps,
                         fmt::format("`{}` starts when `{}` has ended (afterany): `limit` is less "
                                     "than the arrays of the step",
                                     array.name,
                                     before.name),
                         {}});
        continue;
      }
      notes.push_back(
          {"dependencies", steps, fmt::format("`{}`: {}", array.name, why(before, wait.kind)), {}});
      const bool own = wait.kind == wfr::Dep::AfterCorr || wait.kind == wfr::Dep::AfterCorrOrAny;
      if (own && array.size() > window && long_ones.insert(array.family).second) {
        notes.push_back({"window", steps, window_text(array, window), {}});
      }
    }
  }
}

}  // namespace wfc
