// Empty holders that go from task to task by renaming. A file system may take its time to make a
// directory (ext4 walks past every inode that was freed in the last minutes), and each task wants
// one.
#pragma once

#include "runtime/files/safe_open.hpp"

#include <mutex>
#include <string>
#include <vector>

namespace wfr {

// For any thread. Spares lie in ROOT/.wfr.spare.HOST-PID.RANDOM meanwhile, which is a holder itself
// and goes with this object; what a killed process of this host has left there is removed when the
// next one begins.
class SpareDirectories {
 public:
  explicit SpareDirectories(std::string root);
  ~SpareDirectories();
  SpareDirectories(const SpareDirectories&) = delete;
  SpareDirectories& operator=(const SpareDirectories&) = delete;

  // Removes what killed processes of this host have left; else the first keep() does.
  void clear_left() const;
  // Makes a holder: false with errno set when it fails. `base`: as for open_parent(). Throws
  // UnsafePathError.
  bool make(const std::string& path, const std::string& base);
  // remove_holder().
  void remove(const std::string& path, const std::string& base) noexcept;

 private:
  bool keep(const std::string& path, const std::string& base);
  bool make_place();

  std::string root_;
  std::string place_name_;
  Descriptor root_directory_;  // of the place
  Descriptor place_;
  std::mutex mutex_;
  std::vector<std::string> spares_;
  std::size_t next_ = 0;
  bool usable_ = true;  // false after a failure: another file system, a read-only root
};

}  // namespace wfr
