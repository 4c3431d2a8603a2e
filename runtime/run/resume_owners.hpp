// Which array indices of a plan the jobs in the queue will still run.
#pragma once

#include "runtime/run/resume.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
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
  // How many elements of the job may run at once, where that is less than its array's limit; 0
  // where it is not.
  [[nodiscard]] std::uint32_t limit_of(std::uint32_t job) const;

 private:
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> jobs_;
  std::map<std::uint32_t, std::uint32_t> limits_;  // by job
};

// The file `limits` beside the tables of a run: "ARRAY.PART LIMIT" for each part that was submitted
// with a lower limit than its array's.
std::string limit_line(const ResumePart& part);
// No lines: no file. Throws std::runtime_error.
void write_limits(const std::filesystem::path& dir, const std::string& lines);

// Whether one of a step's tasks is not recorded as done.
bool has_open(const SlotFile& slots, const std::vector<Range>& tasks);

// A table of 32-bit little-endian numbers; empty when there is no such file.
std::vector<std::uint32_t> read_table(const std::filesystem::path& file);

}  // namespace wfr
