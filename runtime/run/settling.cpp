// Who waits, since when, and until when.
#include "runtime/run/settling.hpp"

#include "runtime/files/holder.hpp"
#include "runtime/files/read_file.hpp"
#include "runtime/run/paths.hpp"

#include <algorithm>
#include <system_error>

namespace wfr {
namespace {

// Longer pauses for longer waits: many tasks may wait for one file server.
constexpr std::int64_t kShortest = 200'000'000;
constexpr std::int64_t kLongest = 2'000'000'000;

void read_directory(const std::string& path) {
  std::optional<ForeignLink> link;
  const Descriptor directory = open_directory(path, "", link);
  try {
    if (directory) names_in(directory.get());
  } catch (const std::system_error&) {
    // It is looked at again.
  }
}

}  // namespace

void look_anew(const std::string& path) {
  const std::string directory = parent_of(path);
  read_directory(parent_of(directory));
  read_directory(directory);
}

bool Settling::wait(Task task, const std::string& path, std::int64_t now_ns) {
  const auto [since, fresh] = since_.emplace(task_id(task), now_ns);
  const std::int64_t waited = now_ns - since->second;
  if (waited >= limit_ns_) {
    since_.erase(since);
    return false;
  }
  look_anew(path);
  const std::int64_t pause =
      std::min({std::clamp(waited / 4, kShortest, kLongest), limit_ns_ - waited});
  due_.emplace(now_ns + pause, task);
  return true;
}

std::vector<Task> Settling::due(std::int64_t now_ns) {
  std::vector<Task> tasks;
  const auto end = due_.upper_bound(now_ns);
  for (auto it = due_.begin(); it != end; ++it) tasks.push_back(it->second);
  due_.erase(due_.begin(), end);
  return tasks;
}

}  // namespace wfr
