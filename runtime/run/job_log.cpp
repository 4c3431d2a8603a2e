// Task output to files that are made only when there is something to put in.
#include "runtime/run/job_log.hpp"

#include "runtime/plan/expand.hpp"
#include "runtime/run/paths.hpp"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace wfr {
namespace {

constexpr std::size_t kLongestName = 150;

void put(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t done = write(fd, text.data(), text.size());
    if (done < 0 && errno == EINTR) continue;
    // A full disk must not end the tasks: their own writes will tell.
    if (done <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(done));
  }
}

}  // namespace

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

JobLog::JobLog(const Plan& plan, std::string directory, bool headers)
    : plan_(plan), directory_(std::move(directory)), headers_(headers) {}

JobLog::~JobLog() {
  for (const auto& [task, fd] : files_) close(fd);
}

std::string JobLog::file_of(Task task) const {
  if (directory_.empty()) return {};
  return directory_ + "/" + plan_.step(task.step).name + "/" + log_name(plan_, task) + ".log";
}

int JobLog::open_file(Task task) {
  const auto place = files_.find({task.step, task.index});
  if (place != files_.end()) return place->second;
  const std::string file = file_of(task);
  constexpr int kFlags = O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_NOFOLLOW | O_CLOEXEC;
  int fd = open(file.c_str(), kFlags, 0666);
  if (fd < 0 && errno == ENOENT) {
    mkdir(directory_.c_str(), 0777);
    mkdir(parent_of(file).c_str(), 0777);
    fd = open(file.c_str(), kFlags, 0666);
  }
  if (fd >= 0) files_[{task.step, task.index}] = fd;
  return fd;
}

void JobLog::write(Task task, std::string_view text) {
  if (text.empty()) return;
  if (!directory_.empty()) {
    const int fd = open_file(task);
    if (fd >= 0) put(fd, text);
    return;
  }
  if (headers_ && (!any_ || !(last_ == task))) {
    put(STDOUT_FILENO, (line_open_ ? "\n== " : "== ") + task_name(plan_, task) + "\n");
  }
  any_ = true;
  last_ = task;
  line_open_ = text.back() != '\n';
  put(STDOUT_FILENO, text);
}

void JobLog::forget(Task task) {
  if (!directory_.empty()) unlink(file_of(task).c_str());
}

void JobLog::end(Task task, std::string_view reason) {
  if (!reason.empty()) write(task, "wfr: " + std::string(reason) + "\n");
  const auto place = files_.find({task.step, task.index});
  if (place == files_.end()) return;
  close(place->second);
  files_.erase(place);
}

}  // namespace wfr
