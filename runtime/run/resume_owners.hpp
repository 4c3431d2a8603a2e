// Which array indices of a plan the jobs in the queue will still run.
#pragma once

#include "runtime/run/resume.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <vector>

namespace wfr {

class Owners {
 public:
  // Finds each live element's array in the journal, and its index by the table it was submitted
  // with.
  Owners(const Plan& plan,
         const std::filesystem::path& out_dir,
         const std::vector<JournalRun>& runs,
         const std::vector<LiveElement>& live);
  // The id of the job that will run this index of the array at position `array`; 0 for none.
  [[nodiscard]] std::uint32_t job_of(std::uint32_t array, std::uint32_t index) const;

  // By array and index.
  [[nodiscard]] const std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t>& jobs()
      const {
    return jobs_;
  }

 private:
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> jobs_;
};

// Whether one of a step's tasks is not recorded as done.
bool has_open(const SlotFile& slots, const std::vector<Range>& tasks);

// A table of 32-bit little-endian numbers; empty when there is no such file.
std::vector<std::uint32_t> read_table(const std::filesystem::path& file);

}  // namespace wfr
