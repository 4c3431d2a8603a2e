// What all drawings share: transitive reduction, the verdict with its finalizers, numbers.
#include "compiler/view/drawing.hpp"

#include <iterator>
#include <set>
#include <utility>
#include <vector>

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/transitive_reduction.hpp>
#include <fmt/format.h>

namespace wfc {

void mark_implied(Drawing& drawing) {
  using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS>;
  Graph graph(drawing.nodes.size());
  // A loop, of pairs within a step, has no part in it: the algorithm takes graphs without cycles.
  for (const DrawnEdge& edge : drawing.edges) {
    if (edge.from != edge.to) boost::add_edge(edge.from, edge.to, graph);
  }
  Graph reduced;
  std::vector<Graph::vertex_descriptor> to_reduced(drawing.nodes.size());
  boost::transitive_reduction(
      graph,
      reduced,
      boost::make_iterator_property_map(to_reduced.begin(), boost::get(boost::vertex_index, graph)),
      boost::get(boost::vertex_index, graph));
  std::set<std::pair<std::uint32_t, std::uint32_t>> drawn;
  for (DrawnEdge& edge : drawing.edges) {
    const bool needed = boost::edge(to_reduced[edge.from], to_reduced[edge.to], reduced).second;
    const bool first = drawn.emplace(edge.from, edge.to).second;
    edge.implied = edge.label.empty() && !(needed && first);
  }
}

void add_finalizers(Drawing& drawing, const Workflow& workflow) {
  const auto last = static_cast<std::uint32_t>(drawing.nodes.size());
  std::vector<StepId> finalizers;
  for (const StepId id : workflow.order) {
    if (workflow.step(id).spec.finalizer != wfr::FinalizerKind::None) finalizers.push_back(id);
  }
  if (finalizers.empty()) return;
  std::vector<bool> is_awaited(last, false);
  for (const DrawnEdge& edge : drawing.edges) {
    if (edge.from != edge.to) is_awaited[edge.from] = true;
  }
  drawing.nodes.push_back({"verdict", NodeKind::Verdict, "verdict", {}, wfr::kNone});
  for (std::uint32_t node = 0; node < last; ++node) {
    if (!is_awaited[node]) drawing.edges.push_back({node, last, EdgeStyle::After, "", false});
  }
  for (const StepId id : finalizers) {
    const wfr::StepSpec& spec = workflow.step(id).spec;
    const char* const on = spec.finalizer == wfr::FinalizerKind::Success   ? "success"
                           : spec.finalizer == wfr::FinalizerKind::Failure ? "failure"
                                                                           : "always";
    drawing.edges.push_back(
        {last, static_cast<std::uint32_t>(drawing.nodes.size()), EdgeStyle::After, on, false});
    drawing.nodes.push_back(
        {fmt::format("f{}", wfr::index_of(id)), NodeKind::Finalizer, spec.name, {}, wfr::kNone});
  }
}

std::string with_commas(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3) {
    text.insert(static_cast<std::size_t>(at), 1, ',');
  }
  return text;
}

}  // namespace wfc
