// Reachability between groups of steps, by breadth-first search over the steps' edges.
#include "compiler/graph/groups.hpp"

#include <algorithm>
#include <functional>
#include <queue>
#include <stdexcept>
#include <utility>

namespace wfc {
namespace {

constexpr std::size_t kNoGroup = static_cast<std::size_t>(-1);

}  // namespace

Groups::Groups(const Workflow& workflow,
               const std::vector<wfr::Edge>& edges,
               std::vector<Draft> drafts)
    : drafts_(std::move(drafts)),
      group_of_(workflow.steps.size(), kNoGroup),
      position_(workflow.steps.size(), 0),
      consumers_(workflow.steps.size()) {
  for (std::size_t i = 0; i < workflow.order.size(); ++i) {
    position_[wfr::index_of(workflow.order[i])] = i;
  }
  for (std::size_t group = 0; group < drafts_.size(); ++group) {
    for (const StepId id : drafts_[group].steps) group_of_[wfr::index_of(id)] = group;
  }
  for (const wfr::Edge& edge : edges) {
    if (!has(edge.from) || !has(edge.to)) continue;
    consumers_[wfr::index_of(edge.from)].push_back(edge.to);
  }
}

bool Groups::has(StepId step) const {
  return of(step) != kNoGroup;
}

std::vector<StepId> Groups::path(std::size_t from, std::size_t to, bool direct_too) const {
  // The edge by which a group was reached first.
  std::vector<std::pair<StepId, StepId>> reached(drafts_.size());
  std::vector<bool> seen(drafts_.size(), false);
  std::queue<std::size_t> open;
  seen[from] = true;
  for (open.push(from); !open.empty() && !seen[to]; open.pop()) {
    const std::size_t group = open.front();
    for (const StepId id : drafts_[group].steps) {
      for (const StepId next : consumers_[wfr::index_of(id)]) {
        const std::size_t other = of(next);
        if (seen[other] || (group == from && other == to && !direct_too)) continue;
        seen[other] = true;
        reached[other] = {id, next};
        open.push(other);
      }
    }
  }
  std::vector<StepId> steps;
  if (!seen[to]) return steps;
  for (std::size_t group = to; group != from; group = of(reached[group].first)) {
    if (steps.empty() || steps.back() != reached[group].second) {
      steps.push_back(reached[group].second);
    }
    steps.push_back(reached[group].first);
  }
  std::reverse(steps.begin(), steps.end());
  return steps;
}

std::vector<StepId> Groups::between(std::size_t a, std::size_t b) const {
  std::vector<StepId> steps = path(a, b, false);
  return steps.empty() ? path(b, a, false) : steps;
}

bool Groups::reaches(std::size_t from, std::size_t to) const {
  return from == to || !path(from, to, true).empty();
}

void Groups::merge(std::size_t into, std::size_t from) {
  std::vector<StepId>& steps = drafts_[into].steps;
  for (const StepId id : drafts_[from].steps) {
    group_of_[wfr::index_of(id)] = into;
    steps.push_back(id);
  }
  drafts_[from].steps.clear();
  std::sort(steps.begin(), steps.end(), [&](StepId a, StepId b) {
    return position_[wfr::index_of(a)] < position_[wfr::index_of(b)];
  });
}

std::vector<Draft> Groups::ordered() const {
  std::vector<std::size_t> waits(drafts_.size(), 0);
  const auto each_edge = [&](std::size_t group, const auto& visit) {
    for (const StepId id : drafts_[group].steps) {
      for (const StepId next : consumers_[wfr::index_of(id)]) {
        if (of(next) != group) visit(of(next));
      }
    }
  };
  std::size_t left = 0;
  for (std::size_t group = 0; group < drafts_.size(); ++group) {
    if (!drafts_[group].steps.empty()) ++left;
    each_edge(group, [&](std::size_t other) { ++waits[other]; });
  }
  // Drafts come in topological order of their first steps, so the index breaks ties as that does.
  std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;
  for (std::size_t group = 0; group < drafts_.size(); ++group) {
    if (!drafts_[group].steps.empty() && waits[group] == 0) ready.push(group);
  }
  std::vector<Draft> result;
  while (!ready.empty()) {
    const std::size_t group = ready.top();
    ready.pop();
    result.push_back(drafts_[group]);
    each_edge(group, [&](std::size_t other) {
      if (--waits[other] == 0) ready.push(other);
    });
  }
  if (result.size() != left) throw std::logic_error("families wait for each other in a cycle");
  return result;
}

}  // namespace wfc
