// Free sets of directories for the jobs of a step whose tasks wait for each other through pairs.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace wfc {

// Nodes by number: cluster c holds those at [begin[c], begin[c+1]) of `order`, ascending.
struct Clusters {
  std::vector<std::uint32_t> order;
  std::vector<std::uint32_t> begin;             // one more than clusters
  std::uint32_t depths = 0;                     // of one cluster, at most; 0: not known
  [[nodiscard]] std::uint32_t largest() const;  // nodes of the largest one
};

// Where the pairs of each node begin, and one more: `pairs` ascend by their first node.
std::vector<std::uint32_t> begins_of(
    const std::vector<std::pair<std::uint32_t, std::uint32_t>>& pairs, std::uint32_t nodes);

// Which nodes wait for which.
struct NodePairs {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs;  // waited for, waiting; ascending
  // Of each node; see pairs_of_blocks(). nullopt: nodes wait for each other in a cycle.
  std::optional<std::vector<std::uint32_t>> depths;
  std::uint32_t nodes = 0;
};

// Cuts the depths into bands of `band` of them (0: one band of all; a cycle needs that). Nodes of
// a band that are in one connected component of its pairs, in whatever direction, are in one
// cluster; then neighbouring clusters of a band are joined, up to `pack` nodes or as many as the
// largest has anyway. So a cluster waits only for clusters of earlier bands, and there is no cycle
// of clusters. They are sorted by band, then by the first cluster they depend on in their latest
// upstream band, then by first node: so bands that continue each other cluster by cluster have them
// in the same order. O((nodes + pairs) log nodes).
Clusters make_clusters(const NodePairs& nodes, std::uint32_t band, std::uint32_t pack);

}  // namespace wfc
