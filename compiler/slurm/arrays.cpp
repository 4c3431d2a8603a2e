// Cuts every family's blocks into job arrays.
#include "compiler/slurm/arrays.hpp"

#include "compiler/graph/depths.hpp"
#include "compiler/slurm/chunks.hpp"
#include "compiler/slurm/limit_share.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

namespace wfc {
namespace {

using wfr::nodes_of_blocks;
using wfr::Range;

void append_block(std::vector<Range>& ranges, std::uint32_t block) {
  if (!ranges.empty() && ranges.back().end == block) {
    ++ranges.back().end;
  } else {
    ranges.push_back({block, block + 1});
  }
}

// The part of `ranges` inside `window`, counted from the window's begin.
std::vector<Range> cut(const std::vector<Range>& ranges, Range window) {
  std::vector<Range> inside;
  auto range = std::partition_point(ranges.begin(), ranges.end(), [&](const Range& earlier) {
    return earlier.end <= window.begin;
  });
  for (; range != ranges.end() && range->begin < window.end; ++range) {
    inside.push_back({std::max(range->begin, window.begin) - window.begin,
                      std::min(range->end, window.end) - window.begin});
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

// The verdict and the finalizers are numbered on after the families.
std::size_t numbered_scripts(const wfr::Plan& plan) {
  const auto finalizers = std::count_if(plan.order.begin(), plan.order.end(), [&](wfr::StepId id) {
    return plan.step(id).finalizer != wfr::FinalizerKind::None;
  });
  return plan.families.size() + 1 + static_cast<std::size_t>(finalizers);
}

using Chunks = std::vector<std::vector<Range>>;  // by block map

Chunks cut_maps(const Workflow& workflow, const wfr::Plan& plan, const Split& split) {
  // The highest index is one less than MaxArraySize.
  const auto most = static_cast<std::uint32_t>(
      std::clamp<std::uint64_t>(workflow.site.max_array_size, 1, std::uint64_t{1} << 31U));
  Chunks chunks;
  for (const wfr::BlockMap& map : plan.maps) {
    // What pairs tie together lies in several directories of the split.
    const Split own = map.order.empty() ? split : Split{};
    chunks.push_back(chunks_of(map, most, split_points(plan.graph.tree, map.nodes, own)));
  }
  return chunks;
}

}  // namespace

std::string numbered_name(std::size_t position, std::size_t of, const std::string& name) {
  const std::size_t digits = std::max<std::size_t>(2, fmt::formatted_size("{}", of));
  return fmt::format("{:0{}}-{}", position, digits, file_name_of(name));
}

std::vector<Range> tasks_in_blocks(const wfr::Plan& plan,
                                   const wfr::BlockMap& map,
                                   wfr::StepId step,
                                   Range blocks) {
  const wfr::InstanceSet& set = plan.graph.tasks(step);
  std::vector<Range> tasks;
  for (const Range& nodes : nodes_of_blocks(map, blocks)) {
    tasks.push_back(set.tasks_in(plan.graph.tree.descendants(map.level, nodes, set.level)));
  }
  wfr::join_ranges(tasks);
  return tasks;
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

std::vector<Range> tasks_of(const wfr::Plan& plan, const wfr::JobArray& array, wfr::StepId step) {
  const wfr::BlockMap& map = plan.maps[plan.families[wfr::index_of(array.family)].block_map];
  if (!array.depth) return tasks_in_blocks(plan, map, step, block_span(array));
  std::vector<Range> tasks;
  for (const Range& range : array.indices) {
    const std::vector<Range> some = tasks_in_blocks(
        plan, map, step, {array.first_block + range.begin, array.first_block + range.end});
    tasks.insert(tasks.end(), some.begin(), some.end());
  }
  wfr::join_ranges(tasks);
  return tasks;
}

namespace {

// An array a depth, or several where one would be too long or go beyond one of `points`. `like` has
// what is the same for all.
void add_depths(const Workflow& workflow,
                const wfr::Plan& plan,
                const std::vector<std::uint32_t>& depths,
                const std::vector<std::uint32_t>& points,
                const wfr::JobArray& like,
                std::vector<wfr::JobArray>& arrays) {
  const auto most = static_cast<std::uint32_t>(
      std::clamp<std::uint64_t>(workflow.site.max_array_size, 1, std::uint64_t{1} << 31U));
  const wfr::Family& family = plan.families[wfr::index_of(like.family)];
  const std::uint32_t at_once = jobs_at_once(workflow, plan, family);
  const std::vector<DepthArray> parts = depth_arrays(depths, most, points);
  const std::size_t begin = arrays.size();
  std::size_t before = begin;  // the first array of the depth before
  std::size_t first = begin;   // and of this one
  for (std::size_t i = 0; i < parts.size(); ++i) {
    wfr::JobArray array = like;
    array.depth = true;
    array.indices = parts[i].blocks;
    if (array.indices.size() == 1) {
      // Equal indices are equal positions without a table too.
      array.first_block = array.indices.front().begin;
      array.indices = {{0, array.indices.front().size()}};
    }
    if (i > 0) array.name = fmt::format("{}.{}", like.name, i);
    if (i > 0 && parts[i].depth != parts[i - 1].depth) before = std::exchange(first, arrays.size());
    // A limit counts over all arrays that may run at one time: then only one depth does.
    for (std::size_t on = before; at_once > 0 && on < first; ++on) {
      array.after.push_back({wfr::Dep::AfterAny, static_cast<wfr::ArrayId>(on)});
    }
    arrays.push_back(std::move(array));
    const bool last = i + 1 == parts.size() || parts[i + 1].depth != parts[i].depth;
    if (last) share_limit(at_once, first, arrays);
  }
}

}  // namespace

std::vector<wfr::JobArray> make_arrays(const Workflow& workflow,
                                       const wfr::Plan& plan,
                                       const Split& split) {
  std::vector<wfr::JobArray> arrays;
  const Chunks chunks = cut_maps(workflow, plan, split);
  const std::size_t scripts = numbered_scripts(plan);
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
    const auto depths = pairs_of_blocks(plan.graph, map, family.steps).depths;
    if (!depths) throw std::logic_error("jobs of one step wait for each other in a cycle");
    if (!depths->empty()) {
      std::vector<std::uint32_t> points;
      if (split.level) {
        for (const Range& chunk : chunks[family.block_map]) points.push_back(chunk.begin);
      }
      add_depths(workflow, plan, *depths, points, array, arrays);
      continue;
    }
    const std::vector<Range> work = blocks_with_work(plan, family);
    const std::string stem = array.name;
    const std::size_t first = arrays.size();
    for (std::size_t chunk = 0; chunk < chunks[family.block_map].size(); ++chunk) {
      const Range blocks = chunks[family.block_map][chunk];
      array.indices = cut(work, blocks);
      array.first_block = blocks.begin;
      array.name = chunk == 0 ? stem : fmt::format("{}.{}", stem, chunk);
      if (!array.indices.empty()) arrays.push_back(array);
    }
    share_limit(jobs_at_once(workflow, plan, family), first, arrays);
  }
  return arrays;
}

}  // namespace wfc
