// What outputs are on disk, as one number: paths, sizes and modification times.
#include "runtime/plan/expand.hpp"
#include "runtime/run/file_moves.hpp"
#include "runtime/run/hash.hpp"
#include "runtime/run/outputs.hpp"
#include "runtime/run/paths.hpp"

#include <algorithm>
#include <filesystem>

#include <sys/stat.h>

namespace wfr {
namespace {

namespace fs = std::filesystem;

std::uint64_t mtime_ns(const struct stat& info) {
  return static_cast<std::uint64_t>(info.st_mtim.tv_sec) * 1'000'000'000U +
         static_cast<std::uint64_t>(info.st_mtim.tv_nsec);
}

void add_file(const std::string& name,
              const struct stat& info,
              Hasher& hasher,
              FoundOutputs& found) {
  hasher.add(name).add(static_cast<std::uint64_t>(info.st_size)).add(mtime_ns(info));
  found.bytes += static_cast<std::uint64_t>(info.st_size);
}

// All files below, recursively: a change deep inside a chunked array must show, and the
// directories' own times change only with the entries next to them.
// `owned`: null, or what of it counts.
void add_directory(const std::string& path,
                   const std::string& name,
                   const std::set<std::string>* owned,
                   Hasher& hasher,
                   FoundOutputs& found) {
  std::vector<std::string> files;
  std::error_code error;
  for (fs::recursive_directory_iterator it(path, error), end; !error && it != end;
       it.increment(error)) {
    std::string file = it->path().string();
    const bool counts = owned == nullptr || owned->count(file) > 0 || owned->count(file + "/") > 0;
    if (counts) files.push_back(std::move(file));
  }
  std::sort(files.begin(), files.end());
  hasher.add(name).add(files.size());
  found.files.push_back(path + "/");
  for (const std::string& file : files) {
    struct stat info {};
    if (lstat(file.c_str(), &info) != 0) continue;
    const std::string inner = file.substr(path.size());
    if (S_ISDIR(info.st_mode)) {
      hasher.add(inner);
      found.files.push_back(file + "/");
    } else {
      found.files.push_back(file);
      add_file(inner, info, hasher, found);
    }
  }
}

std::vector<std::string> owned_matches(const TaskOutput& output,
                                       const std::set<std::string>& owned) {
  std::vector<std::string> found = glob_matches(output);
  found.erase(std::remove_if(found.begin(),
                             found.end(),
                             [&](const std::string& path) {
                               return owned.count(is_directory(path) ? path + "/" : path) == 0;
                             }),
              found.end());
  return found;
}

}  // namespace

FoundOutputs find_outputs(
    const Plan& plan, const std::string& root, Task task, const Slot& slot, LogReader& records) {
  const std::vector<TaskOutput> declared = declared_outputs(plan, root, task);
  const bool glob = std::any_of(declared.begin(), declared.end(), [](const TaskOutput& output) {
    return output.kind == OutputKind::Glob;
  });
  if (!glob) return find_outputs(root, declared, std::set<std::string>{});
  const OwnedFiles own = owned_files(records, slot, below(root, task_directory(plan, task)));
  return find_outputs(root, declared, own.paths);
}

FoundOutputs find_outputs(const std::string& root,
                          const std::vector<TaskOutput>& outputs,
                          const std::set<std::string>& owned) {
  FoundOutputs found;
  Hasher hasher;
  for (const TaskOutput& output : outputs) {
    std::vector<std::string> paths{output.path};
    const bool glob = output.kind == OutputKind::Glob;
    if (glob) paths = owned_matches(output, owned);
    if (paths.empty()) {
      found.missing = output.relative;
      return found;
    }
    for (const std::string& path : paths) {
      struct stat info {};
      const bool there = stat(path.c_str(), &info) == 0;
      const bool directory = S_ISDIR(info.st_mode);
      if (!there || (output.kind == OutputKind::Directory) != directory) {
        // A glob may match directories: they count as entries.
        if (!glob || !directory) {
          found.missing = output.relative;
          return found;
        }
      }
      const bool inside = path.size() > root.size() && path.compare(0, root.size(), root) == 0;
      const std::string name = inside ? path.substr(root.size() + 1) : path;
      if (S_ISDIR(info.st_mode)) {
        add_directory(path, name, glob ? &owned : nullptr, hasher, found);
      } else {
        found.files.push_back(path);
        add_file(name, info, hasher, found);
      }
    }
  }
  std::sort(found.files.begin(), found.files.end());
  found.fingerprint = hasher.digest();
  return found;
}

}  // namespace wfr
