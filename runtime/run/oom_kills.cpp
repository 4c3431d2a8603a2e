// Finds memory.events (cgroup v2) or memory.oom_control (v1), and the line `oom_kill N` in it.
#include "runtime/run/oom_kills.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <system_error>

namespace wfr {
namespace {

namespace fs = std::filesystem;

// In a container the path may be another one than below its own mount: there its root is tried.
fs::path file_below(const fs::path& mount, const std::string& group, const char* name) {
  std::error_code ignored;
  for (const fs::path& directory : {mount / fs::path(group).relative_path(), mount}) {
    if (fs::exists(directory / name, ignored)) return directory / name;
  }
  return {};
}

// Lines of /proc/self/cgroup: NUMBER:CONTROLLERS:PATH; of v2 without a controller.
fs::path counting_file(const fs::path& root) {
  const fs::path mounts = root / "sys/fs/cgroup";
  std::ifstream groups(root / "proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    std::istringstream fields(line);
    std::string number;
    std::string controllers;
    std::string group;
    std::getline(fields, number, ':');
    std::getline(fields, controllers, ':');
    std::getline(fields, group);
    const bool has_memory = ("," + controllers + ",").find(",memory,") != std::string::npos;
    fs::path file;
    if (has_memory) file = file_below(mounts / "memory", group, "memory.oom_control");
    if (number == "0" && controllers.empty()) file = file_below(mounts, group, "memory.events");
    if (!file.empty()) return file;
  }
  return {};
}

}  // namespace

OomKills::OomKills(const fs::path& root) : file_(counting_file(root)), seen_(count()) {}

std::uint64_t OomKills::count() const {
  if (file_.empty()) return 0;
  std::ifstream file(file_);
  std::string name;
  for (std::uint64_t number = 0; file >> name >> number;) {
    if (name == "oom_kill") return number;
  }
  return 0;
}

bool OomKills::since(std::int64_t started_ns, std::int64_t now_ns) {
  const std::uint64_t now = count();
  if (now > seen_) {
    seen_ = now;
    grown_ns_ = now_ns;
  }
  return grown_ns_ >= started_ns;
}

}  // namespace wfr
