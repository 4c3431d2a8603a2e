// A drawing as JSON, for other programs: the implied edges are listed too.
#include "compiler/tree/visible.hpp"
#include "compiler/view/render.hpp"

#include <string>

#include <nlohmann/json.hpp>

namespace wfc {

namespace {

using Json = nlohmann::ordered_json;

const char* kind_name(NodeKind kind) {
  switch (kind) {
    case NodeKind::Step:
      return "step";
    case NodeKind::Job:
      return "job";
    case NodeKind::Task:
      return "task";
    case NodeKind::Verdict:
      return "verdict";
    case NodeKind::Finalizer:
      return "finalizer";
    case NodeKind::Junction:
      break;
  }
  return "junction";
}

const char* style_name(EdgeStyle style) {
  switch (style) {
    case EdgeStyle::Data:
      return "data";
    case EdgeStyle::Order:
      return "order";
    case EdgeStyle::After:
      break;
  }
  return "after";
}

Json to_value(const DrawnNode& node) {
  Json value{{"id", node.id}, {"kind", kind_name(node.kind)}, {"title", visible(node.title)}};
  value["lines"] = Json::array();
  for (const std::string& line : node.lines) value["lines"].push_back(visible(line));
  value["cluster"] = node.cluster == wfr::kNone ? Json() : Json(node.cluster);
  return value;
}

}  // namespace

std::string to_json(const Drawing& drawing) {
  Json root{{"workflow", visible(drawing.title)}, {"of", drawing.of}};
  root["clusters"] = Json::array();
  for (const DrawnCluster& cluster : drawing.clusters) {
    root["clusters"].push_back(
        {{"title", visible(cluster.title)},
         {"inside", cluster.inside == wfr::kNone ? Json() : Json(cluster.inside)}});
  }
  root["nodes"] = Json::array();
  for (const DrawnNode& node : drawing.nodes) root["nodes"].push_back(to_value(node));
  root["edges"] = Json::array();
  for (const DrawnEdge& edge : drawing.edges) {
    root["edges"].push_back({{"from", drawing.nodes[edge.from].id},
                             {"to", drawing.nodes[edge.to].id},
                             {"kind", style_name(edge.style)},
                             {"label", visible(edge.label)},
                             {"implied", edge.implied}});
  }
  return root.dump(2) + '\n';
}

}  // namespace wfc
