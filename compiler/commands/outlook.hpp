// What `wfc run -n`, `plan`, `status` and `why` say of all tasks: each asks wfr::decide() here.
#pragma once

#include "runtime/plan/proposal.hpp"
#include "runtime/run/decide.hpp"
#include "runtime/run/occupied.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace wfc {

// A plan, what is recorded of it, and what would run now.
class Outlook {
 public:
  // `out`: absolute; `state` may be a copy elsewhere. Shows its progress on a terminal.
  Outlook(const wfr::Plan& plan,
          std::filesystem::path out,
          wfr::StatePaths state,
          const wfr::DecideOptions& options,
          wfr::Caller caller);
  [[nodiscard]] const wfr::Decision& decision() const { return decision_; }
  [[nodiscard]] std::vector<std::string> reasons(wfr::Task task) const;
  // By step, how many would run and why the first of them would; then the sum and notes().
  [[nodiscard]] std::string text(const wfr::OccupiedCommands& commands) const;
  // What was not looked at, what might be accepted as it is, and what is in the way. Whole lines,
  // often none.
  [[nodiscard]] std::string notes(const wfr::OccupiedCommands& commands) const;
  [[nodiscard]] bool is_occupied() const { return occupied_ && !occupied_->places.empty(); }
  // What is in the places of outputs, and what to do; "" for nothing.
  [[nodiscard]] std::string occupied(const wfr::OccupiedCommands& commands) const;
  // decision_json().
  [[nodiscard]] std::string json() const;

  // Of a plan without tasks: a line with the finalizers that would run, "" without.
  [[nodiscard]] std::string owed_finalizers_text() const;

 private:
  const wfr::Plan& plan_;
  std::filesystem::path out_;
  wfr::StatePaths state_;
  wfr::Caller caller_;
  wfr::Decision decision_;
  std::optional<wfr::Occupied> occupied_;  // nullopt: not looked for
};

// What somebody types who is told that places of outputs are occupied: for `wfc run` of some
// targets (none: of all), or else for submit.sh.
wfr::OccupiedCommands commands_for_run(const wfr::Caller& caller,
                                       const std::vector<std::string>& targets = {});
wfr::OccupiedCommands commands_for_submit(const wfr::Caller& caller);

// What to say of a plan without an ordinary task: nothing to do, or only finalizers. One line, ""
// for any other plan.
std::string no_tasks_text(const wfr::Plan& plan);

// --trust-records
CLI::Option* add_trust_option(CLI::App& command, bool& trust);

}  // namespace wfc
