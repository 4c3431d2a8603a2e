// What outputs are on disk, as one number: paths, sizes and modification times.
#include "runtime/plan/expand.hpp"
#include "runtime/run/content_digests.hpp"
#include "runtime/run/file_moves.hpp"
#include "runtime/run/hash.hpp"
#include "runtime/run/outputs.hpp"
#include "runtime/run/path_state.hpp"
#include "runtime/run/paths.hpp"

#include <algorithm>

#include <sys/stat.h>

namespace wfr {
namespace {

std::vector<std::string> owned_matches(const TaskOutput& output,
                                       const std::set<std::string>& owned) {
  std::vector<std::string> found = glob_matches(output);
  found.erase(std::remove_if(found.begin(),
                             found.end(),
                             [&](const std::string& path) {
                               return is_directory(path) ? !has_below(owned, path + "/") &&
                                                               owned.count(path + "/") == 0
                                                         : owned.count(path) == 0;
                             }),
              found.end());
  return found;
}

}  // namespace

FoundOutputs find_outputs(const Plan& plan,
                          const std::string& root,
                          Task task,
                          const Slot& slot,
                          LogReader& records,
                          const ContentOf& content) {
  const std::vector<TaskOutput> declared = declared_outputs(plan, root, task);
  const bool glob = std::any_of(declared.begin(), declared.end(), [](const TaskOutput& output) {
    return output.kind == OutputKind::Glob;
  });
  if (!glob) return find_outputs(root, declared, std::set<std::string>{}, content);
  const OwnedFiles own = owned_files(records, slot, below(root, task_directory(plan, task)));
  return find_outputs(root, declared, own.paths, content);
}

FoundOutputs find_outputs(const std::string& root,
                          const std::vector<TaskOutput>& outputs,
                          const std::set<std::string>& owned,
                          const ContentOf& content) {
  const ContentOf times;
  const ContentOf own = content ? content : content_of({});
  FoundOutputs found;
  Hasher fingerprint;
  Hasher sizes;
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
      const bool directory = there && S_ISDIR(info.st_mode);
      // A glob may match directories: they count with what is in them.
      const bool fits = glob || (output.kind == OutputKind::Directory) == directory;
      if (!there || !fits) {
        found.missing = output.relative;
        return found;
      }
      const bool inside = path.size() > root.size() && path.compare(0, root.size(), root) == 0;
      const std::string name = inside ? path.substr(root.size() + 1) : path;
      const PathState state =
          state_of(path, info, output.content ? own : times, &found.files, glob ? &owned : nullptr);
      fingerprint.add(name).add(state.digest);
      sizes.add(name).add(state.sizes);
      found.bytes += state.bytes;
    }
  }
  std::sort(found.files.begin(), found.files.end());
  found.fingerprint = fingerprint.digest();
  found.sizes = sizes.digest();
  return found;
}

}  // namespace wfr
