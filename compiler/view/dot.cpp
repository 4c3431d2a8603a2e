// A drawing in Graphviz's language.
#include "compiler/tree/visible.hpp"
#include "compiler/view/render.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace wfc {

namespace {

// Quoted, as a plain label: a backslash would start one of Graphviz's escapes.
std::string dot_string(std::string_view bytes) {
  std::string text = "\"";
  for (const char c : visible(bytes)) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  return text + '"';
}

// Inside an HTML-like label.
std::string escaped(std::string_view bytes) {
  std::string text;
  for (const char c : visible(bytes)) {
    switch (c) {
      case '&':
        text += "&amp;";
        break;
      case '<':
        text += "&lt;";
        break;
      case '>':
        text += "&gt;";
        break;
      case '"':
        text += "&quot;";
        break;
      default:
        text += c;
    }
  }
  return text;
}

const char* node_style(NodeKind kind) {
  switch (kind) {
    case NodeKind::Step:
    case NodeKind::Job:
      return R"(fillcolor="#ffffff", color="#2f6f9f")";
    case NodeKind::Task:
      return R"(fillcolor="#ffffff", color="#2f6f9f", fontsize=10, height=0.25)";
    case NodeKind::Verdict:
      return R"(shape=ellipse, fillcolor="#f4f4f4", color="#888888", fontcolor="#555555")";
    case NodeKind::Finalizer:
      return R"(style="filled,rounded,dashed", fillcolor="#fff8e8", color="#b5862c")";
    case NodeKind::Junction:
      break;
  }
  return R"(shape=point, width=0.06, color="#8a99a8")";
}

const char* edge_style(EdgeStyle style) {
  switch (style) {
    case EdgeStyle::Data:
      return "";
    case EdgeStyle::Order:
      return "style=dashed";
    case EdgeStyle::After:
      break;
  }
  return R"(style=dashed, color="#b0b0b0")";
}

// A title in bold with small print is an HTML-like label; a title alone is a plain one.
std::string node_label(const DrawnNode& node) {
  if (node.kind == NodeKind::Junction) return R"("")";
  if (node.lines.empty()) return dot_string(node.title);
  std::string text = fmt::format("<<b>{}</b>", escaped(node.title));
  for (const std::string& line : node.lines) {
    text += fmt::format(R"(<br/><font point-size="10" color="#5a6672">{}</font>)", escaped(line));
  }
  return text + ">";
}

// Shades from the coarsest level inwards.
const char* cluster_colour(std::size_t depth) {
  constexpr std::array kShades{"#f2f6fa", "#e6eef6", "#d9e6f1", "#ccdded"};
  return kShades[std::min(depth, kShades.size() - 1)];
}

class DotWriter {
 public:
  explicit DotWriter(const Drawing& drawing) : drawing_(drawing) {}

  std::string write() {
    text_ = fmt::format("digraph {} {{\n", dot_string(drawing_.title));
    text_ +=
        "  graph [rankdir=LR, fontname=\"Helvetica,Arial,sans-serif\", fontsize=11, nodesep=0.3, "
        "ranksep=0.5];\n"
        "  node [shape=box, style=\"filled,rounded\", fontname=\"Helvetica,Arial,sans-serif\", "
        "fontsize=12, margin=\"0.15,0.08\"];\n"
        "  edge [color=\"#4a5866\", fontname=\"Helvetica,Arial,sans-serif\", fontsize=9, "
        "fontcolor=\"#5a6672\", arrowsize=0.7];\n";
    write_inside(wfr::kNone, 0);
    for (const DrawnEdge& edge : drawing_.edges) write_edge(edge);
    return text_ + "}\n";
  }

 private:
  // The nodes of one cluster (or of none), then the clusters in it.
  void write_inside(std::uint32_t cluster, std::size_t depth) {
    const std::string indent(2 * (depth + 1), ' ');
    for (const DrawnNode& node : drawing_.nodes) {
      if (node.cluster != cluster) continue;
      text_ += fmt::format(
          "{}{} [label={}, {}];\n", indent, node.id, node_label(node), node_style(node.kind));
    }
    for (std::uint32_t c = 0; c < drawing_.clusters.size(); ++c) {
      if (drawing_.clusters[c].inside != cluster) continue;
      text_ += fmt::format("{}subgraph cluster_{} {{\n", indent, c);
      text_ += fmt::format(
          "{}  graph [label={}, labeljust=l, style=\"filled,rounded\", color=\"{}\", "
          "fontcolor=\"#5a6672\"];\n",
          indent,
          dot_string(drawing_.clusters[c].title),
          cluster_colour(depth));
      write_inside(c, depth + 1);
      text_ += indent + "}\n";
    }
  }

  void write_edge(const DrawnEdge& edge) {
    if (edge.implied) return;
    std::string attributes = edge_style(edge.style);
    if (!edge.label.empty()) {
      attributes += fmt::format(
          "{}label={}", attributes.empty() ? "" : ", ", dot_string(" " + edge.label + " "));
    }
    text_ += fmt::format("  {} -> {}", drawing_.nodes[edge.from].id, drawing_.nodes[edge.to].id);
    if (!attributes.empty()) text_ += fmt::format(" [{}]", attributes);
    text_ += ";\n";
  }

  const Drawing& drawing_;
  std::string text_;
};

}  // namespace

std::string to_dot(const Drawing& drawing) {
  return DotWriter(drawing).write();
}

}  // namespace wfc
