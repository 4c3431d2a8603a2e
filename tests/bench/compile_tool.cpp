// What the benches of planning need: makes a tree of directories, walks it as barely as can be,
// measures a command's time and memory, and writes the clock down.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

[[noreturn]] void fail(const std::string& what) {
  std::perror(what.c_str());
  std::exit(2);
}

void make_file(const std::string& path, int bytes) {
  const std::vector<char> content(static_cast<std::size_t>(bytes), 'x');
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0 || ::write(fd, content.data(), content.size()) != bytes) fail(path);
  ::close(fd);
}

// SESSIONS directories of ARRAYS directories of CHANNELS directories, each with a file if `bytes`
// is not 0.
int make_tree(const std::string& root, int sessions, int arrays, int channels, int bytes) {
  ::mkdir(root.c_str(), 0755);
  char name[64];
  for (int s = 0; s < sessions; ++s) {
    std::snprintf(name, sizeof name, "/session%04d", s);
    const std::string session = root + name;
    if (::mkdir(session.c_str(), 0755) != 0) fail(session);
    for (int a = 0; a < arrays; ++a) {
      std::snprintf(name, sizeof name, "/array%04d", a);
      const std::string array = session + name;
      if (::mkdir(array.c_str(), 0755) != 0) fail(array);
      for (int c = 0; c < channels; ++c) {
        std::snprintf(name, sizeof name, "/channel%04d", c);
        if (::mkdir((array + name).c_str(), 0755) != 0) fail(array);
        if (bytes > 0) make_file(array + name + "/in.txt", bytes);
      }
    }
  }
  return 0;
}

// Every name down to `depth`; directories at that depth are not opened.
std::uint64_t walk(const std::string& path, int depth) {
  constexpr std::size_t kNameOffset = 19;
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) fail(path);
  std::vector<char> buffer(std::size_t{1} << 18U);
  std::uint64_t names = 0;
  while (true) {
    const long got = ::syscall(SYS_getdents64, fd, buffer.data(), buffer.size());
    if (got <= 0) break;
    for (long at = 0; at < got;) {
      std::uint16_t length = 0;
      std::memcpy(&length, buffer.data() + at + 16, sizeof length);
      const char* const name = buffer.data() + at + kNameOffset;
      if (name[0] != '.') {
        ++names;
        if (depth > 1) names += walk(path + '/' + name, depth - 1);
      }
      at += length;
    }
  }
  ::close(fd);
  return names;
}

// The walk, and as many bytes written as the compiler writes.
int floor_of(const std::string& root, int depth, std::size_t bytes, const std::string& file) {
  std::printf("%llu names\n", static_cast<unsigned long long>(walk(root, depth)));
  const std::vector<char> content(bytes, 'x');
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0 || ::write(fd, content.data(), bytes) != static_cast<ssize_t>(bytes)) fail(file);
  ::close(fd);
  return 0;
}

// "SECONDS MEGABYTES" of a command on stderr; its own output is thrown away.
int measure(char** words) {
  const auto start = std::chrono::steady_clock::now();
  const pid_t pid = ::fork();
  if (pid == 0) {
    const int null = ::open("/dev/null", O_WRONLY);
    ::dup2(null, STDOUT_FILENO);
    ::execvp(words[0], words);
    ::_exit(127);
  }
  int status = 0;
  rusage used{};
  ::wait4(pid, &status, 0, &used);
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
  std::fprintf(stderr, "%.4f %.1f\n", wall.count(), static_cast<double>(used.ru_maxrss) / 1024);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

// The wall clock in nanoseconds.
int write_clock(const char* file) {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  char text[32];
  const int bytes = std::snprintf(
      text, sizeof text, "%lld%09ld\n", static_cast<long long>(now.tv_sec), now.tv_nsec);
  const int fd = ::open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0 || ::write(fd, text, static_cast<std::size_t>(bytes)) != bytes) fail(file);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  if (what == "make" && (argc == 6 || argc == 7)) {
    const int bytes = argc == 7 ? std::atoi(argv[6]) : 0;
    return make_tree(argv[2], std::atoi(argv[3]), std::atoi(argv[4]), std::atoi(argv[5]), bytes);
  }
  if (what == "floor" && argc == 6) {
    return floor_of(argv[2], std::atoi(argv[3]), std::strtoull(argv[4], nullptr, 10), argv[5]);
  }
  if (what == "run" && argc > 2) return measure(argv + 2);
  if (what == "now" && argc == 3) return write_clock(argv[2]);
  if (what == "start" && argc > 3) {
    write_clock(argv[2]);
    ::execvp(argv[3], argv + 3);
    fail(argv[3]);
  }
  std::fputs(
      "make ROOT SESSIONS ARRAYS CHANNELS [BYTES] | floor ROOT DEPTH BYTES FILE | "
      "run COMMAND... | now FILE | start FILE COMMAND...\n",
      stderr);
  return 2;
}
