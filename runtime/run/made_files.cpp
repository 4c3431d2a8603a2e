// Lists of records, compared with patterns.
#include "runtime/run/made_files.hpp"

#include "runtime/plan/expand_template.hpp"
#include "runtime/run/ownership.hpp"
#include "runtime/run/paths.hpp"

#include <algorithm>

namespace wfr {

std::optional<std::vector<std::string>> MadeFiles::of(const OutputPath& output) {
  if (plan_.step(output.task.step).in_scratch) return std::nullopt;
  const Slot slot = slots_.of(output.task.step).read(output.task.index);
  if (slot.verdict != Verdict::Done) return std::nullopt;
  const std::vector<std::string> owned = owned_paths(slots_.records(), slot);
  if (owned.empty()) return std::nullopt;
  const std::string directory = task_directory(plan_, output.task);
  std::vector<std::string> files;
  for (const std::string& name : owned) {
    // Takes the '/' of a directory off.
    std::string path = join_path(directory, name);
    // Of a directory that matches, only what is in it may be the task's.
    while (!pattern_matches(output.path, path) && path.find('/', 1) != std::string::npos) {
      path = parent_of(path);
    }
    if (pattern_matches(output.path, path)) files.push_back(std::move(path));
  }
  std::sort(files.begin(), files.end());
  files.erase(std::unique(files.begin(), files.end()), files.end());
  return files;
}

std::optional<std::vector<std::string>> made_matches(const Plan& plan,
                                                     std::uint32_t edge,
                                                     Task reader,
                                                     const std::string& pattern,
                                                     const MadeByGlob& made) {
  if (!made) return std::nullopt;
  const Edge& relation = plan.graph.edges[edge];
  const StepSpec& from = plan.step(relation.from);
  std::vector<std::string> files;
  for (const TaskIndex index : producers(plan.graph, relation, reader.index)) {
    for (const OutputPath& output : task_outputs(plan, {relation.from, index})) {
      std::vector<std::string> own{output.path};
      if (from.outputs[output.spec].kind == OutputKind::Glob) {
        std::optional<std::vector<std::string>> listed = made(output);
        if (!listed) return std::nullopt;
        own = std::move(*listed);
      }
      for (std::string& file : own) {
        if (pattern_matches(pattern, file)) files.push_back(std::move(file));
      }
    }
  }
  std::sort(files.begin(), files.end());
  files.erase(std::unique(files.begin(), files.end()), files.end());
  return files;
}

}  // namespace wfr
