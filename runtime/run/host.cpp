// SLURM_* variables, host names and short calls of Slurm's commands.
#include "runtime/run/host.hpp"

#include "runtime/plan/any_piece.hpp"
#include "runtime/run/process.hpp"
#include "runtime/run/spawn.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
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

std::optional<std::string> capture(const std::vector<std::string>& argv) {
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
  std::array<char, 4096> buffer{};
  ssize_t got = 0;
  while (spawned.error == 0 &&
         ((got = read(ends[0], buffer.data(), buffer.size())) > 0 || (got < 0 && errno == EINTR))) {
    if (got > 0) text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  close(ends[0]);
  if (spawned.error != 0) return std::nullopt;
  int status = 0;
  while (waitpid(spawned.pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return std::nullopt;
  return text;
}

}  // namespace wfr
