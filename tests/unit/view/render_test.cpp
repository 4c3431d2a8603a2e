// Drawings as text: hostile names stay inside their quotes.
#include "compiler/view/render.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using wfc::Drawing;
using wfc::EdgeStyle;
using wfc::NodeKind;

namespace {

const std::string kHostile = "a\"]; b\\n<x>&\xff\n$(touch pwned)\\";

Drawing drawing_with(const std::string& name) {
  Drawing drawing;
  drawing.title = name;
  drawing.of = "tasks";
  drawing.clusters.push_back({name, wfr::kNone});
  drawing.nodes.push_back({"n0", NodeKind::Task, name, {}, 0});
  drawing.nodes.push_back({"n1", NodeKind::Step, name, {name}, wfr::kNone});
  drawing.edges.push_back({0, 1, EdgeStyle::Order, name, false});
  return drawing;
}

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

}  // namespace

TEST_CASE("DOT quotes names, and Graphviz reads them back") {
  const std::string dot = wfc::to_dot(drawing_with(kHostile));
  CHECK(dot.find(R"("a\"]; b\\\\n<x>&\\xff\\n$(touch pwned)\\\\")") != std::string::npos);
  const wfc::SvgResult result = wfc::to_svg(dot);
  CHECK(result.error.empty());
  CHECK(result.svg.find("<svg") != std::string::npos);
  // Cluster, task, step with its small print, edge label; once each, not cut anywhere.
  CHECK(count_of(result.svg, "touch pwned") >= 5);
  CHECK(count_of(result.svg, R"(\xff)") >= 5);
}

TEST_CASE("Mermaid gets nothing but harmless characters inside its quotes") {
  const std::string text = wfc::to_mermaid(drawing_with(kHostile));
  CHECK(text.find("#34;#93;#59; b") != std::string::npos);
  // The quotes that are left are Mermaid's own: title, cluster, two nodes, one label.
  CHECK(count_of(text, "\"") == 10);
  CHECK(text.find('\xff') == std::string::npos);
}

TEST_CASE("JSON is valid and keeps different names different") {
  const nlohmann::json value = nlohmann::json::parse(wfc::to_json(drawing_with(kHostile)));
  CHECK(value.at("nodes").at(0).at("title") == "a\"]; b\\\\n<x>&\\xff\\n$(touch pwned)\\\\");
  CHECK(value.at("edges").at(0).at("from") == "n0");
  CHECK(value.at("nodes").at(1).at("cluster").is_null());
}

TEST_CASE("SVG without Graphviz says what is missing") {
  const wfc::SvgResult none = wfc::to_svg("digraph {}", "no-such-program-here");
  CHECK(none.svg.empty());
  CHECK(none.error ==
        "SVG is drawn by Graphviz, but `no-such-program-here` cannot be run: No such file or "
        "directory");
  const wfc::SvgResult failed = wfc::to_svg("digraph {}", "false");
  CHECK(failed.error == "`false` could not draw the graph");
}
