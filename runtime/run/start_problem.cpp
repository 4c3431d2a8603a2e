// Reads the first line of a script as the kernel does (Linux, fs/binfmt_script.c).
#include "runtime/run/start_problem.hpp"

#include "runtime/files/read_file.hpp"
#include "runtime/plan/visible.hpp"
#include "runtime/run/spawn.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace wfr {
namespace {

// The kernel reads no more of it.
constexpr std::size_t kFirstLine = 256;

std::string first_bytes(const std::string& file) {
  std::string why;
  const Descriptor in = open_to_read(file, file, kAnySize, why);
  std::string text(kFirstLine, '\0');
  const ssize_t got = in ? read(in.get(), text.data(), text.size()) : 0;
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  return text;
}

bool is_kind(const std::string& file, mode_t kind) {
  struct stat info {};
  return stat(file.c_str(), &info) == 0 && (info.st_mode & S_IFMT) == kind;
}

// As the child sees it; "" when it is searched for and not found.
std::string file_of(const ProcessRequest& request) {
  const std::string& name = request.argv.at(0);
  if (name.starts_with('/')) return name;
  if (name.find('/') != std::string::npos) return request.directory + "/" + name;
  std::optional<std::string> path = value_of(request.extra, "PATH");
  if (!path && request.environment != nullptr) path = value_of(*request.environment, "PATH");
  return search_program(name, path.value_or("/usr/bin:/bin"));
}

// "x.sh" of "bash: line 1: x.sh: cannot execute: required file not found", and of
// "bash: line 1: x.sh: /bin/nope: bad interpreter: No such file or directory".
std::string complained_about(std::string_view line) {
  constexpr std::string_view kPlace = "line ";
  const std::size_t place = line.find(kPlace);
  const std::size_t begin =
      place == std::string_view::npos ? line.find(": ") : line.find(": ", place);
  if (begin == std::string_view::npos) return {};
  const std::string_view rest = line.substr(begin + 2);
  const bool says = rest.find(": cannot execute") != std::string_view::npos ||
                    rest.find(": bad interpreter") != std::string_view::npos;
  return says ? std::string(rest.substr(0, rest.find(": "))) : std::string();
}

}  // namespace

std::string interpreter_problem(const std::string& file) {
  const std::string start = first_bytes(file);
  if (!start.starts_with("#!")) return {};
  std::string line = start.substr(2, start.find('\n') - 2);
  line.erase(0, line.find_first_not_of(" \t"));
  if (line.ends_with('\r')) {
    return fmt::format(
        "its first line `#!{}` ends in a carriage return; save it with Unix line ends",
        visible_text(line));
  }
  const std::string interpreter = line.substr(0, line.find_first_of(" \t"));
  if (interpreter.empty()) return "its first line `#!` has no interpreter";
  if (access(interpreter.c_str(), F_OK) != 0) {
    return fmt::format("its interpreter `{}` does not exist", visible_text(interpreter));
  }
  if (access(interpreter.c_str(), X_OK) != 0 || is_kind(interpreter, S_IFDIR)) {
    return fmt::format("its interpreter `{}` is not executable", visible_text(interpreter));
  }
  return {};
}

std::string start_problem(const ProcessRequest& request, int error) {
  const std::string name = visible_text(request.argv.at(0));
  const std::string file = file_of(request);
  if (file.empty() || access(file.c_str(), F_OK) != 0) {
    return fmt::format("program `{}` not found", name);
  }
  if (is_kind(file, S_IFDIR)) return fmt::format("`{}` is a directory, not a program", name);
  const std::string problem = interpreter_problem(file);
  if (!problem.empty()) return fmt::format("`{}` cannot be started: {}", name, problem);
  if (error == EACCES) return fmt::format("`{}` is not executable", name);
  return fmt::format("`{}` cannot be started: its loader is not on this machine", name);
}

std::string exit_problem(const std::string& program,
                         const std::string& directory,
                         std::string_view tail) {
  const auto problem_of = [&](const std::string& name) {
    if (name.empty()) return std::string();
    const std::string problem =
        interpreter_problem(name.starts_with('/') ? name : directory + "/" + name);
    return problem.empty() ? problem : fmt::format("`{}`: {}", visible_text(name), problem);
  };
  if (program.find('/') != std::string::npos) return problem_of(program);
  while (!tail.empty()) {
    const std::size_t end = std::min(tail.find('\n'), tail.size());
    std::string problem = problem_of(complained_about(tail.substr(0, end)));
    if (!problem.empty()) return problem;
    tail.remove_prefix(std::min(end + 1, tail.size()));
  }
  return {};
}

}  // namespace wfr
