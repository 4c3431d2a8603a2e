// A plan that was read is believed only after these checks: every id names something, every array
// has the length that its neighbours imply.
#include "runtime/plan/expand.hpp"
#include "runtime/plan/output_path.hpp"
#include "runtime/plan/plan_head.hpp"
#include "runtime/plan/rungs.hpp"

#include <algorithm>
#include <bit>
#include <string>

namespace wfr {
namespace {

void require(bool good, const std::string& what) {
  if (!good) throw PlanError("damaged plan: " + what);
}

// n ranges end to end: begin has n + 1 entries, from 0 to `last`.
template <class T>
bool spans(std::span<const T> begin, std::uint64_t n, std::uint64_t last) {
  return begin.size() == n + 1 && begin.front() == 0 && begin.back() == last;
}

void check_names(const Names& names, std::uint32_t count, const std::string& what) {
  require(spans(names.begin, count, names.bytes.size()), what);
}

const ChildRanges* find_children(const Level& level, LevelId child) {
  const auto found = std::find_if(level.children.begin(),
                                  level.children.end(),
                                  [&](const ChildRanges& c) { return c.child == child; });
  return found == level.children.end() ? nullptr : &*found;
}

void check_level(const Tree& tree, std::size_t index) {
  const Level& level = tree.levels[index];
  const LevelId id{static_cast<std::uint16_t>(index)};
  const std::string what = "level `" + level.name + "`";
  require(!level.names.begin.empty() && level.names.begin.size() <= kNone, what + " has no names");
  check_names(level.names, level.size(), what + " has broken names");
  for (const Column& column : level.columns) {
    check_names(column.values, level.size(), what + " has a broken column `" + column.name + "`");
  }
  for (const ChildRanges& children : level.children) {
    require(index_of(children.child) < tree.levels.size() && children.child != id,
            what + " has an unknown child level");
    const Level& child = tree.level(children.child);
    require(child.under == id && spans(children.begin, level.size(), child.size()),
            what + " has broken child ranges");
  }
  if (index == 0) {
    require(level.under == kRootLevel && level.size() == 1, "the root is not one node");
    return;
  }
  require(level.parent.size() == level.size(), what + " has a broken list of parents");
  require(index_of(level.under) < tree.levels.size(), what + " lies under an unknown level");
  require(find_children(tree.level(level.under), id) != nullptr, what + " is not below its parent");
  // Whoever climbs must arrive at the root.
  LevelId above = level.under;
  for (std::size_t steps = 0; above != kRootLevel; ++steps) {
    require(steps < tree.levels.size() && index_of(above) < tree.levels.size(),
            what + " lies under itself");
    above = tree.level(above).under;
  }
}

void check_set(const Tree& tree, const InstanceSet& set, const std::string& what) {
  require(index_of(set.level) < tree.levels.size(), what + " has an unknown level");
  if (set.bits.empty()) {
    // A step that is not in this plan has an empty set, whatever its level.
    const bool none = set.count == 0 && set.nodes == 0;
    const bool all = set.nodes == tree.level(set.level).size() && set.count == set.nodes;
    require(set.rank.empty() && (none || all), what + " does not cover its level");
    return;
  }
  require(set.nodes == tree.level(set.level).size(), what + " does not fit its level");
  const std::uint64_t words = (std::uint64_t{set.nodes} + 63) / 64;
  require(set.bits.size() == words && spans(set.rank, words, set.count), what + " is broken");
}

// Templates: every piece names a level at or above `lowest`.
struct TemplateCheck {
  const Tree& tree;
  const StepSpec& step;

