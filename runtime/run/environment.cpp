// Runs the preparation in one bash and reads back what it has exported.
#include "runtime/run/environment.hpp"

#include "runtime/plan/expand.hpp"
#include "runtime/run/spawn.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

namespace wfr {
namespace {

Environment own_environment() {
  Environment variables;
  for (char** variable = environ; *variable != nullptr; ++variable)
    variables.emplace_back(*variable);
  return variables;
}

std::string read_to_end(int fd) {
  std::string bytes;
  std::array<char, 65536> buffer{};
  while (true) {
    const ssize_t got = read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return bytes;
    bytes.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

// What bash says goes to an unnamed file, so that one pipe is enough.
struct BashResult {
  bool good = false;
  std::string output;
  std::string said;
};

BashResult run_bash(const std::string& script, const Environment& environment) {
  BashResult result;
  std::array<char, 32> name{"/tmp/wfr-setup-XXXXXX"};
  const int said = mkostemp(name.data(), O_CLOEXEC);
  std::array<int, 2> ends{};
  if (said < 0 || pipe2(ends.data(), O_CLOEXEC) != 0) return result;
  unlink(name.data());
  const std::string bash = search_program("bash", value_of(environment, "PATH").value_or("/bin"));
  const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  const std::string wrapped =
      fmt::format("exec 3>&1 >/proc/{}/fd/{} 2>&1\n{}\nenv -0 >&3", getpid(), said, script);
  const SpawnResult spawned = spawn_process(bash.empty() ? "/bin/bash" : bash,
                                            {"bash", "--noprofile", "--norc", "-c", wrapped},
                                            environment,
                                            "",
                                            {null, ends[1]});
  close(ends[1]);
  close(null);
  if (spawned.error == 0) {
    result.output = read_to_end(ends[0]);
    int status = 0;
    while (waitpid(spawned.pid, &status, 0) < 0 && errno == EINTR) {
    }
    result.good = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    lseek(said, 0, SEEK_SET);
    result.said = read_to_end(said);
  } else {
    result.said = "there is no bash";
  }
  close(ends[0]);
  close(said);
  return result;
}

std::string last_lines(const std::string& text) {
  constexpr std::size_t kMost = 2000;
  return text.size() <= kMost ? text : text.substr(text.size() - kMost);
}

}  // namespace

std::string preparation_script(const EnvironmentSpec& spec) {
  std::string script = "set -eo pipefail\n";
  if (!spec.modules.empty()) {
    script +=
        "if ! type module >/dev/null 2>&1; then\n"
        "  for file in /etc/profile.d/lmod.sh /etc/profile.d/z00_lmod.sh "
        "/etc/profile.d/modules.sh; do\n"
        "    if [ -r \"$file\" ]; then . \"$file\"; break; fi\n"
        "  done\n"
        "fi\n"
        "type module >/dev/null 2>&1 || { echo 'there is no `module` command here'; exit 1; }\n";
    for (const std::string& module : spec.modules) {
      script += "module load " + shell_quote(module) + "\n";
    }
  }
  if (!spec.conda.empty()) {
    script +=
        "hash conda 2>/dev/null || { echo 'there is no `conda` command here'; exit 1; }\n"
        "eval \"$(conda shell.bash hook)\"\n"
        "conda activate " +
        shell_quote(spec.conda) + "\n";
  }
  for (const auto& [name, value] : spec.variables) {
    script += "export " + name + "=" + shell_quote(value) + "\n";
  }
  return script + spec.setup + "\n";
}

Environments::Environments(bool prepare) : prepare_(prepare), base_(own_environment()) {}

const PreparedEnvironment& Environments::of(const EnvironmentSpec& spec) {
  for (const std::unique_ptr<Entry>& entry : entries_) {
    if (entry->spec == spec) return entry->prepared;
  }
  auto entry = std::make_unique<Entry>();
  entry->spec = spec;
  Environment& variables = entry->prepared.variables;
  const bool shell = !spec.modules.empty() || !spec.conda.empty() || !spec.setup.empty();
  if (prepare_ && shell) {
    const BashResult result = run_bash(preparation_script(spec), base_);
    for (std::size_t begin = 0; begin < result.output.size();) {
      const std::size_t end = std::min(result.output.find('\0', begin), result.output.size());
      variables.push_back(result.output.substr(begin, end - begin));
      begin = end + 1;
    }
    if (!result.good || variables.empty()) {
      entry->prepared.error =
          "the environment (modules, conda, setup) cannot be prepared:\n" + last_lines(result.said);
    }
  } else {
    Environment own;
    for (const auto& [name, value] : spec.variables)
      own.push_back(fmt::format("{}={}", name, value));
    variables = merge_environment(own, base_);
  }
  entries_.push_back(std::move(entry));
  return entries_.back()->prepared;
}

}  // namespace wfr
