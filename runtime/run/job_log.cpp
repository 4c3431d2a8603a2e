// Task output to files that are made only when there is something to put in.
#include "runtime/run/job_log.hpp"

#include "runtime/plan/expand.hpp"
#include "runtime/plan/own_out.hpp"
#include "runtime/plan/secret.hpp"
#include "runtime/plan/visible.hpp"
#include "runtime/run/host.hpp"
#include "runtime/run/paths.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace wfr {
namespace {

constexpr std::size_t kLongestName = 150;
// Each is a descriptor.
constexpr std::size_t kMostOpen = 32;
constexpr std::string_view kHead = "== ";
// Of a command; a gather of thousands would fill a log.
constexpr std::size_t kMostBytes = 2000;
constexpr int kMostLines = 20;

void put(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t done = write(fd, text.data(), text.size());
    if (done < 0 && errno == EINTR) continue;
    // A full disk must not end the tasks: their own writes will tell.
    if (done <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(done));
  }
}

// A log that is a file is its owner's alone from here on. Slurm's lies where nobody else may look.
void make_private(int fd) {
  struct stat info {};
  if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode)) fchmod(fd, 0600);
}

std::string_view first_line(std::string_view text) {
  return text.substr(0, text.find('\n'));
}

std::string command_lines(std::string_view command) {
  const bool whole = command.size() <= kMostBytes;
  command = command.substr(0, kMostBytes);
  while (!command.empty() && command.back() == '\n') command.remove_suffix(1);
  std::string lines;
  int count = 0;
  while (!command.empty() && count++ < kMostLines) {
    const std::string_view line = first_line(command);
    lines += std::string(kHead) + "  " + visible_text(line) + "\n";
    command.remove_prefix(std::min(line.size() + 1, command.size()));
  }
  return lines + (whole && command.empty() ? "" : std::string(kHead) + "  ...\n");
}

}  // namespace

std::string without_heads(std::string_view text) {
  std::string rest;
  while (!text.empty()) {
    const std::string_view line = first_line(text);
    const std::size_t length = std::min(line.size() + 1, text.size());
    if (!line.starts_with(kHead)) rest += text.substr(0, length);
    text.remove_prefix(length);
  }
  return rest;
}

std::string log_name(const Plan& plan, Task task) {
  std::string name = task_directory(plan, task);
  if (name == ".") return "all";
  std::replace(name.begin(), name.end(), '/', '.');
  const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("._-+@=,").find(c) != std::string_view::npos;
  });
  // Two directories may not share a log: a name that is changed carries the task's hash.
  return plain && name.size() <= kLongestName && name.front() != '.' ? name : task_tag(plan, task);
}

JobLog::JobLog(const Plan& plan, std::string directory, bool several)
    : plan_(plan), directory_(std::move(directory)), node_(host_record().node), several_(several) {}

JobLog::~JobLog() {
  for (const auto& [task, fd] : files_) {
    if (fd >= 0) close(fd);
  }
}

std::string JobLog::file_of(Task task) const {
  if (directory_.empty()) return {};
  return directory_ + "/" + plan_.step(task.step).name + "/" + log_name(plan_, task) + ".log";
}

int JobLog::open_file(Task task) {
  const auto place = files_.find({task.step, task.index});
  const bool begun = place != files_.end();
  if (begun && place->second >= 0) return place->second;
  if (open_ >= kMostOpen) close_one();
  const std::string file = file_of(task);
  const int flags = O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC | (begun ? 0 : O_TRUNC);
  const bool secret = has_secret(plan_.step(task.step));
  // Who has the old file open would read on.
  if (secret && !begun) unlink(file.c_str());
  const mode_t mode = secret ? S_IRUSR | S_IWUSR : kOwnFile;
  int fd = open(file.c_str(), flags, mode);
  if (fd < 0 && errno == ENOENT) {
    mkdir(directory_.c_str(), kOwnDirectory);
    mkdir(parent_of(file).c_str(), kOwnDirectory);
    fd = open(file.c_str(), flags, mode);
  }
  if (fd < 0) return fd;
  files_[{task.step, task.index}] = fd;
  if (commands_.contains({task.step, task.index})) put(fd, head(task));
  ++open_;
  return fd;
}

std::string JobLog::head(Task task) {
  std::string text = std::string(kHead) + visible(task_name(plan_, task)) + " on " + node_ + "\n";
  const auto command = commands_.find({task.step, task.index});
  if (command == commands_.end()) return text;
  text += command_lines(command->second);
  commands_.erase(command);
  return text;
}

void JobLog::write_head(Task task) {
  const bool begun = commands_.contains({task.step, task.index});
  const bool other = !any_ || !(last_ == task);
  if (begun || (several_ && other)) {
    put(STDOUT_FILENO, (line_open_ ? "\n" : "") + head(task));
    line_open_ = false;
  }
  any_ = true;
  last_ = task;
}

void JobLog::begin(Task task, const std::string& command) {
  commands_[{task.step, task.index}] = command;
  if (directory_.empty() && has_secret(plan_.step(task.step))) make_private(STDOUT_FILENO);
  if (!command.empty() && directory_.empty() && !several_) write_head(task);
}

void JobLog::close_one() {
  const auto opened =
      std::find_if(files_.begin(), files_.end(), [](const auto& file) { return file.second >= 0; });
  close(std::exchange(opened->second, -1));
  --open_;
}

void JobLog::write(Task task, std::string_view text) {
  if (text.empty()) return;
  if (!directory_.empty()) {
    const int fd = open_file(task);
    if (fd >= 0) put(fd, text);
    return;
  }
  write_head(task);
  line_open_ = text.back() != '\n';
  put(STDOUT_FILENO, text);
}

void JobLog::forget(Task task) {
  if (!directory_.empty()) unlink(file_of(task).c_str());
}

void JobLog::end(Task task, std::string_view reason) {
  if (!reason.empty()) write(task, "wfr: " + std::string(reason) + "\n");
  commands_.erase({task.step, task.index});
  const auto place = files_.find({task.step, task.index});
  if (place == files_.end()) return;
  if (place->second >= 0) {
    close(place->second);
    --open_;
  }
  files_.erase(place);
}

}  // namespace wfr
