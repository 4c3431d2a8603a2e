// What `wfc run` shows: what will run, a progress line, failures as they come, a table at the end.
#pragma once

#include "runtime/plan/plan.hpp"
#include "runtime/plan/proposal.hpp"
#include "runtime/run/decide.hpp"
#include "runtime/run/failure_groups.hpp"
#include "runtime/run/job.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace wfc {

class RunView {
 public:
  // `terminal`: stderr is one. Elsewhere a plain line is printed every ten seconds.
  RunView(const wfr::Plan& plan, wfr::Caller caller, bool terminal);

  void progress(const wfr::Progress& progress);
  // Shows the first of those that are alike; the rest is counted.
  void failure(const wfr::FailedTask& failed);
  void note(const std::string& text);
  // Removes the progress line.
  void clear();
  // Of what has failed alike: how many, and examples. "" when each failure was shown.
  [[nodiscard]] std::string groups_text() const;

 private:
  void status(const std::string& text);
  static void print(const std::string& text);

  const wfr::Plan& plan_;
  wfr::Caller caller_;
  wfr::FailureGroups groups_;
  std::size_t shown_ = 0;  // groups of which the first failure was shown
  bool terminal_;
  bool line_shown_ = false;
  std::int64_t begun_ns_;
  std::int64_t printed_ns_;
};

// "[12/5000] 8 running, 1 failed, 1:20, ~3:05 left": the time since the begin, and the time that is
// left. In `width` columns; what matters least is left out where there is no room.
std::string progress_text(const wfr::Progress& progress, double seconds, std::size_t width);
// "0:05", "12:40", "3:20:07".
std::string clock_text(double seconds);
// "850 ms", "12.3 s", "4 min 10 s", "3 h 20 min".
std::string duration_text(double seconds);
// The first line of a run: what will run, what is up to date, where the logs are.
std::string begin_text(const wfr::Plan& plan,
                       const wfr::Decision& decision,
                       const std::string& logs);
// The table by step, without the columns in which there would be nothing and, where the terminal is
// too narrow, without the last; and one line on the whole.
std::string summary_text(const wfr::Plan& plan, const wfr::JobResult& result, double seconds);

}  // namespace wfc
