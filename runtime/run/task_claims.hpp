// One task at a time, where the data is: of two runs with out directories or plans of their own,
// one works on a task and the other waits.
#pragma once

#include "runtime/plan/plan.hpp"

#include <cstdint>
#include <string>

namespace wfr {

// A lock on one byte of the file `.wfr.claims` in the data's root for each task that this job works
// on: at a hash of its step and directory, so that it is the same in every plan. Advisory, over the
// whole cluster where the file system has such locks, and released by the kernel however the holder
// ends. Where there are none, or the file cannot be made, nothing is held and nobody waits.
class TaskClaims {
 public:
  // Opens the file (making it).
  TaskClaims(const Plan& plan, const std::string& root);
  ~TaskClaims();
  TaskClaims(const TaskClaims&) = delete;
  TaskClaims& operator=(const TaskClaims&) = delete;

  // False when another one has it.
  bool take(Task task);
  void release(Task task);
  // Whether others work on this data, or have done so since the last call.
  bool others_were_here();
  // What holds the claims, for a process that shall go on holding them; -1: nothing does.
  [[nodiscard]] int descriptor() const { return fd_; }

 private:
  [[nodiscard]] std::int64_t place_of(Task task) const;
  // Says to others_were_here() of the others that this one was.
  void leave_a_trace() const;

  const Plan& plan_;
  int fd_ = -1;
  std::int64_t trace_ns_ = 0;
};

}  // namespace wfr
