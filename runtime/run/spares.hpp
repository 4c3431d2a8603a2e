// Empty directories that go from task to task by renaming. A file system may take its time to make
// a directory (ext4 walks past every inode that was freed in the last minutes), and each task wants
// one.
#pragma once

#include <mutex>
#include <string>
#include <vector>

namespace wfr {

// For any thread. Spares lie in ROOT/.wfr.spare.HOST-PID meanwhile, which goes with this object;
// what a killed process of this host has left there is removed when the next one begins.
class SpareDirectories {
 public:
  explicit SpareDirectories(std::string root);
  ~SpareDirectories();
  SpareDirectories(const SpareDirectories&) = delete;
  SpareDirectories& operator=(const SpareDirectories&) = delete;

  // Removes what killed processes of this host have left; else the first keep() does.
  void clear_left() const;
  // mkdir: false with errno set when it fails.
  bool make(const std::string& path);
  // rm -r.
  void remove(const std::string& path) noexcept;

 private:
  bool keep(const std::string& path) noexcept;

  std::string root_;
  std::string place_;
  std::mutex mutex_;
  std::vector<std::string> spares_;
  std::size_t next_ = 0;
  bool usable_ = true;  // false after a failure: another file system, a read-only root
};

}  // namespace wfr
