// Runs the preparation in one bash and reads back what it has exported.
#include "runtime/run/environment.hpp"

#include "runtime/plan/preparation.hpp"
#include "runtime/plan/temporary.hpp"
#include "runtime/run/spawn.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
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
  const int said = memfd_create("wfr-setup", MFD_CLOEXEC);
  std::array<int, 2> ends{};
  if (said < 0 || pipe2(ends.data(), O_CLOEXEC) != 0) return result;
  const std::string bash = search_program("bash", value_of(environment, "PATH").value_or("/bin"));
  const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  const std::string wrapped = fmt::format(
      "exec 3>&1 >/proc/{}/fd/{} 2>&1\n{}wfc_before=$(wfc_settings)\n{}\n"
      "builtin printf '%s\\0' \"${{wfc_before-}}\" \"$(wfc_settings)\" >&3\nenv -0 >&3\n",
      getpid(),
      said,
      settings_function(),
      script);
  const SpawnResult spawned = spawn_process(bash.empty() ? "/bin/bash" : bash,
                                            {"bash", "--noprofile", "--norc", "-c", wrapped},
                                            environment,
                                            "",
                                            {null, ends[1]});
  close(ends[1]);
  close(null);
  if (spawned.error == 0) {
    // `setup` may leave something in the background.
    Heard heard = hear(spawned.pid, ends[0], 0);
    result.output = std::move(heard.text);
    result.good = WIFEXITED(heard.status) && WEXITSTATUS(heard.status) == 0;
    lseek(said, 0, SEEK_SET);
    result.said = read_to_end(said);
  } else {
    result.said = "bash is not found";
  }
  close(ends[0]);
  close(said);
  return result;
}

Environment split_at_zeros(const std::string& text) {
  Environment variables;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\0', begin), text.size());
    variables.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return variables;
}

// Bash's options in the environment are set before any command, and cannot be taken back there:
// with xtrace a secret is written into the log, with allexport, or where a variable of its name is
// exported already, every program gets it. A file, a prompt or a function of the caller's runs
// while it is read.
bool tells_secrets(const std::string& variable) {
  constexpr std::array<std::string_view, 6> kOfBash = {
      "SHELLOPTS", "BASHOPTS", "BASH_XTRACEFD", "PS4", "BASH_ENV", "ENV"};
  constexpr std::array<std::string_view, 4> kFunctions = {
      "BASH_FUNC_set%%", "BASH_FUNC_stat%%", "BASH_FUNC_echo%%", "BASH_FUNC_exit%%"};
  const std::string_view name = std::string_view(variable).substr(0, variable.find('='));
  return name.starts_with("wfc_secret_") ||
         std::find(kOfBash.begin(), kOfBash.end(), name) != kOfBash.end() ||
         std::find(kFunctions.begin(), kFunctions.end(), name) != kFunctions.end();
}

std::string last_lines(const std::string& text) {
  constexpr std::size_t kMost = 2000;
  return text.size() <= kMost ? text : text.substr(text.size() - kMost);
}

}  // namespace

std::string unprepared_text(const std::string& reason) {
  return "the environment could not be prepared: " + reason;
}

std::string preparation_script(const EnvironmentSpec& spec) {
  // What it hands back on descriptor 3 is the reason then.
  std::string script =
      "wfc_unprepared() {\n"
      "  set -- \"\\`$1\\` ${2:-failed} (exit status $?)\"\n"
      "  trap - EXIT\n"
      "  printf %s \"$1\" >&3\n"
      "  exit 1\n"
      "}\n"
      "trap 'wfc_unprepared \"$wfc_doing\" \"ended the shell\"' EXIT\n";
  if (!spec.modules.empty()) {
    script +=
        "if ! type module >/dev/null 2>&1; then\n"
        "  for wfc_file in /etc/profile.d/lmod.sh /etc/profile.d/z00_lmod.sh "
        "/etc/profile.d/modules.sh; do\n"
        "    if [ -r \"$wfc_file\" ]; then . \"$wfc_file\"; break; fi\n"
        "  done\n"
        "fi\n";
  }
  return script + preparation_text(spec) + "trap - EXIT";
}

Environments::Environments(bool prepare) : prepare_(prepare), base_(own_environment()) {}

// `setup` or `env` may have set it.
void Environments::mend_tmpdir(Environment& variables) const {
  const std::string warning = tmpdir_warning(value_of(variables, "TMPDIR").value_or(""));
  if (warning.empty()) return;
  if (warn_) warn_(warning);
  variables = merge_environment({"TMPDIR=" + temporary_directory()}, variables);
}

const PreparedEnvironment& Environments::of(const EnvironmentSpec& spec, bool secret) {
  for (const std::unique_ptr<Entry>& entry : entries_) {
    if (entry->spec == spec && entry->secret == secret) return entry->prepared;
  }
  auto entry = std::make_unique<Entry>();
  entry->spec = spec;
  entry->secret = secret;
  Environment prepared = base_;
  if (prepare_ && needs_preparation(spec)) {
    const BashResult result = run_bash(preparation_script(spec), base_);
    if (result.good && !result.output.empty()) {
      prepared = split_at_zeros(result.output);
      // The first two are no variables.
      if (prepared.size() >= 2) {
        entry->prepared.settings = changed_settings(prepared[0], prepared[1]);
        prepared.erase(prepared.begin(), prepared.begin() + 2);
      }
    } else {
      const std::string reason = result.good || result.output.empty()
                                     ? "the shell exited before the preparation was complete"
                                     : result.output;
      entry->prepared.error = unprepared_text(reason) + "\n" + last_lines(result.said);
    }
  }
  // `env` comes last: it wins over what was prepared.
  Environment own;
  for (const auto& [name, value] : spec.variables) own.push_back(fmt::format("{}={}", name, value));
  entry->prepared.variables = merge_environment(own, prepared);
  if (secret) std::erase_if(entry->prepared.variables, tells_secrets);
  mend_tmpdir(entry->prepared.variables);
  entries_.push_back(std::move(entry));
  return entries_.back()->prepared;
}

}  // namespace wfr
