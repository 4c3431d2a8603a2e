// A small process that outlives a killed scheduler for a moment and ends the process groups it has
// left: no orphan goes on writing while the next run makes the same outputs.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include <sys/types.h>

namespace wfr {

class Guardian {
 public:
  // Forks; without one (no more processes allowed) nothing is guarded. The guardian keeps these
  // descriptors (-1 is none) open until what it ends is gone: locks on them are held so long.
  explicit Guardian(const std::vector<int>& held = {});
  ~Guardian();  // lets it go
  Guardian(const Guardian&) = delete;
  Guardian& operator=(const Guardian&) = delete;

  void add(pid_t group);
  void remove(pid_t group);

 private:
  int fd_ = -1;
  pid_t pid_ = -1;
  pid_t* table_ = nullptr;  // shared with the guardian; 0: free
  std::unordered_map<pid_t, std::uint32_t> place_of_;
  std::vector<std::uint32_t> freed_;
  std::uint32_t used_ = 0;  // entries ever in use
};

}  // namespace wfr
