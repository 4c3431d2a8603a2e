// What is left of a message when the names of its task and all numbers are taken out of it.
#include "runtime/run/failure_groups.hpp"

#include "runtime/plan/expand.hpp"
#include "runtime/plan/visible.hpp"
#include "runtime/run/failure.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace wfr {
namespace {

constexpr std::size_t kTailLines = 10;
constexpr std::size_t kLongestKey = 400;
// With more groups than this nothing is alike: the rest goes into one group for each step and
// class.
constexpr std::size_t kMostGroups = 1000;

bool is_letter(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
         (byte >= '0' && byte <= '9') || byte >= 0x80U;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// A short name may be a word of any text: it counts only as a part of a path or within quotes.
bool stands_alone(std::string_view text, std::size_t begin, std::size_t size) {
  constexpr std::size_t kShort = 3;
  const std::size_t end = begin + size;
  const char before = begin > 0 ? text[begin - 1] : ' ';
  const char after = end < text.size() ? text[end] : ' ';
  if (is_letter(before) || is_letter(after)) return false;
  constexpr std::string_view kMarks = "/:`'\"";
  return size > kShort || kMarks.find(before) != std::string_view::npos ||
         kMarks.find(after) != std::string_view::npos;
}

void take_out(std::string& text, const std::string& name) {
  for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at)) {
    if (stands_alone(text, at, name.size())) {
      text.replace(at, name.size(), "*");
    } else {
      ++at;
    }
  }
}

// The task's directory, then each of its names.
std::vector<std::string> names_of(const Plan& plan, Task task) {
  std::string directory = task_directory(plan, task);
  if (directory == ".") return {};
  std::vector<std::string> names{directory};
  while (!directory.empty()) {
    const std::size_t slash = std::min(directory.find('/'), directory.size());
    names.push_back(directory.substr(0, slash));
    directory.erase(0, slash + 1);
  }
  return names;
}

std::string_view last_line(std::string_view message) {
  while (!message.empty() && message.back() == '\n') message.remove_suffix(1);
  const std::size_t end = message.rfind('\n');
  return end == std::string_view::npos ? std::string_view() : message.substr(end + 1);
}

std::string essence(const Plan& plan, Task task, const std::string& message) {
  std::string text = reason_in(message);
  text += '\n';
  text += last_line(message);
  text.resize(std::min(text.size(), kLongestKey));
  for (const std::string& name : names_of(plan, task)) take_out(text, name);
  std::string key;
  for (const char c : text) {
    if (!is_digit(c)) {
      key += c;
    } else if (key.empty() || key.back() != '#') {
      key += '#';
    }
  }
  return key;
}

const char* word_of(const FailureGroup& group) {
  return group.kind == FailureKind::Cancelled ? "stopped" : "failed";
}

std::string head_of_many(const Plan& plan, const FailureGroup& group, const std::string& after) {
  std::string names;
  for (const Task task : group.examples) {
    names += (names.empty() ? "" : ", ") + visible(task_name(plan, task));
  }
  const std::uint64_t more = group.count - group.examples.size();
  if (more > 0) names += fmt::format(" and {} more", more);
  return fmt::format("{}: {} tasks of `{}`{}\n    {}\n",
                     word_of(group),
                     group.count,
                     plan.step(group.step).name,
                     after,
                     names);
}

}  // namespace

std::string reason_in(const std::string& message) {
  return message.substr(0, message.find('\n'));
}

const FailureGroup& FailureGroups::add(Task task,
                                       FailureKind kind,
                                       std::int32_t status,
                                       const std::string& message) {
  const std::string head =
      fmt::format("{} {} {}\n", index_of(task.step), static_cast<int>(kind), status);
  const bool full = groups_.size() >= kMostGroups;
  auto place = place_.find(head + essence(plan_, task, message));
  if (place == place_.end() && full) place = place_.find(head);
  if (place == place_.end()) {
    place =
        place_.emplace(full ? head : head + essence(plan_, task, message), groups_.size()).first;
    const std::string many = fmt::format("{}, with many different messages", failure_name(kind));
    groups_.push_back({task.step, kind, 0, {}, full ? many : message});
  }
  FailureGroup& group = groups_[place->second];
  ++group.count;
  if (group.examples.size() < FailureGroup::kMostExamples) group.examples.push_back(task);
  return group;
}

std::string group_head(const Plan& plan, const FailureGroup& group) {
  const std::string reason = visible_text(reason_in(group.message));
  if (group.count > 1) return head_of_many(plan, group, ": " + reason);
  const std::string name = visible(task_name(plan, group.examples.front()));
  return fmt::format("{}: {}: {}\n", word_of(group), name, reason);
}

std::string group_again(const Plan& plan, const FailureGroup& group) {
  const std::string first = visible(task_name(plan, group.examples.front()));
  return head_of_many(plan, group, fmt::format(", as {} above", first));
}

std::string quoted_tail(const std::string& message) {
  const std::string text =
      visible_text(std::string_view(message).substr(std::min(message.find('\n'), message.size())));
  std::size_t begin = text.size();
  while (begin > 0 && text[begin - 1] == '\n') --begin;
  const std::size_t end = begin;
  for (std::size_t lines = 0; begin > 0; --begin) {
    if (text[begin - 1] == '\n' && ++lines == kTailLines) break;
  }
  std::string quoted;
  while (begin < end) {
    const std::size_t stop = std::min(text.find('\n', begin), end);
    if (stop > begin) quoted += "    | " + text.substr(begin, stop - begin) + "\n";
    begin = stop + 1;
  }
  return quoted;
}

}  // namespace wfr
