// The key of one task: the step's parts, its columns, its producers and what it reads.
#include "runtime/run/key.hpp"

#include "runtime/plan/expand.hpp"
#include "runtime/run/attempt.hpp"
#include "runtime/run/content_digests.hpp"
#include "runtime/run/hash.hpp"
#include "runtime/run/job.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace wfr {
namespace {

constexpr std::size_t kMostInputParts = 16;
const ContentOf kTimes;

// How many bytes of `name` are directories that the task's own lies in: "day1/" of
// "day1/ref/x.fa" for a task in "day1/s2".
std::size_t common_directory(const std::string& name, const std::string& directory) {
  std::size_t common = 0;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const bool same = i < directory.size() ? name[i] == directory[i] : name[i] == '/';
    if (!same) break;
    if (name[i] == '/') common = i + 1;
    if (i >= directory.size()) break;
  }
  return common;
}

}  // namespace

KeyMaker::KeyMaker(const Plan& plan, const std::filesystem::path& out_dir)
    : plan_(plan),
      content_(content_of(out_dir.empty() ? out_dir : out_dir / "state")),
      uses_(plan, job_places(plan, out_dir).workflow_dir, content_) {
  for (const StepSpec& step : plan.steps) {
    step_parts_.push_back(step_key_parts(plan.graph.tree, step));
    step_uses_.push_back(used_columns(plan.graph.tree, step));
  }
}

void KeyMaker::add_columns(Task task, std::vector<KeyPart>& parts) const {
  const InstanceSet& set = plan_.graph.tasks(task.step);
  const Ordinal node = set.node_at(task.index);
  const Tree& tree = plan_.graph.tree;
  for (const UsedColumn& used : step_uses_[index_of(task.step)]) {
    const Names& values = tree.level(used.level).columns[used.column].values;
    KeyPart part{used.what, 0, 0, ""};
    Hasher hasher;
    if (tree.is_at_or_above(used.level, set.level)) {
      const std::string_view value = values.at(tree.ancestor(set.level, node, used.level));
      hasher.add(value);
      part.value = value;
    } else {
      // An output for each directory below.
      const Range below = tree.descendants(set.level, {node, node + 1}, used.level);
      for (Ordinal at = below.begin; at < below.end; ++at) hasher.add(values.at(at));
    }
    part.digest = hasher.digest().low;
    parts.push_back(std::move(part));
  }
}

PathState KeyMaker::look_at(const OutsideInput& input, const std::string& directory) const {
  const PathLook look = input.look.there ? input.look : look_at_path(input.path);
  if (!look.there) return {};
  const struct stat& info = look.info;
  const ContentOf& content = input.content ? content_ : kTimes;
  // Outside the root the way is what the workflow says.
  const std::string base = input.name.starts_with('/') ? input.path : "";
  if (input.content) {
    return S_ISDIR(info.st_mode) ? directories_.of(input.path, info, content, base)
                                 : state_of(input.path, info, content);
  }
  std::string links = look.link ? link_texts(input.path) : "";
  // Links above the task's directory, as of data that were moved to another disk, tell nothing.
  if (!input.name.starts_with('/') && input.path.size() >= input.name.size()) {
    const std::size_t root = input.path.size() - input.name.size();
    links +=
        directories_.links_on_the_way(input.path, root + common_directory(input.name, directory));
  }
  PathState state = S_ISDIR(info.st_mode) ? directories_.of(input.path, info, kTimes, base)
                                          : state_of(input.path, info);
  if (!links.empty()) state.digest = Hasher().add(state.digest).add(links).digest();
  return state;
}

void KeyMaker::add_inputs(Task task,
                          const std::vector<OutsideInput>& inputs,
                          std::vector<KeyPart>& parts) const {
  const std::string directory = task_directory(plan_, task);
  const bool together = inputs.size() > kMostInputParts;
  Hasher digest;
  Hasher sizes;
  for (const OutsideInput& input : inputs) {
    const PathState state = look_at(input, directory);
    Hasher one;
    Hasher one_sizes;
    one.add(input.name).add(state.there ? 1 : 0).add(state.digest);
    one_sizes.add(input.name).add(state.there ? 1 : 0).add(state.sizes);
    if (together) {
      digest.add(one.digest());
      sizes.add(one_sizes.digest());
    } else {
      parts.push_back({"input `" + input.name + "`", one.digest().low, one_sizes.digest().low, ""});
    }
  }
  if (!together) return;
  parts.push_back({fmt::format("inputs ({} files)", inputs.size()),
                   digest.digest().low,
                   sizes.digest().low,
                   ""});
}

TaskKey KeyMaker::make(Task task,
                       const std::vector<ProducerDigest>& producers,
                       const std::vector<OutsideInput>& inputs) const {
  TaskKey result;
  result.parts = step_parts_[index_of(task.step)];
  const Hasher names = Hasher().add(task_directory(plan_, task));
  result.parts.push_back({"names", names.digest().low, 0, ""});
  add_columns(task, result.parts);
  uses_.add_parts(task, result.parts);
  for (const ProducerDigest& producer : producers) {
    result.parts.push_back(
        {"step `" + plan_.step(producer.step).name + "`", producer.digest.low, 0, ""});
  }
  add_inputs(task, inputs, result.parts);
  Hasher whole;
  for (const KeyPart& one : result.parts) whole.add(one.what).add(one.digest);
  result.key = whole.digest();
  return result;
}

}  // namespace wfr
