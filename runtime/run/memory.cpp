// /proc/PID/stat for the group, /proc/PID/statm for the pages.
#include "runtime/run/memory.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

namespace wfr {
namespace {

std::string read_small(const std::string& file) {
  const int fd = open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return {};
  std::array<char, 1024> buffer{};
  const ssize_t got = read(fd, buffer.data(), buffer.size());
  close(fd);
  return got > 0 ? std::string(buffer.data(), static_cast<std::size_t>(got)) : std::string();
}

// The name in parentheses may hold anything: the fields begin after the last ')': state, parent,
// group.
pid_t group_of(const std::string& stat) {
  const std::size_t end = stat.rfind(')');
  if (end == std::string::npos) return -1;
  int parent = 0;
  int group = -1;
  char state = 0;
  if (std::sscanf(stat.c_str() + end + 1, " %c %d %d", &state, &parent, &group) != 3) return -1;
  return group;
}

}  // namespace

GroupMemory process_memory(pid_t pid) {
  static const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  unsigned long long size = 0;
  unsigned long long resident = 0;
  unsigned long long shared = 0;
  const std::string pages = read_small("/proc/" + std::to_string(pid) + "/statm");
  if (std::sscanf(pages.c_str(), "%llu %llu %llu", &size, &resident, &shared) != 3) return {};
  return {resident * page, (resident - std::min(resident, shared)) * page};
}

std::unordered_map<pid_t, GroupMemory> group_memory(const std::vector<pid_t>& groups) {
  std::unordered_map<pid_t, GroupMemory> result;
  DIR* proc = opendir("/proc");
  if (proc == nullptr) return result;
  while (const dirent* entry = readdir(proc)) {
    if (entry->d_name[0] < '1' || entry->d_name[0] > '9') continue;
    const auto pid = static_cast<pid_t>(std::strtol(entry->d_name, nullptr, 10));
    const pid_t group = group_of(read_small(std::string("/proc/") + entry->d_name + "/stat"));
    if (std::find(groups.begin(), groups.end(), group) == groups.end()) continue;
    const GroupMemory one = process_memory(pid);
    GroupMemory& memory = result[group];
    memory.resident += one.resident;
    memory.own += one.own;
  }
  closedir(proc);
  return result;
}

}  // namespace wfr
