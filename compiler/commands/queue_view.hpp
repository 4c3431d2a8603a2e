// What Slurm knows of the jobs of the last submission, in words.
#pragma once

#include "runtime/plan/plan.hpp"
#include "runtime/plan/proposal.hpp"
#include "runtime/plan/state.hpp"
#include "runtime/run/journal.hpp"
#include "runtime/run/slurm_jobs.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace wfc {

// Asks at most two commands when it is made, each for some seconds; nothing without a submission.
class QueueView {
 public:
  explicit QueueView(const wfr::StatePaths& last, wfr::AskCommand ask = {});

  // How many jobs and array tasks are in the queue, by state; those that are held or can never
  // start, with what to type. "" when nothing was submitted.
  [[nodiscard]] std::string queue_text(const wfr::Caller& caller) const;
  // Jobs of the last run, a run of `plan`, that have ended badly without the start of a task, or
  // that Slurm has forgotten without one: of those for the wanted steps, with the end of a log. ""
  // without any.
  using Wanted = std::function<bool(const std::string& step)>;
  std::string dead_text(const wfr::Plan& plan, const Wanted& wanted, const wfr::Caller& caller);

 private:
  [[nodiscard]] std::string held_text(const wfr::Caller& caller) const;
  [[nodiscard]] std::string log_text(const wfr::SlurmJob& job, const wfr::Caller& caller) const;
  using Names = std::map<std::uint32_t, std::string>;  // of jobs, by id
  [[nodiscard]] std::string forgotten_text(const Names& names) const;

  wfr::StatePaths last_;
  wfr::AskCommand ask_;
  std::vector<wfr::JournalRun> runs_;
  std::string cluster_;
  bool asked_ = false;
  std::optional<std::vector<wfr::SlurmJob>> jobs_;
};

}  // namespace wfc
