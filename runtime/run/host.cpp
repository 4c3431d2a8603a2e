// SLURM_* variables, host names and short calls of Slurm's commands.
#include "runtime/run/host.hpp"

#include "runtime/plan/any_piece.hpp"
#include "runtime/plan/temporary.hpp"
#include "runtime/run/process.hpp"
#include "runtime/run/spawn.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <string_view>

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

// Options of Slurm's commands in the user's environment, such as SQUEUE_PARTITION, would change the
// answers.
bool is_option_of_slurm(std::string_view variable) {
  return variable.starts_with("SQUEUE_") || variable.starts_with("SACCT_") ||
         variable.starts_with("SCONTROL_");
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
  const char* slurm = std::getenv("SLURM_TMPDIR");
  return slurm != nullptr && directory_problem(slurm).empty() ? slurm : temporary_directory();
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
  constexpr int kPatienceSeconds = 60;
  return capture_within(argv, kPatienceSeconds);
}

std::optional<std::string> capture_within(const std::vector<std::string>& argv, int seconds) {
  Environment environment = inherited_environment();
  std::erase_if(environment, is_option_of_slurm);
  const std::string program =
      search_program(argv.at(0), value_of(environment, "PATH").value_or("/usr/bin:/bin"));
  std::array<int, 2> ends{};
  const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (program.empty() || null < 0 || pipe2(ends.data(), O_CLOEXEC) != 0) return std::nullopt;
  const SpawnResult spawned = spawn_process(program, argv, environment, "", {null, ends[1]});
  close(null);
  close(ends[1]);
  const Heard heard = spawned.error == 0 ? hear(spawned.pid, ends[0], seconds) : Heard{};
  close(ends[0]);
  const bool good = spawned.error == 0 && !heard.killed && WIFEXITED(heard.status) &&
                    WEXITSTATUS(heard.status) == 0;
  return good ? std::optional<std::string>(heard.text) : std::nullopt;
}

}  // namespace wfr
