// Where the output of tasks goes: a file a task on one machine, the job's own stdout under Slurm.
#pragma once

#include "runtime/plan/plan.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace wfr {

class JobLog {
 public:
  // `directory`: logs/ of the out directory, or "" for stdout. With `headers` a line tells whose
  // output follows, each time that changes.
  JobLog(const Plan& plan, std::string directory, bool headers);
  ~JobLog();
  JobLog(const JobLog&) = delete;
  JobLog& operator=(const JobLog&) = delete;

  void write(Task task, std::string_view text);
  // Closes the task's file. A failure leaves its reason there.
  void end(Task task, std::string_view reason);
  // Removes what an earlier attempt has said.
  void forget(Task task);
  // logs/STEP/NAMES.log, whether it exists or not; "" for stdout.
  [[nodiscard]] std::string file_of(Task task) const;

 private:
  int open_file(Task task);

  const Plan& plan_;
  std::string directory_;
  bool headers_;
  bool any_ = false;
  bool line_open_ = false;  // the last text on stdout had no newline at its end
  Task last_;
  std::map<std::pair<StepId, TaskIndex>, int> files_;  // of tasks that have written something
};

// The file name of a task's log: its names joined by '.', hashed when long or not plain text.
std::string log_name(const Plan& plan, Task task);

}  // namespace wfr
