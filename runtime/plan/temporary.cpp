// Looks at TMPDIR.
#include "runtime/plan/temporary.hpp"

#include "runtime/plan/visible.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace wfr {
namespace {

constexpr const char* kVariable = "TMPDIR";
constexpr const char* kDefault = "/tmp";

}  // namespace

std::string directory_problem(const std::string& path) {
  struct stat info {};
  if (!path.starts_with('/')) return "is not an absolute path";
  if (stat(path.c_str(), &info) != 0) {
    return errno == ENOENT ? std::string("does not exist")
                           : fmt::format("cannot be used ({})", std::strerror(errno));
  }
  if (!S_ISDIR(info.st_mode)) return "is not a directory";
  // The effective user writes, and a file system may be read-only.
  if (faccessat(AT_FDCWD, path.c_str(), W_OK | X_OK, AT_EACCESS) == 0) return {};
  return errno == EROFS ? "is read-only" : "cannot be written by this user";
}

std::string temporary_directory() {
  const char* value = std::getenv(kVariable);
  return value != nullptr && directory_problem(value).empty() ? value : kDefault;
}

std::string tmpdir_warning(const std::string& value) {
  const std::string problem = value.empty() ? std::string() : directory_problem(value);
  if (problem.empty()) return {};
  return fmt::format("{} `{}` {}: using `{}`", kVariable, visible_text(value), problem, kDefault);
}

void mend_tmpdir(const char* program) {
  const char* value = std::getenv(kVariable);
  if (value == nullptr) return;
  const std::string warning = tmpdir_warning(value);
  if (warning.empty() && *value != '\0') return;
  if (*value == '\0') {
    unsetenv(kVariable);
  } else {
    std::fprintf(stderr, "%s: warning: %s\n", program, visible_text(warning).c_str());
    setenv(kVariable, kDefault, 1);
  }
}

}  // namespace wfr
