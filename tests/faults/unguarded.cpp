// wfc without its guard: whatever stands in the place of an output counts as the task's own. Linked
// in the place of ownership.cpp into a program that ownership.py alone runs.
#define owned_files recorded_files
#include "runtime/run/ownership.cpp"
#undef owned_files

namespace wfr {

OwnedFiles owned_files(LogReader& records, const Slot& slot, const std::string& directory);

OwnedFiles owned_files(LogReader& records, const Slot& slot, const std::string& directory) {
  OwnedFiles own = recorded_files(records, slot, directory);
  own.everything = true;
  return own;
}

}  // namespace wfr
