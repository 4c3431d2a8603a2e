// Where the output of tasks goes: a file a task on one machine, the job's own stdout under Slurm.
// Before it a line `== TASK on NODE` and the command, in lines that begin with `==` too.
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
  // `directory`: logs/ of the out directory, or "" for stdout. With `several` tasks a line tells
  // whose output follows, each time that changes.
  JobLog(const Plan& plan, std::string directory, bool several);
  ~JobLog();
  JobLog(const JobLog&) = delete;
  JobLog& operator=(const JobLog&) = delete;

  // An attempt begins; its command is told as soon as it is known. Of a job's only task that is
  // written at once, so that a log tells what hangs; else with its first output, since most tasks
  // have none.
  void begin(Task task, const std::string& command);
  void write(Task task, std::string_view text);
  // Closes the task's file. A failure leaves its reason there.
  void end(Task task, std::string_view reason);
  // Removes what an earlier attempt has said.
  void forget(Task task);
  // logs/STEP/NAMES.log, whether it exists or not; "" for stdout.
  [[nodiscard]] std::string file_of(Task task) const;

 private:
  int open_file(Task task);
  void close_one();
  void write_head(Task task);
  std::string head(Task task);

  const Plan& plan_;
  std::string directory_;
  std::string node_;
  bool several_;
  bool any_ = false;
  bool line_open_ = false;  // the last text on stdout had no newline at its end
  Task last_;
  // Of tasks that have written something; -1: closed meanwhile, to be opened again.
  std::map<std::pair<StepId, TaskIndex>, int> files_;
  std::size_t open_ = 0;
  std::map<std::pair<StepId, TaskIndex>, std::string> commands_;  // begun, and not written yet
};

// Without the lines that begin a task's part: what its command has said.
std::string without_heads(std::string_view text);

// The file name of a task's log: its names joined by '.', hashed when long or not plain text.
std::string log_name(const Plan& plan, Task task);

}  // namespace wfr
