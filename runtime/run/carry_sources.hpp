// The states of earlier plans from which something may have to be carried.
#pragma once

#include "runtime/plan/plan.hpp"
#include "runtime/plan/state.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace wfr {

struct CarrySource {
  Plan plan;
  StatePaths state;
  std::string stamp;  // sizes and times of its slots before they are read
};

// Every state below out/state but `to`'s that has slots which no carrying has taken away wholly. A
// state whose plan cannot be read is left out.
std::vector<CarrySource> carry_sources(const std::filesystem::path& out_dir, std::string_view to);
// True if there is nothing in the state that is not elsewhere too.
bool is_carried_wholly(const StatePaths& state);
// state/HASH/carried: all that its slots said when they had this stamp is elsewhere now. It is void
// as soon as a job of that plan writes another slot.
void mark_carried(const CarrySource& source);
// The state gets what others have: it is a source again.
void unmark_carried(const StatePaths& state);

// Held while slots move between states and the attic, or are looked at in both. A file system
// without locks has nobody who waits.
class CarryLock {
 public:
  enum class Kind { Read, Write };  // a reader makes no file
  CarryLock(const std::filesystem::path& out_dir, Kind kind);
  ~CarryLock();
  CarryLock(const CarryLock&) = delete;
  CarryLock& operator=(const CarryLock&) = delete;

 private:
  int fd_ = -1;
};

}  // namespace wfr
