// The directory of one job on the node's own disk, and what killed jobs have left of theirs.
#pragma once

#include <string>

namespace wfr {

// BASE/wfr-job-USER-N, for this user alone, from its making until this object goes. Held by a lock
// meanwhile: one that nobody holds is a killed process's and is removed when the next one is made.
class JobScratch {
 public:
  JobScratch() = default;  // no directory
  // Throws std::system_error.
  static JobScratch make(const std::string& base);
  // Where it could not be made: a path, for those who ask what would be there, and nothing at it.
  static JobScratch without_directory(const std::string& base);
  ~JobScratch();
  JobScratch(JobScratch&& other) noexcept;
  JobScratch& operator=(JobScratch&&) = delete;
  JobScratch(const JobScratch&) = delete;
  JobScratch& operator=(const JobScratch&) = delete;

  // Absolute; "" for none.
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
  int lock_ = -1;
};

}  // namespace wfr
