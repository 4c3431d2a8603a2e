// Connected components of each band of depths, filled up to a size.
#include "compiler/graph/clusters.hpp"

#include "runtime/plan/ids.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include <boost/pending/disjoint_sets.hpp>

namespace wfc {
namespace {

// Nodes that pairs of one band tie together.
struct Component {
  std::uint32_t band = 0;
  std::vector<std::uint32_t> nodes;  // ascending
};

std::vector<Component> components_of(const NodePairs& nodes, std::uint32_t band) {
  const auto band_of = [&](std::uint32_t node) {
    return band == 0 ? 0 : (*nodes.depths)[node] / band;
  };
  std::vector<std::uint32_t> rank(nodes.nodes);
  std::vector<std::uint32_t> parent(nodes.nodes);
  boost::disjoint_sets<std::uint32_t*, std::uint32_t*> sets(rank.data(), parent.data());
  for (std::uint32_t node = 0; node < nodes.nodes; ++node) sets.make_set(node);
  for (const auto& [before, after] : nodes.pairs) {
    if (band_of(before) == band_of(after)) sets.union_set(before, after);
  }
  std::vector<Component> components;
  std::vector<std::uint32_t> place(nodes.nodes, wfr::kNone);  // by the node that stands for a set
  for (std::uint32_t node = 0; node < nodes.nodes; ++node) {
    std::uint32_t& component = place[sets.find_set(node)];
    if (component == wfr::kNone) {
      component = static_cast<std::uint32_t>(components.size());
      components.push_back({band_of(node), {}});
    }
    components[component].nodes.push_back(node);
  }
  return components;
}

// Puts components one behind the other into clusters.
class Filling {
 public:
  Filling(const NodePairs& nodes, std::vector<Component> components, std::uint32_t pack)
      : nodes_(nodes),
        components_(std::move(components)),
        most_(pack),
        begin_(begins_of(nodes.pairs, nodes.nodes)),
        component_of_(nodes.nodes),
        latest_(components_.size()) {
    for (std::uint32_t c = 0; c < components_.size(); ++c) {
      for (const std::uint32_t node : components_[c].nodes) component_of_[node] = c;
      most_ = std::max(most_, components_[c].nodes.size());
    }
  }

  Clusters fill() {
    std::vector<std::uint32_t> left(components_.size());
    std::iota(left.begin(), left.end(), 0U);
    const auto by_band = [&](std::uint32_t a, std::uint32_t b) {
      return components_[a].band < components_[b].band;
    };
    std::stable_sort(left.begin(), left.end(), by_band);
    for (auto begin = left.begin(); begin != left.end();) {
      const auto end = std::upper_bound(begin, left.end(), *begin, by_band);
      // Where each waits for one cluster alone, equal positions of two bands belong together.
      std::stable_sort(begin, end, [&](std::uint32_t a, std::uint32_t b) {
        return latest_[a].cluster < latest_[b].cluster;
      });
      fill_band({begin, end});
      begin = end;
    }
    clusters_.begin.push_back(nodes_.nodes);
    for (std::size_t c = 1; c < clusters_.begin.size(); ++c) {
      std::sort(clusters_.order.begin() + clusters_.begin[c - 1],
                clusters_.order.begin() + clusters_.begin[c]);
    }
    return std::move(clusters_);
  }

 private:
  void fill_band(const std::vector<std::uint32_t>& components) {
    const auto first_cluster = static_cast<std::uint32_t>(clusters_.begin.size());
    const std::uint32_t band = components_[components.front()].band;
    for (const std::uint32_t c : components) {
      std::vector<std::uint32_t>& order = clusters_.order;
      const auto full = [&] {
        return order.size() + components_[c].nodes.size() - clusters_.begin.back() > most_;
      };
      if (clusters_.begin.size() == first_cluster || full()) {
        clusters_.begin.push_back(static_cast<std::uint32_t>(order.size()));
      }
      order.insert(order.end(), components_[c].nodes.begin(), components_[c].nodes.end());
      tell_waiting(components_[c], {band, static_cast<std::uint32_t>(clusters_.begin.size())});
    }
  }

  // The last band that a component waits for, and of it the first cluster, counted from 1.
  struct Waited {
    std::uint32_t band = 0;
    std::uint32_t cluster = 0;
  };

  void tell_waiting(const Component& component, Waited here) {
    for (const std::uint32_t node : component.nodes) {
      for (std::uint32_t pair = begin_[node]; pair < begin_[node + 1]; ++pair) {
        Waited& latest = latest_[component_of_[nodes_.pairs[pair].second]];
        // Clusters are numbered on and on: within a band the first that comes stays.
        if (latest.cluster == 0 || latest.band < here.band) latest = here;
      }
    }
  }

  const NodePairs& nodes_;
  std::vector<Component> components_;
  std::size_t most_;                         // nodes of a cluster
  std::vector<std::uint32_t> begin_;         // by node: its pairs
  std::vector<std::uint32_t> component_of_;  // by node
  std::vector<Waited> latest_;               // by component; cluster 0: it waits for none
  Clusters clusters_;
};

}  // namespace

std::vector<std::uint32_t> begins_of(
    const std::vector<std::pair<std::uint32_t, std::uint32_t>>& pairs, std::uint32_t nodes) {
  std::vector<std::uint32_t> begin(std::size_t{nodes} + 1);
  for (const auto& [before, after] : pairs) ++begin[before + 1];
  std::partial_sum(begin.begin(), begin.end(), begin.begin());
  return begin;
}

std::uint32_t Clusters::largest() const {
  std::uint32_t most = 0;
  for (std::size_t c = 1; c < begin.size(); ++c) most = std::max(most, begin[c] - begin[c - 1]);
  return most;
}

Clusters make_clusters(const NodePairs& nodes, std::uint32_t band, std::uint32_t pack) {
  Clusters clusters = Filling(nodes, components_of(nodes, band), pack).fill();
  clusters.depths = band;
  return clusters;
}

}  // namespace wfc
