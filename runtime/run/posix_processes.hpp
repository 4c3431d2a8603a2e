// Processes by clone, pidfd and epoll: each in a process group of its own, its output through one
// pipe.
#pragma once

#include "runtime/run/guardian.hpp"
#include "runtime/run/oom_kills.hpp"
#include "runtime/run/process.hpp"

#include <deque>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include <sys/types.h>

namespace wfr {

class PosixProcesses final : public Processes {
 public:
  // Should this process be killed, `held` stays open until its commands are gone.
  explicit PosixProcesses(const std::vector<int>& held = {});
  ~PosixProcesses() override;  // kills what still runs

  ProcessId start(const ProcessRequest& request) override;
  Woken wait(int timeout_ms) override;
  void stop(ProcessId id, int signal, std::int64_t grace_ns) override;
  void signal(ProcessId id, int signal) override;
  void watch(int fd) override;
  void unwatch(int fd) override;
  void wake() override;

 private:
  struct Child {
    pid_t pid = -1;
    int pidfd = -1;
    int output = -1;  // read end
    std::int64_t started_ns = 0;
    std::int64_t timeout_at_ns = 0;  // 0: none
    std::int64_t kill_at_ns = 0;     // 0: none
    std::uint64_t memory_limit = 0;
    std::uint64_t peak_memory = 0;
    bool polled = false;  // looked at in each wait(): the kernel does not tell of it
    Stopped stopped = Stopped::No;
    std::string tail;
    std::function<void(std::string_view)> on_output;
  };
  // One that there was no room for yet.
  struct Waiting {
    ProcessId id = 0;
    std::string program;
    ProcessRequest request;  // with the whole environment in `extra`
    std::int64_t since_ns = 0;
  };

  // 0, or why it was not started: nothing is left of it then.
  int launch(const Waiting& what);
  void watch_child(ProcessId id, Child& child) const;
  void launch_waiting(std::int64_t now_ns);
  void look_at_polled(Woken& woken);
  void end_child(ProcessId id, Woken& woken);
  static void read_output(Child& child);
  ProcessEnd reap(ProcessId id, Child& child);
  void enforce(std::int64_t now_ns);
  void poll_memory(std::int64_t now_ns);
  [[nodiscard]] int wait_ms(int timeout_ms, std::int64_t now_ns) const;
  const std::string& find_program(const std::string& name, const std::string& path);

  int epoll_ = -1;
  int wake_ = -1;  // eventfd
  int null_ = -1;
  ProcessId next_id_ = 1;
  std::int64_t next_memory_poll_ns_ = 0;
  std::size_t timed_ = 0;  // children with a deadline
  std::unordered_map<ProcessId, Child> children_;
  std::deque<Waiting> waiting_;
  std::int64_t next_launch_ns_ = 0;
  std::vector<ProcessEnd> never_begun_;  // of those that waited, until the next wait()
  OomKills oom_kills_;
  std::map<std::pair<std::string, std::string>, std::string> programs_;  // (name, PATH) -> file
  Guardian guardian_;
};

// Nanoseconds of CLOCK_MONOTONIC, and of the wall clock since 1970.
std::int64_t monotonic_ns();
std::int64_t wall_clock_ns();

}  // namespace wfr
