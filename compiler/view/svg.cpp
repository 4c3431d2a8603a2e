// SVG by Graphviz's own program.
#include "compiler/view/render.hpp"

#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

namespace wfc {

namespace {

// A file in memory that holds `text`, read from its beginning. -1 on failure.
int memory_file(const std::string& text) {
  const int fd = ::memfd_create("wfc-graph", MFD_CLOEXEC);
  std::size_t done = 0;
  while (fd >= 0 && done < text.size()) {
    const ssize_t wrote = ::write(fd, text.data() + done, text.size() - done);
    if (wrote <= 0) break;
    done += static_cast<std::size_t>(wrote);
  }
  if (fd >= 0) ::lseek(fd, 0, SEEK_SET);
  return fd;
}

// Starts `program -Tsvg` between two files. 0 or errno.
int start(const std::string& program, int input, int output, pid_t& pid) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  std::string name = program;
  std::string option = "-Tsvg";
  const std::array<char*, 3> words{name.data(), option.data(), nullptr};
  const int error = ::posix_spawnp(&pid, program.c_str(), &actions, nullptr, words.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

std::string read_all(int fd) {
  std::string text;
  std::array<char, 65536> buffer{};
  ::lseek(fd, 0, SEEK_SET);
  while (true) {
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    if (got <= 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace

SvgResult to_svg(const std::string& dot, const std::string& program) {
  // Files in memory at both ends: no pipe that could fill up.
  const int input = memory_file(dot);
  const int output = memory_file("");
  SvgResult result;
  pid_t pid = 0;
  const int error = start(program, input, output, pid);
  if (error != 0) {
    result.error = fmt::format(
        "SVG is drawn by Graphviz, but `{}` cannot be run: {}", program, std::strerror(error));
  } else {
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
      result.svg = read_all(output);
    } else {
      result.error = fmt::format("`{}` could not draw the graph", program);
    }
  }
  ::close(input);
  ::close(output);
  return result;
}

}  // namespace wfc
