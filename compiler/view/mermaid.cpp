// A drawing as a Mermaid flowchart.
#include "compiler/tree/visible.hpp"
#include "compiler/view/render.hpp"

#include <string>
#include <string_view>

#include <fmt/format.h>

namespace wfc {

namespace {

// Mermaid's own entity codes: nothing of a name is left that it or HTML would read.
std::string escaped(std::string_view bytes) {
  std::string text;
  for (const char c : visible(bytes)) {
    constexpr std::string_view kSpecial = "\"#&<>`\\;{}[]()|";
    if (kSpecial.find(c) == std::string_view::npos) {
      text += c;
    } else {
      text += fmt::format("#{};", static_cast<int>(c));
    }
  }
  return text;
}

std::string node_text(const DrawnNode& node) {
  std::string label = escaped(node.title);
  for (const std::string& line : node.lines) label += "<br/>" + escaped(line);
  switch (node.kind) {
    case NodeKind::Verdict:
      return fmt::format("{}([\"{}\"])", node.id, label);
    case NodeKind::Junction:
      return fmt::format("{}(( ))", node.id);
    default:
      return fmt::format("{}[\"{}\"]", node.id, label);
  }
}

class MermaidWriter {
 public:
  explicit MermaidWriter(const Drawing& drawing) : drawing_(drawing) {}

  std::string write() {
    text_ = fmt::format("---\ntitle: \"{}\"\n---\nflowchart LR\n", escaped(drawing_.title));
    write_inside(wfr::kNone, 1);
    for (const DrawnEdge& edge : drawing_.edges) {
      if (edge.implied) continue;
      const char* const arrow = edge.style == EdgeStyle::Data ? "-->" : "-.->";
      const std::string label =
          edge.label.empty() ? "" : fmt::format("|\"{}\"|", escaped(edge.label));
      text_ += fmt::format(
          "  {} {}{} {}\n", drawing_.nodes[edge.from].id, arrow, label, drawing_.nodes[edge.to].id);
    }
    write_classes();
    return text_;
  }

 private:
  void write_inside(std::uint32_t cluster, std::size_t depth) {
    const std::string indent(2 * depth, ' ');
    for (const DrawnNode& node : drawing_.nodes) {
      if (node.cluster == cluster) text_ += indent + node_text(node) + '\n';
    }
    for (std::uint32_t c = 0; c < drawing_.clusters.size(); ++c) {
      if (drawing_.clusters[c].inside != cluster) continue;
      text_ +=
          fmt::format("{}subgraph c{}[\"{}\"]\n", indent, c, escaped(drawing_.clusters[c].title));
      write_inside(c, depth + 1);
      text_ += indent + "end\n";
    }
  }

  void write_classes() {
    for (const DrawnNode& node : drawing_.nodes) {
      if (node.kind == NodeKind::Finalizer) {
        text_ += fmt::format("  style {} stroke-dasharray: 4 3\n", node.id);
      }
    }
  }

  const Drawing& drawing_;
  std::string text_;
};

}  // namespace

std::string to_mermaid(const Drawing& drawing) {
  return MermaidWriter(drawing).write();
}

}  // namespace wfc
