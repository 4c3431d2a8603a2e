// SLURM_* variables, host names and short calls of Slurm's commands.
#include "runtime/run/host.hpp"

#include "runtime/plan/any_piece.hpp"
#include "runtime/run/posix_processes.hpp"
#include "runtime/run/process.hpp"
#include "runtime/run/spawn.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace wfr {
namespace {

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "localhost";
}

std::string node_name() {
  const char* slurm = std::getenv("SLURMD_NODENAME");
  return slurm != nullptr ? slurm : host_name();
}

}  // namespace

std::optional<std::uint32_t> number_from(const char* variable) {
  const char* text = std::getenv(variable);
  if (text == nullptr) return std::nullopt;
  std::uint32_t value = 0;
  const char* end = text + std::strlen(text);
  const auto read = std::from_chars(text, end, value);
  if (read.ec != std::errc() || read.ptr != end || read.ptr == text) return std::nullopt;
  return value;
}

Record host_record() {
  static const Record made = [] {
    Record record;
    record.node = node_name();
    record.job_id = number_from("SLURM_JOB_ID").value_or(0);
    record.array_job_id = number_from("SLURM_ARRAY_JOB_ID").value_or(0);
    record.array_task_id = number_from("SLURM_ARRAY_TASK_ID").value_or(0);
    return record;
  }();
  return made;
}

std::uint64_t allocated_mb() {
  const std::uint64_t node = number_from("SLURM_MEM_PER_NODE").value_or(0);
  if (node > 0) return node;
  const std::uint64_t cpu = number_from("SLURM_MEM_PER_CPU").value_or(0);
  return cpu * number_from("SLURM_CPUS_ON_NODE").value_or(1);
}

std::string scratch_base() {
  for (const char* name : {"SLURM_TMPDIR", "TMPDIR"}) {
    const char* value = std::getenv(name);
    if (value != nullptr && value[0] == '/' && access(value, W_OK | X_OK) == 0) return value;
  }
  return "/tmp";
}

std::string allocated_hosts() {
  const char* nodes = std::getenv("SLURM_JOB_NODELIST");
  if (nodes == nullptr) return host_name() + "\n";
  if (std::strpbrk(nodes, "[,") == nullptr) return std::string(nodes) + "\n";
  return capture({"scontrol", "show", "hostnames", nodes}).value_or(host_name() + "\n");
}

bool says_hostfile(const StepSpec& step) {
  return any_piece(step, [](const Piece& piece) { return piece.kind == PieceKind::Hostfile; });
}

namespace {

// Reads to the end of the pipe. False when `seconds` are over before; 0: for ever.
bool read_all(int fd, int seconds, std::string& text) {
  const std::int64_t end_ns = monotonic_ns() + seconds * std::int64_t{1'000'000'000};
  std::array<char, 4096> buffer{};
  while (true) {
    if (seconds > 0) {
      const std::int64_t left_ms = (end_ns - monotonic_ns()) / 1'000'000;
      pollfd waiting{fd, POLLIN, 0};
      if (left_ms <= 0 || poll(&waiting, 1, static_cast<int>(left_ms)) == 0) return false;
    }
    const ssize_t got = read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return true;
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace

std::optional<std::string> capture(const std::vector<std::string>& argv) {
  return capture_within(argv, 0);
}

std::optional<std::string> capture_within(const std::vector<std::string>& argv, int seconds) {
  Environment environment;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    environment.emplace_back(*variable);
  }
  const std::string program =
      search_program(argv.at(0), value_of(environment, "PATH").value_or("/usr/bin:/bin"));
  std::array<int, 2> ends{};
  const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (program.empty() || null < 0 || pipe2(ends.data(), O_CLOEXEC) != 0) return std::nullopt;
  const SpawnResult spawned = spawn_process(program, argv, environment, "", {null, ends[1]});
  close(null);
  close(ends[1]);
  std::string text;
  const bool ended = spawned.error == 0 && read_all(ends[0], seconds, text);
  // It leads a group of its own.
  if (spawned.error == 0 && !ended) kill(-spawned.pid, SIGKILL);
  close(ends[0]);
  if (spawned.error != 0) return std::nullopt;
  int status = 0;
  while (waitpid(spawned.pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (!ended || !WIFEXITED(status) || WEXITSTATUS(status) != 0) return std::nullopt;
  return text;
}

}  // namespace wfr
