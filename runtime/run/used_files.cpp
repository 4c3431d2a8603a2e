// Paths of used files expanded for a task, and their contents.
#include "runtime/run/used_files.hpp"

#include "runtime/plan/expand.hpp"
#include "runtime/plan/expand_template.hpp"
#include "runtime/run/hash.hpp"
#include "runtime/run/paths.hpp"
#include "runtime/run/posix_processes.hpp"

#include <set>
#include <system_error>

#include <fmt/format.h>

namespace wfr {
namespace {

constexpr std::int64_t kFresh = 1'000'000'000;
constexpr std::size_t kMostParts = 16;

std::string pattern_of(const Plan& plan, const UseSpec& use, Task task) {
  const InstanceSet& set = plan.graph.tasks(task.step);
  return expand_use(plan.graph.tree, use, set.level, set.node_at(task.index));
}

}  // namespace

std::string missing_use(const Plan& plan, Task task, const std::string& workflow_dir) {
  const StepSpec& step = plan.step(task.step);
  for (const UseSpec& use : step.uses) {
    if (!use.listed) continue;
    const std::string path = pattern_of(plan, use, task);
    if (use.glob) {
      if (!resolve_glob(workflow_dir, path).empty()) continue;
      return "no file matches `" + path + "`, which step `" + step.name + "` uses";
    }
    const std::string absence = absence_of(below(workflow_dir, path));
    if (!absence.empty()) {
      return "`" + path + "`, which step `" + step.name + "` uses, " + absence;
    }
  }
  return {};
}

UsedFiles::UsedFiles(const Plan& plan, std::string workflow_dir, ContentOf content)
    : plan_(plan), workflow_dir_(std::move(workflow_dir)), content_(std::move(content)) {}

UsedFiles::Seen UsedFiles::look_at(const std::string& path) const {
  const std::int64_t now = monotonic_ns();
  {
    const std::scoped_lock lock(mutex_);
    const auto known = seen_.find(path);
    if (known != seen_.end() && now - known->second.looked_ns < kFresh) return known->second;
  }
  Seen seen{now, false, {}};
  struct stat info {};
  const std::string whole = below(workflow_dir_, path);
  if (stat(whole.c_str(), &info) == 0 && S_ISREG(info.st_mode)) {
    seen.file = true;
    seen.digest = content_(whole, info);
  }
  const std::scoped_lock lock(mutex_);
  seen_.insert_or_assign(path, seen);
  return seen;
}

std::vector<std::string> UsedFiles::files_of(const UseSpec& use, Task task) const {
  const std::string path = pattern_of(plan_, use, task);
  if (!use.glob) return {path};
  const std::int64_t now = monotonic_ns();
  const std::scoped_lock lock(mutex_);
  const auto known = globs_.find(path);
  if (known != globs_.end() && now - known->second.first < kFresh) return known->second.second;
  std::vector<std::string> files = resolve_glob(workflow_dir_, path);
  globs_.insert_or_assign(path, std::pair{now, files});
  return files;
}

void UsedFiles::add_parts(Task task, std::vector<KeyPart>& parts) const {
  const std::vector<UseSpec>& uses = plan_.step(task.step).uses;
  if (uses.empty()) return;
  std::set<std::string> paths;
  for (const UseSpec& use : uses) {
    for (std::string& path : files_of(use, task)) paths.insert(std::move(path));
  }
  Hasher together;
  std::vector<KeyPart> own;
  for (const std::string& path : paths) {
    const Seen seen = look_at(path);
    // A word of a command that is no file: a directory, or what the command makes.
    if (!seen.file) continue;
    together.add(path).add(seen.digest);
    own.push_back({"`" + path + "`", seen.digest.low, 0, ""});
  }
  if (own.size() > kMostParts) {
    own = {{fmt::format("uses ({} files)", own.size()), together.digest().low, 0, ""}};
  }
  parts.insert(parts.end(), own.begin(), own.end());
}

}  // namespace wfr
