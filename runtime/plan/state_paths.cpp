// Where the state of a plan lives, and which plan was the last.
#include "runtime/plan/state.hpp"

#include <cerrno>
#include <fstream>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace wfr {

namespace fs = std::filesystem;

std::filesystem::path StatePaths::slots(const StepSpec& step) const {
  return dir / "slots" / (step.name + ".slots");
}

StatePaths state_paths(const std::filesystem::path& out_dir, std::string_view plan_hash) {
  return {out_dir / "state" / plan_hash};
}

std::string read_last(const std::filesystem::path& out_dir) {
  std::ifstream file(out_dir / "state" / "last");
  std::string hash;
  file >> hash;
  return hash;
}

void write_last(const std::filesystem::path& out_dir, std::string_view plan_hash) {
  const fs::path dir = out_dir / "state";
  fs::create_directories(dir);
  // Two submissions at once each rename a whole file: the last one wins, and neither is torn.
  const fs::path temporary = dir / (".last." + std::to_string(::getpid()));
  // What a killed process of this number has left; never through a link.
  ::unlink(temporary.c_str());
  const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), temporary.string());
  const std::string line = std::string(plan_hash) + "\n";
  try {
    write_at({fd, temporary.string(), O_WRONLY}, line.data(), line.size(), 0);
    if (::fsync(fd) != 0) {
      throw std::system_error(errno, std::generic_category(), temporary.string());
    }
    fs::rename(temporary, dir / "last");
  } catch (...) {
    ::close(fd);
    ::unlink(temporary.c_str());
    throw;
  }
  ::close(fd);
}

}  // namespace wfr
