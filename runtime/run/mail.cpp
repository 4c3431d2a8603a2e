// Starts `sendmail` with the message as its input, and waits for it.
#include "runtime/run/mail.hpp"

#include "runtime/plan/state_io.hpp"
#include "runtime/run/host.hpp"
#include "runtime/run/process.hpp"
#include "runtime/run/spawn.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <thread>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

namespace wfr {
namespace {

constexpr std::chrono::seconds kPatience{60};

std::string header_text(std::string text) {
  std::replace_if(
      text.begin(),
      text.end(),
      [](unsigned char byte) { return byte < 0x20 || byte >= 0x7F; },
      '?');
  return text;
}

// The status of a process that leads a group of its own; it is killed when the patience is over.
int status_of(pid_t pid) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  int status = 0;
  while (true) {
    const pid_t ended = waitpid(pid, &status, WNOHANG);
    if (ended == pid) return status;
    if (ended < 0 && errno != EINTR) return -1;
    if (std::chrono::steady_clock::now() >= end) kill(-pid, SIGKILL);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

}  // namespace

std::string mail_bytes(const Mail& mail) {
  return fmt::format(
      "To: {}\nSubject: {}\nMIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\n"
      "Content-Transfer-Encoding: 8bit\nAuto-Submitted: auto-generated\n\n{}",
      header_text(mail.to),
      header_text(mail.subject),
      mail.text);
}

std::string send_mail(const Mail& mail, const std::filesystem::path& file) {
  const char* path = std::getenv("PATH");
  const std::string program = search_program(
      "sendmail", std::string(path == nullptr ? "/usr/bin:/bin" : path) + ":/usr/sbin:/usr/lib");
  if (program.empty()) return "there is no `sendmail`";
  try {
    replace_file(file, mail_bytes(mail));
  } catch (const std::exception& error) {
    return fmt::format("cannot write `{}`: {}", file.string(), error.what());
  }
  const int input = open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (input < 0) return fmt::format("cannot read `{}`", file.string());
  const SpawnResult spawned = spawn_process(
      program, {"sendmail", "-t", "-i"}, inherited_environment(), "", {input, STDERR_FILENO});
  close(input);
  if (spawned.error != 0) return fmt::format("`{}`: {}", program, std::strerror(spawned.error));
  const int status = status_of(spawned.pid);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  return fmt::format("`{}` failed", program);
}

void keep_slurm_from_mailing() {
  if (const std::optional<std::uint32_t> job = number_from("SLURM_JOB_ID")) {
    capture_within({"scontrol", "update", fmt::format("JobId={}", *job), "MailType=NONE"}, 30);
  }
}

}  // namespace wfr
