#include "tests/unit/files/temporary_directory.hpp"

#include <cstdlib>
#include <fstream>

#include <catch2/catch.hpp>
#include <sys/stat.h>
#include <unistd.h>

namespace wfr::test {

namespace fs = std::filesystem;

TemporaryDirectory::TemporaryDirectory() {
  std::string name = (fs::canonical(fs::temp_directory_path()) / "wfr-files-XXXXXX").string();
  REQUIRE(mkdtemp(name.data()) != nullptr);
  top_ = name;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  fs::remove_all(top_, ignored);
}

void TemporaryDirectory::directory(const std::string& name, mode_t mode) const {
  fs::create_directories(top_ / name);
  REQUIRE(chmod(path(name).c_str(), mode) == 0);
}

void TemporaryDirectory::file(const std::string& name) const {
  std::ofstream(top_ / name) << name;
}

void TemporaryDirectory::link(const std::string& name, const std::string& target) const {
  fs::create_symlink(target, top_ / name);
}

bool TemporaryDirectory::give(const std::string& name, uid_t owner) const {
  return lchown(path(name).c_str(), owner, static_cast<gid_t>(owner)) == 0;
}

}  // namespace wfr::test
