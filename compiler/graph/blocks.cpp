// Unions of instance sets, cut into blocks: equally many consecutive nodes, or clusters.
#include "compiler/graph/blocks.hpp"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace wfc {
namespace {

// Cut after every `pack` nodes and at each of `points`; empty for one node a block.
std::vector<std::uint32_t> block_begins(std::uint32_t nodes,
                                        std::uint32_t pack,
                                        const std::vector<std::uint32_t>& points) {
  std::vector<std::uint32_t> begin;
  if (pack <= 1) return begin;
  begin.reserve(nodes / pack + points.size() + 1);
  for (std::size_t i = 0; i < points.size(); ++i) {
    const std::uint32_t end = i + 1 < points.size() ? points[i + 1] : nodes;
    for (std::uint32_t node = points[i]; node < end; node += std::min(pack, end - node)) {
      begin.push_back(node);
    }
  }
  begin.push_back(nodes);
  return begin;
}

}  // namespace

wfr::InstanceSet nodes_with_work(const wfr::TaskGraph& graph,
                                 LevelId level,
                                 const std::vector<StepId>& steps,
                                 wfr::Storage& storage) {
  const std::uint32_t nodes = graph.tree.level(level).size();
  const bool all = std::any_of(steps.begin(), steps.end(), [&](StepId id) {
    return graph.tasks(id).level == level && graph.tasks(id).count == nodes;
  });
  if (all) return wfr::all_nodes(level, nodes);
  std::vector<bool> selected(nodes, false);
  for (const StepId id : steps) {
    const wfr::InstanceSet& tasks = graph.tasks(id);
    for (wfr::Ordinal node = 0; node < nodes; ++node) {
      if (selected[node]) continue;
      selected[node] =
          tasks.level == level
              ? tasks.contains(node)
              : !tasks.tasks_in(graph.tree.descendants(level, {node, node + 1}, tasks.level))
                     .empty();
    }
  }
  return wfr::make_instances(level, selected, storage);
}

void add_clusters(const Clusters& clusters, wfr::BlockMap& map, wfr::Storage& storage) {
  std::vector<std::uint32_t> block(clusters.order.size());
  for (std::uint32_t b = 0; b + 1 < clusters.begin.size(); ++b) {
    for (std::uint32_t i = clusters.begin[b]; i < clusters.begin[b + 1]; ++i) {
      block[clusters.order[i]] = b;
    }
  }
  map.begin = storage.keep(std::vector(clusters.begin));
  map.order = storage.keep(std::vector(clusters.order));
  map.block = storage.keep(std::move(block));
}

JobGraph cut_blocks(const wfr::TaskGraph& graph,
                    const std::vector<Draft>& drafts,
                    const Split& split) {
  JobGraph jobs;
  jobs.split = split;
  // A family whose jobs wait for each other has a map of its own: with other blocks they might wait
  // in a cycle.
  using Key = std::tuple<LevelId, std::uint32_t, std::ptrdiff_t>;
  const auto key_of = [&](const Draft& draft) {
    return Key{draft.level, draft.pack, draft.by_depth ? &draft - drafts.data() + 1 : 0};
  };
  std::map<Key, std::vector<StepId>> alike;
  for (const Draft& draft : drafts) {
    std::vector<StepId>& steps = alike[key_of(draft)];
    steps.insert(steps.end(), draft.steps.begin(), draft.steps.end());
  }
  std::map<Key, std::uint32_t> map_of;
  for (const auto& [key, steps] : alike) {
    map_of[key] = static_cast<std::uint32_t>(jobs.maps.size());
    const auto [level, pack, own] = key;
    wfr::BlockMap map{level, nodes_with_work(graph, level, steps, jobs.storage), {}};
    const Draft* draft = own == 0 ? nullptr : &drafts[static_cast<std::size_t>(own - 1)];
    if (draft != nullptr && draft->clusters) {
      add_clusters(*draft->clusters, map, jobs.storage);
    } else {
      std::vector<std::uint32_t> begin =
          block_begins(map.nodes.count, pack, split_points(graph.tree, map.nodes, split));
      if (!begin.empty()) map.begin = jobs.storage.keep(std::move(begin));
    }
    jobs.maps.push_back(map);
  }
  for (const Draft& draft : drafts) {
    jobs.families.push_back({draft.steps, map_of[key_of(draft)], {}});
  }
  return jobs;
}

}  // namespace wfc
