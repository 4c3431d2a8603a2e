// Cuts every family's blocks into job arrays.
#include "compiler/slurm/arrays.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace wfc {
namespace {

using wfr::Range;

void append_block(std::vector<Range>& ranges, std::uint32_t block) {
  if (!ranges.empty() && ranges.back().end == block) {
    ++ranges.back().end;
  } else {
    ranges.push_back({block, block + 1});
  }
}

Range nodes_of_blocks(const wfr::BlockMap& map, Range blocks) {
  if (blocks.empty()) return {0, 0};
  const std::uint32_t first = map.begin.empty() ? blocks.begin : map.begin[blocks.begin];
  const std::uint32_t last = (map.begin.empty() ? blocks.end : map.begin[blocks.end]) - 1;
  return {map.nodes.node_at(first), map.nodes.node_at(last) + 1};
}

// The part of `ranges` inside `window`, counted from the window's begin.
std::vector<Range> cut(const std::vector<Range>& ranges, Range window) {
  std::vector<Range> inside;
  for (const Range& range : ranges) {
    const Range part{std::max(range.begin, window.begin), std::min(range.end, window.end)};
    if (!part.empty()) inside.push_back({part.begin - window.begin, part.end - window.begin});
  }
  return inside;
}

// A step name may hold any character that TOML allows; a file name may not.
std::string file_name_of(const std::string& step) {
  std::string name;
  for (const char c : step) {
    const bool safe = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '_' || c == '-';
    name += safe ? c : '_';
  }
  return name;
}

std::string family_name(const wfr::Plan& plan, const wfr::Family& family) {
  std::string first = file_name_of(plan.step(family.steps.front()).name);
  if (family.steps.size() == 1) return first;
  return first + "-to-" + file_name_of(plan.step(family.steps.back()).name);
}

// Tasks of a step that one job runs at once, at most.
std::uint32_t tasks_at_once(const wfr::Plan& plan, const wfr::Family& family, wfr::StepId id) {
  const wfr::BlockMap& map = plan.maps[family.block_map];
  const wfr::ResourceSpec& asked = plan.step(id).resources;
  if (map.begin.empty() && plan.graph.tasks(id).level == map.level) return 1;
  std::uint64_t most = family.job.cpus / std::max(asked.cpus, 1U);
  // A site that gives memory by cpus gives more of them than the family asks for.
  if (asked.mem_mb > 0) most = std::max(most, family.job.mem_mb / asked.mem_mb);
  return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(most, 1, plan.step(id).limit));
}

// The smallest number of jobs that any step's limit allows: each job keeps the limit for itself.
std::uint32_t limit_of(const wfr::Plan& plan, const wfr::Family& family) {
  std::uint32_t limit = 0;
  for (const wfr::StepId id : family.steps) {
    if (plan.step(id).limit == 0) continue;
    const std::uint32_t jobs = plan.step(id).limit / tasks_at_once(plan, family, id);
    if (limit == 0 || jobs < limit) limit = jobs;
  }
  return limit;
}

}  // namespace

std::string numbered_name(std::size_t position, std::size_t of, const std::string& name) {
  const std::size_t digits = std::max<std::size_t>(2, fmt::formatted_size("{}", of));
  return fmt::format("{:0{}}-{}", position, digits, file_name_of(name));
}

Range tasks_in_blocks(const wfr::Plan& plan,
                      const wfr::BlockMap& map,
                      wfr::StepId step,
                      Range blocks) {
  const wfr::InstanceSet& tasks = plan.graph.tasks(step);
  if (blocks.empty()) return {0, 0};
  return tasks.tasks_in(
      plan.graph.tree.descendants(map.level, nodes_of_blocks(map, blocks), tasks.level));
}

std::vector<Range> blocks_with_work(const wfr::Plan& plan, const wfr::Family& family) {
  const wfr::BlockMap& map = plan.maps[family.block_map];
  const std::uint32_t blocks = map.blocks();
  // The usual case, without a look at each block: a step with a task at every node of the map.
  for (const wfr::StepId id : family.steps) {
    const wfr::InstanceSet& tasks = plan.graph.tasks(id);
    if (tasks.level == map.level && tasks.count == map.nodes.count && blocks > 0) {
      return {{0, blocks}};
    }
  }
  std::vector<Range> ranges;
  for (std::uint32_t block = 0; block < blocks; ++block) {
    const bool work = std::any_of(family.steps.begin(), family.steps.end(), [&](wfr::StepId id) {
      return !tasks_in_blocks(plan, map, id, {block, block + 1}).empty();
    });
    if (work) append_block(ranges, block);
  }
  return ranges;
}

Range block_span(const wfr::JobArray& array) {
  if (array.indices.empty()) return {array.first_block, array.first_block};
  return {array.first_block + array.indices.front().begin,
          array.first_block + array.indices.back().end};
}

std::vector<wfr::JobArray> make_arrays(const wfr::Plan& plan, std::uint64_t max_array_size) {
  std::vector<wfr::JobArray> arrays;
  // The highest index is one less than MaxArraySize.
  const auto chunk = static_cast<std::uint32_t>(
      std::clamp<std::uint64_t>(max_array_size, 1, std::uint64_t{1} << 31U));
  // The verdict and the finalizers are numbered on after the families.
  const auto finalizers = static_cast<std::size_t>(
      std::count_if(plan.order.begin(), plan.order.end(), [&](wfr::StepId id) {
        return plan.step(id).finalizer != wfr::FinalizerKind::None;
      }));
  const std::size_t scripts = plan.families.size() + 1 + finalizers;
  for (std::size_t f = 0; f < plan.families.size(); ++f) {
    const wfr::Family& family = plan.families[f];
    const wfr::BlockMap& map = plan.maps[family.block_map];
    wfr::JobArray array;
    array.family = static_cast<wfr::FamilyId>(f);
    array.name = numbered_name(f + 1, scripts, family_name(plan, family));
    if (map.level == wfr::kRootLevel && map.blocks() == 1) {
      array.plain = true;
      array.indices = {{0, 1}};
      arrays.push_back(std::move(array));
      continue;
    }
    const std::vector<Range> work = blocks_with_work(plan, family);
    const std::string stem = array.name;
    array.limit = limit_of(plan, family);
    for (std::uint32_t first = 0; first < map.blocks(); first += chunk) {
      const std::uint32_t end = first + std::min(chunk, map.blocks() - first);
      array.indices = cut(work, {first, end});
      array.first_block = first;
      array.name = first == 0 ? stem : fmt::format("{}.{}", stem, first / chunk);
      if (!array.indices.empty()) arrays.push_back(array);
    }
  }
  return arrays;
}

}  // namespace wfc
