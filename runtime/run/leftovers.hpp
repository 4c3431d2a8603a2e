// What attempts that failed or were killed have left: kept below out/failed, where no glob and no
// level of a workflow looks.
#pragma once

#include <cstdint>
#include <string>

namespace wfr {

// Of one task. `place`: out/failed/STEP/NAMES, absolute; "": nothing is kept. `base`: the task's
// directory, as for the calls of file_moves.hpp.
class Leftovers {
 public:
  Leftovers() = default;
  Leftovers(std::string place, unsigned attempt, std::string base);

  // Moves a file or directory to PLACE/attempt-N/RELATIVE. On another file system it is copied, up
  // to 1 GiB; beyond that what is `certain` to be the attempt's is removed, the rest copied too.
  // Throws std::system_error with the file left where it is.
  void put(const std::string& path, const std::string& relative, bool certain);
  // What has become of them, for the message of the task; "" when there were none.
  [[nodiscard]] std::string text() const;

 private:
  std::string place_;
  std::string base_;
  std::uint64_t kept_ = 0;
  std::string removed_;  // the first that was too large to be kept
};

// Bytes of a file or of all files below a directory, up to about `most`.
std::uint64_t size_of(const std::string& path, std::uint64_t most);

}  // namespace wfr
