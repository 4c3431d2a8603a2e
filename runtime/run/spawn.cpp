// posix_spawn: the kernel shares our memory with the child until it execs, however large we are.
#include "runtime/run/spawn.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>

#include <spawn.h>
#include <sys/stat.h>
#include <unistd.h>

namespace wfr {
namespace {

std::vector<char*> pointers(const std::vector<std::string>& words) {
  std::vector<char*> result;
  result.reserve(words.size() + 1);
  // posix_spawn takes char* for historical reasons and does not write.
  for (const std::string& word : words) result.push_back(const_cast<char*>(word.c_str()));
  result.push_back(nullptr);
  return result;
}

// The attributes are the same for every child: made once.
const posix_spawnattr_t* attributes() {
  static const posix_spawnattr_t* const made = [] {
    static posix_spawnattr_t attr;
    posix_spawnattr_init(&attr);
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawnattr_setsigdefault(&attr, &all);
    posix_spawnattr_setpgroup(&attr, 0);
    posix_spawnattr_setflags(
        &attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    return &attr;
  }();
  return made;
}

bool is_program(const std::string& file) {
  struct stat info {};
  return stat(file.c_str(), &info) == 0 && S_ISREG(info.st_mode) && access(file.c_str(), X_OK) == 0;
}

std::string_view name_of(std::string_view variable) {
  return variable.substr(0, variable.find('='));
}

}  // namespace

SpawnResult spawn_process(const std::string& program,
                          const std::vector<std::string>& argv,
                          const Environment& environment,
                          const std::string& directory,
                          const SpawnFiles& files) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, files.input, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, files.output, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, files.output, STDERR_FILENO);
  if (!directory.empty()) posix_spawn_file_actions_addchdir_np(&actions, directory.c_str());
  const std::vector<char*> environ_words = pointers(environment);
  SpawnResult result;
  result.error = posix_spawn(&result.pid,
                             program.c_str(),
                             &actions,
                             attributes(),
                             pointers(argv).data(),
                             environ_words.data());
  if (result.error == ENOEXEC) {
    std::vector<std::string> shell{"/bin/sh", program};
    shell.insert(shell.end(), argv.begin() + 1, argv.end());
    result.error = posix_spawn(&result.pid,
                               "/bin/sh",
                               &actions,
                               attributes(),
                               pointers(shell).data(),
                               environ_words.data());
  }
  posix_spawn_file_actions_destroy(&actions);
  return result;
}

std::string search_program(const std::string& name, const std::string& path) {
  // With a slash it is relative to the working directory of the child: left to the kernel.
  if (name.find('/') != std::string::npos) return name;
  std::size_t begin = 0;
  while (begin <= path.size()) {
    const std::size_t end = std::min(path.find(':', begin), path.size());
    std::string file = path.substr(begin, end - begin);
    // An empty entry means the working directory, which would be the data's: never searched.
    if (!file.empty()) {
      file += '/';
      file += name;
      if (is_program(file)) return file;
    }
    begin = end + 1;
  }
  return {};
}

std::optional<std::string> value_of(const Environment& environment, std::string_view name) {
  for (const std::string& variable : environment) {
    if (name_of(variable) == name) return variable.substr(name.size() + 1);
  }
  return std::nullopt;
}

Environment merge_environment(const Environment& extra, const Environment& base) {
  Environment merged = extra;
  merged.reserve(extra.size() + base.size());
  for (const std::string& variable : base) {
    const bool hidden = std::any_of(extra.begin(), extra.end(), [&](const std::string& other) {
      return name_of(other) == name_of(variable);
    });
    if (!hidden) merged.push_back(variable);
  }
  return merged;
}

}  // namespace wfr