  void operator()(const Template& value, LevelId lowest, bool path) const {
    for (const Piece& piece : value.pieces) {
      const std::string what = "a template of step `" + step.name + "`";
      const bool in_path =
          piece.kind <= PieceKind::LevelName || piece.kind == PieceKind::LevelColumn;
      require(!path || in_path, what + " may not be in a path");
      switch (piece.kind) {
        case PieceKind::LevelName:
        case PieceKind::LevelDir:
        case PieceKind::LevelColumn:
          require(index_of(piece.level) < tree.levels.size() &&
                      tree.is_at_or_above(piece.level, lowest),
                  what + " names a level that the task does not have");
          require(piece.kind != PieceKind::LevelColumn ||
                      piece.column < tree.level(piece.level).columns.size(),
                  what + " names an unknown column");
          break;
        case PieceKind::Need:
        case PieceKind::NeedOutput:
        case PieceKind::NeedList:
          require(piece.need < step.needs.size(), what + " names an unknown need");
          break;
        default:
          break;
      }
    }
  }
};

void check_step(const Plan& plan, StepId id) {
  const StepSpec& step = plan.step(id);
  const Tree& tree = plan.graph.tree;
  const TemplateCheck check{tree, step};
  const std::string what = "step `" + step.name + "`";
  require(index_of(step.each) < tree.levels.size(), what + " has an unknown level");
  require(plan.graph.tasks(id).level == step.each || plan.graph.tasks(id).count == 0,
          what + " has tasks at another level");
  check(step.run, step.each, false);
  for (const Template& word : step.argv) check(word, step.each, false);
  for (const auto& [key, value] : step.param_templates) check(value, step.each, false);
  for (const InputSpec& input : step.inputs) {
    check(input.path, step.each, true);
    require(input.made_by_edge == kNone || input.made_by_edge < plan.graph.edges.size(),
            what + " has an input of an unknown dependency");
  }
  for (const UseSpec& use : step.uses) check(use.path, step.each, true);
  for (const OutputSpec& output : step.outputs) {
    require(index_of(output.fan) < tree.levels.size() && tree.is_at_or_above(step.each, output.fan),
            what + " has an output of a level that is not below its own");
    check(output.path, output.fan, true);
    const std::string problem = output_path_problem(output.path);
    require(problem.empty(), what + " has an output whose path " + problem);
  }
  for (const NeedSpec& need : step.needs) {
    if (need.edge == kNone) continue;
    require(need.edge < plan.graph.edges.size(), what + " has an unknown need");
    const Edge& edge = plan.graph.edges[need.edge];
    require(edge.from == need.step && edge.to == id, what + " has a need of another step");
  }
}

void check_edges(const Plan& plan) {
  const Tree& tree = plan.graph.tree;
  for (const Edge& edge : plan.graph.edges) {
    require(index_of(edge.from) < plan.steps.size() && index_of(edge.to) < plan.steps.size(),
            "a dependency has an unknown step");
    require(index_of(edge.via) < tree.levels.size() &&
                tree.is_at_or_above(edge.via, plan.step(edge.from).each) &&
                tree.is_at_or_above(edge.via, plan.step(edge.to).each),
            "a dependency has a level below its steps");
    for (const StepId end : {edge.from, edge.to}) {
      const InstanceSet& set = plan.graph.tasks(end);
      require(set.nodes == tree.level(set.level).size() && set.level == plan.step(end).each,
              "a dependency has a step without tasks");
    }
    if (!edge.pairs) continue;
    const auto& [producers, consumers] = *edge.pairs;
    require(spans(producers.begin, plan.graph.tasks(edge.to).count, producers.tasks.size()) &&
                spans(consumers.begin, plan.graph.tasks(edge.from).count, consumers.tasks.size()) &&
                producers.tasks.size() == consumers.tasks.size(),
            "a dependency has broken pairs");
  }
}

void check_order(const Plan& plan) {
  std::vector<bool> seen(plan.steps.size(), false);
  for (const StepId id : plan.order) {
    require(index_of(id) < seen.size() && !seen[index_of(id)], "its order of steps is broken");
    seen[index_of(id)] = true;
  }
}

void check_jobs(const Plan& plan) {
  const Tree& tree = plan.graph.tree;
  for (const BlockMap& map : plan.maps) {
    check_set(tree, map.nodes, "a block map");
    require(map.level == map.nodes.level, "a block map has two levels");
    require(map.begin.empty() || spans(map.begin, map.begin.size() - 1, map.nodes.count),
            "a block map has broken blocks");
    require(map.order.size() == map.block.size() &&
                (map.order.empty() || (map.order.size() == map.nodes.count && !map.begin.empty())),
            "a block map has a broken order");
  }
  for (const Family& family : plan.families) {
    require(family.block_map < plan.maps.size(), "a family has an unknown block map");
    for (const StepId id : family.steps) {
      require(index_of(id) < plan.steps.size() &&
                  tree.is_at_or_above(plan.maps[family.block_map].level, plan.step(id).each),
              "a family has an unknown step or one above its level");
    }
  }
  for (const JobArray& array : plan.arrays) {
    const std::string what = "job array `" + array.name + "`";
    require(index_of(array.family) < plan.families.size(), what + " has an unknown family");
    const std::uint64_t blocks =
        plan.maps[plan.families[index_of(array.family)].block_map].blocks();
    std::uint32_t end = 0;
    for (const Range& range : array.indices) {
      require(end <= range.begin && range.begin < range.end &&
                  std::uint64_t{array.first_block} + range.end <= blocks,
              what + " has indices without a block");
      end = range.end;
    }
    require(array.pass >= 1 && array.pass <= kMostPasses, what + " is of an unknown pass");
    require(!array.repeats() || (array.first_block == 0 && array.indices.size() == 1 &&
                                 array.indices.front().begin == 0),
            what + " is of a later pass, but has not all its blocks");
    for (const Dependency& after : array.after) {
      require(index_of(after.on) < plan.arrays.size(), what + " waits for an unknown one");
    }
  }
}

template <class T>
bool ascending(std::span<const T> values) {
  return std::is_sorted(values.begin(), values.end());
}

// Each node once, ascending in its block, and known by it.
void check_order_of_nodes(const BlockMap& map) {
  if (map.order.empty()) return;
  for (std::uint32_t b = 0; b < map.blocks(); ++b) {
    for (std::uint32_t i = map.begin[b]; i < map.begin[b + 1]; ++i) {
      const bool later = i == map.begin[b] || map.order[i - 1] < map.order[i];
      require(later && map.order[i] < map.block.size() && map.block[map.order[i]] == b,
              "a block map has a broken order");
    }
  }
}

void check_set_bits(const InstanceSet& set, const std::string& what) {
  if (set.bits.empty()) return;
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < set.bits.size(); ++i) {
    require(set.rank[i] == count, what + " is miscounted");
    count += static_cast<std::uint64_t>(std::popcount(set.bits[i]));
  }
  const unsigned used = set.nodes % 64;
  require(count == set.count && (used == 0 || (set.bits.back() >> used) == 0),
          what + " is miscounted");
}

// The rows of the consumers say what the rows of the producers do, each pair once.
void check_pairs(const TaskGraph& graph, const Edge& edge) {
  const std::string what = "a dependency has broken pairs";
  const auto& [producers, consumers] = *edge.pairs;
  const std::uint32_t from_count = graph.tasks(edge.from).count;
  require(ascending(producers.begin) && ascending(consumers.begin), what);
  // Consumers are met in ascending order: each is the next of its producer's row.
  std::vector<std::uint32_t> next(consumers.begin.begin(), consumers.begin.end() - 1);
  for (std::uint32_t task = 0; task < graph.tasks(edge.to).count; ++task) {
    for (const TaskIndex producer : producers.row(task)) {
      require(producer < from_count && next[producer] < consumers.begin[producer + 1] &&
                  consumers.tasks[next[producer]] == task &&
                  (next[producer] == consumers.begin[producer] ||
                   consumers.tasks[next[producer] - 1] < task),
              what);
      ++next[producer];
      const InstanceSet& from = graph.tasks(edge.from);
      const InstanceSet& to = graph.tasks(edge.to);
      require(graph.tree.ancestor(from.level, from.node_at(producer), edge.via) ==
                  graph.tree.ancestor(to.level, to.node_at(task), edge.via),
              "a dependency has a pair that leaves its level");
    }
  }
}

// Names are bytes that cannot leave their directory.
void check_name_bytes(const Level& level) {
  for (std::uint32_t i = 0; i < level.size(); ++i) {
    const std::string_view name = level.names.at(i);
    const bool good = !name.empty() && name != "." && name != ".." &&
                      name.find('/') == std::string_view::npos &&
                      name.find('\0') == std::string_view::npos;
    require(good, "level `" + level.name + "` has a name that is not a path component");
  }
}

// Values of a sample sheet in the paths of outputs lead out of no task's directory.
void check_output_values(const Plan& plan, StepId id) {
  const StepSpec& step = plan.step(id);
  const Tree& tree = plan.graph.tree;
  const InstanceSet& tasks = plan.graph.tasks(id);
  if (tasks.count == 0) return;
  for (const OutputSpec& output : step.outputs) {
    const bool has_value =
        std::any_of(output.path.pieces.begin(), output.path.pieces.end(), [](const Piece& piece) {
          return piece.kind == PieceKind::LevelColumn;
        });
    for (Ordinal node = 0; has_value && node < tree.level(output.fan).size(); ++node) {
      if (!tasks.contains(tree.ancestor(output.fan, node, tasks.level))) continue;
      const std::string problem =
          output_path_problem(expand_path(tree, output.path, output.fan, node));
      require(problem.empty(), "step `" + step.name + "` has an output whose path " + problem);
    }
  }
}

}  // namespace

