// A directory for one test, and things in it that belong to other users.
#pragma once

#include <filesystem>
#include <string>

#include <sys/types.h>

namespace wfr::test {

class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  [[nodiscard]] std::string path(const std::string& name) const { return (top_ / name).string(); }
  void directory(const std::string& name, mode_t mode = 0755) const;
  void file(const std::string& name) const;
  void link(const std::string& name, const std::string& target) const;
  // Itself, not what a link leads to. False where this process may not: only root may.
  [[nodiscard]] bool give(const std::string& name, uid_t owner) const;

 private:
  std::filesystem::path top_;
};

}  // namespace wfr::test
