// Tasks that wait for files which others have made and which are not visible here yet, as on
// network file systems. Nothing sleeps: the job asks who is due.
#pragma once

#include "runtime/plan/ids.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace wfr {

// Reads the directory of a path and the one above anew: a client of a network file system may
// remember for a while that a name was not there.
void look_anew(const std::string& path);

class Settling {
 public:
  explicit Settling(std::uint64_t limit_s)
      : limit_ns_(static_cast<std::int64_t>(limit_s) * 1'000'000'000) {}
  // The task cannot start since `path` is not there. True: it is kept, and will be due in a moment.
  // False: it has waited for `limit_s`, and is forgotten.
  bool wait(Task task, const std::string& path, std::int64_t now_ns);
  // Those that shall be looked at again, in the order of their times; they are not kept.
  std::vector<Task> due(std::int64_t now_ns);
  // It has found what it waited for.
  void found(Task task) { since_.erase(task_id(task)); }
  [[nodiscard]] bool empty() const { return due_.empty(); }

 private:
  static std::uint64_t task_id(Task task) {
    return (static_cast<std::uint64_t>(task.step) << 32U) | task.index;
  }

  std::int64_t limit_ns_;
  std::map<std::uint64_t, std::int64_t> since_;  // by task: when it was first missing
  std::multimap<std::int64_t, Task> due_;
};

}  // namespace wfr