void check_plan(const Plan& plan) {
  const Tree& tree = plan.graph.tree;
  require(!tree.levels.empty() && tree.levels.size() <= 0xffff, "it has no levels");
  for (std::size_t i = 0; i < tree.levels.size(); ++i) check_level(tree, i);
  require(plan.graph.instances.size() == plan.steps.size(), "steps and task sets differ in number");
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    check_set(tree, plan.graph.instances[i], "the task set of step `" + plan.steps[i].name + "`");
    require(index_of(plan.steps[i].each) < tree.levels.size(), "a step has an unknown level");
  }
  check_edges(plan);
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    check_step(plan, StepId{static_cast<std::uint32_t>(i)});
  }
  check_order(plan);
  check_jobs(plan);
}

void check_plan_arrays(const Plan& plan) {
  const Tree& tree = plan.graph.tree;
  for (std::size_t i = 0; i < tree.levels.size(); ++i) {
    const Level& level = tree.levels[i];
    const std::string what = "level `" + level.name + "`";
    require(ascending(level.names.begin), what + " has broken names");
    for (const Column& column : level.columns) {
      require(ascending(column.values.begin), what + " has a broken column");
    }
    for (const ChildRanges& children : level.children) {
      require(ascending(children.begin), what + " has broken child ranges");
    }
    if (i == 0) continue;
    check_name_bytes(level);
    const ChildRanges* ranges =
        find_children(tree.level(level.under), LevelId{static_cast<std::uint16_t>(i)});
    for (std::uint32_t node = 0; node < level.size(); ++node) {
      const Ordinal parent = level.parent[node];
      require(parent < tree.level(level.under).size() && ranges->begin[parent] <= node &&
                  node < ranges->begin[parent + 1],
              what + " has a node below another parent");
    }
  }
  for (const InstanceSet& set : plan.graph.instances) check_set_bits(set, "a task set");
  for (const Edge& edge : plan.graph.edges) {
    if (edge.pairs) check_pairs(plan.graph, edge);
  }
  for (const BlockMap& map : plan.maps) {
    check_set_bits(map.nodes, "a block map");
    require(ascending(map.begin), "a block map has broken blocks");
    check_order_of_nodes(map);
  }
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    check_output_values(plan, StepId{static_cast<std::uint32_t>(i)});
  }
}

}  // namespace wfr
