// A small process that outlives a killed scheduler for a moment and ends the process groups it has
// left: no orphan goes on writing while the next run makes the same outputs.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include <sys/types.h>

namespace wfr {

struct GuardTable;

class Guardian {
 public:
  // Forks; without one (no more processes allowed) nothing is guarded. The guardian keeps these
  // descriptors (-1 is none) open until what it ends is gone: locks on them are held so long.
  explicit Guardian(const std::vector<int>& held = {});
  ~Guardian();  // lets it go
  Guardian(const Guardian&) = delete;
  Guardian& operator=(const Guardian&) = delete;

  // Before a process is started: the pipe of its output, -1 when none was. Killed between the start
  // and add(), this process leaves one that is in no table: the guardian knows it by that pipe.
  void expect(int output);
  void add(pid_t group);
  void remove(pid_t group);

 private:
  int fd_ = -1;
  pid_t pid_ = -1;
  GuardTable* table_ = nullptr;  // shared with the guardian
  std::unordered_map<pid_t, std::uint32_t> place_of_;
  std::vector<std::uint32_t> freed_;
  std::uint32_t used_ = 0;  // entries ever in use
};

}  // namespace wfr
