// Builds the tree, the instance sets and the edges by hand.
#include "tests/unit/slurm/fixture.hpp"

#include "compiler/graph/partition.hpp"
#include "compiler/slurm/index_list.hpp"
#include "compiler/slurm/job_words.hpp"
#include "tests/unit/graph/by_step.hpp"

namespace wfc::test {
namespace {

wfr::Names make_names(const std::vector<std::string>& names, wfr::Storage& storage) {
  std::vector<std::uint64_t> begin{0};
  std::vector<char> bytes;
  for (const std::string& name : names) {
    bytes.insert(bytes.end(), name.begin(), name.end());
    begin.push_back(bytes.size());
  }
  return {storage.keep(std::move(begin)), storage.keep(std::move(bytes))};
}

}  // namespace

wfr::Tree make_tree(std::uint32_t sessions, std::uint32_t channels) {
  wfr::Tree tree;
  std::vector<std::string> session_names;
  std::vector<std::string> channel_names;
  std::vector<std::uint32_t> session_begin{0};
  std::vector<wfr::Ordinal> session_parent(sessions, 0);
  std::vector<wfr::Ordinal> channel_parent;
  for (std::uint32_t s = 0; s < sessions; ++s) {
    session_names.push_back("s" + std::to_string(s));
    for (std::uint32_t c = 0; c < channels; ++c) {
      channel_names.push_back("c" + std::to_string(c));
      channel_parent.push_back(s);
    }
    session_begin.push_back((s + 1) * channels);
  }
  wfr::Storage& storage = tree.storage;
  wfr::Level root{"",
                  wfr::kRootLevel,
                  make_names({""}, storage),
                  storage.keep(std::vector<wfr::Ordinal>{0}),
                  {},
                  {}};
  root.children.push_back({kSession, storage.keep(std::vector<std::uint32_t>{0, sessions})});
  wfr::Level session{"session",
                     wfr::kRootLevel,
                     make_names(session_names, storage),
                     storage.keep(std::move(session_parent)),
                     {},
                     {}};
  session.children.push_back({kChannel, storage.keep(std::move(session_begin))});
  wfr::Level channel{"channel",
                     kSession,
                     make_names(channel_names, storage),
                     storage.keep(std::move(channel_parent)),
                     {},
                     {}};
  tree.levels = {root, session, channel};
  return tree;
}

Example::Example(std::uint32_t sessions, std::uint32_t channels) {
  graph.tree = make_tree(sessions, channels);
  workflow.name = "example";
  workflow.file = "workflow.toml";
  workflow.site.name = "test";
  workflow.site.local = false;
  workflow.levels.resize(3);
  workflow.levels[1].name = "session";
  workflow.levels[2].name = "channel";
}

StepId Example::step(const std::string& name, LevelId each) {
  const StepId id{static_cast<std::uint32_t>(workflow.steps.size())};
  StepDef step;
  step.spec.name = name;
  step.spec.each = each;
  step.spec.run.pieces.push_back({wfr::PieceKind::Text, "true", {}, 0, 0, {}});
  step.span.line = 10 + static_cast<std::uint32_t>(workflow.steps.size());
  workflow.steps.push_back(step);
  workflow.order.push_back(id);
  graph.instances.push_back(wfr::all_nodes(each, graph.tree.level(each).size()));
  return id;
}

StepId Example::finalizer(const std::string& name, wfr::FinalizerKind kind) {
  const StepId id = step(name, wfr::kRootLevel);
  workflow.steps.back().spec.finalizer = kind;
  return id;
}

void Example::only(StepId step, const std::vector<bool>& keep) {
  wfr::InstanceSet& tasks = graph.instances[wfr::index_of(step)];
  tasks = wfr::make_instances(tasks.level, keep, graph.storage);
}

void Example::edge(StepId from, StepId to, LevelId via) {
  wfr::NeedSpec need;
  need.step_name = workflow.step(from).spec.name;
  need.step = from;
  need.edge = static_cast<std::uint32_t>(graph.edges.size());
  workflow.steps[wfr::index_of(to)].spec.needs.push_back(need);
  graph.edges.push_back({from, to, via, wfr::EdgeKind::Data});
}

void Example::pairs(StepId from,
                    StepId to,
                    const std::vector<std::pair<wfr::TaskIndex, wfr::TaskIndex>>& list) {
  edge(from, to, wfr::kRootLevel);
  wfr::set_pairs(graph, graph.edges.back(), list);
}

wfr::Plan Example::lower(Sink& sink) {
  return lower(partition_by_step(workflow, graph), sink);
}

wfr::Plan Example::lower(JobGraph jobs, Sink& sink) {
  return wfc::lower(workflow, graph, std::move(jobs), "../data", notes, sink);
}

wfr::BlockMap packed_map(LevelId level, std::uint32_t nodes, std::uint32_t pack, JobGraph& jobs) {
  wfr::BlockMap map{level, wfr::all_nodes(level, nodes), {}};
  if (pack == 1) return map;
  std::vector<std::uint32_t> begin;
  for (std::uint32_t node = 0; node < nodes; node += pack) begin.push_back(node);
  begin.push_back(nodes);
  map.begin = jobs.storage.keep(std::move(begin));
  return map;
}

std::string describe(const wfr::Plan& plan) {
  std::string text;
  for (const wfr::JobArray& array : plan.arrays) {
    text += array.name + ": " + (array.plain ? "plain" : array_spec(array));
    if (array.first_block > 0) text += " from " + std::to_string(array.first_block);
    for (const wfr::Dependency& dependency : array.after) {
      text += " " + std::string(dep_word(dependency.kind)) + ":" +
              plan.arrays[wfr::index_of(dependency.on)].name;
    }
    text += "\n";
  }
  return text;
}

}  // namespace wfc::test
