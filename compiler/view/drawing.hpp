// What a picture of a workflow shows, whatever language it is then written in.
#pragma once

#include "compiler/workflow/workflow.hpp"
#include "runtime/plan/plan.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace wfc {

enum class NodeKind : std::uint8_t { Step, Job, Task, Verdict, Finalizer, Junction };
enum class EdgeStyle : std::uint8_t { Data, Order, After };

// All texts are as they come, any bytes: each language makes them safe.
struct DrawnNode {
  std::string id;  // letters, digits and '_': unique in the drawing
  NodeKind kind = NodeKind::Step;
  std::string title;
  std::vector<std::string> lines;      // small print below the title
  std::uint32_t cluster = wfr::kNone;  // into Drawing::clusters
};

// A box around nodes.
struct DrawnCluster {
  std::string title;
  std::uint32_t inside = wfr::kNone;  // the cluster around it; it comes earlier
};

struct DrawnEdge {
  std::uint32_t from = 0;  // into Drawing::nodes
  std::uint32_t to = 0;
  EdgeStyle style = EdgeStyle::Data;
  std::string label;
  bool implied = false;  // follows from other edges: listed, but not drawn
};

struct Drawing {
  std::string title;
  std::string of;  // "steps", "jobs" or "tasks"
  std::vector<DrawnCluster> clusters;
  std::vector<DrawnNode> nodes;
  std::vector<DrawnEdge> edges;
};

// Steps in the order of the file, in a box for each level, with their numbers of tasks.
Drawing draw_steps(const Workflow& workflow, const wfr::TaskGraph& graph);
// Job arrays with what they ask for; an edge is a dependency of Slurm's.
Drawing draw_jobs(const Workflow& workflow, const wfr::Plan& plan);
// Every task. Where many wait for many, the edges go through one junction.
Drawing draw_tasks(const Workflow& workflow, const wfr::TaskGraph& graph);
// Tasks that draw_tasks() would draw.
std::uint64_t count_tasks(const Workflow& workflow, const wfr::TaskGraph& graph);

// Marks the edges that follow from others (transitive reduction). Edges with a label stay.
void mark_implied(Drawing& drawing);
// Adds the verdict, after every node that nothing waits for, and the finalizers after it.
void add_finalizers(Drawing& drawing, const Workflow& workflow);
// "1,234,567"
std::string with_commas(std::uint64_t number);

}  // namespace wfc
