// A tree, edges and templates from the short form of a test.
#include "tests/unit/run/workflow_builder.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include <unistd.h>

namespace wfr::test {
namespace {

namespace fs = std::filesystem;

Names make_names(const std::vector<std::string>& names, Storage& storage) {
  std::vector<std::uint64_t> begin{0};
  std::vector<char> bytes;
  for (const std::string& name : names) {
    bytes.insert(bytes.end(), name.begin(), name.end());
    begin.push_back(bytes.size());
  }
  return {storage.keep(std::move(begin)), storage.keep(std::move(bytes))};
}

Tree make_tree(const std::vector<std::pair<std::string, std::vector<std::string>>>& levels) {
  Tree tree;
  Level root;
  root.names = make_names({""}, tree.storage);
  root.parent = tree.storage.keep(std::vector<Ordinal>{0});
  tree.levels.push_back(root);
  std::uint32_t parents = 1;
  for (std::size_t l = 0; l < levels.size(); ++l) {
    std::vector<std::string> sorted = levels[l].second;
    std::sort(sorted.begin(), sorted.end());
    std::vector<std::string> names;
    std::vector<Ordinal> parent;
    std::vector<std::uint32_t> begin{0};
    for (std::uint32_t p = 0; p < parents; ++p) {
      names.insert(names.end(), sorted.begin(), sorted.end());
      parent.insert(parent.end(), sorted.size(), p);
      begin.push_back(static_cast<std::uint32_t>(names.size()));
    }
    Level level;
    level.name = levels[l].first;
    level.under = LevelId{static_cast<std::uint16_t>(l)};
    level.names = make_names(names, tree.storage);
    level.parent = tree.storage.keep(std::move(parent));
    parents = level.size();
    tree.levels[l].children.push_back(
        {LevelId{static_cast<std::uint16_t>(l + 1)}, tree.storage.keep(std::move(begin))});
    tree.levels.push_back(level);
  }
  return tree;
}

Piece make_piece(const std::string& word, const Tree& tree, const std::vector<std::string>& needs) {
  Piece piece;
  static const std::map<std::string, PieceKind> kSimple{{"inputs", PieceKind::Inputs},
                                                        {"outputs", PieceKind::Outputs},
                                                        {"cpus", PieceKind::Cpus},
                                                        {"mem_mb", PieceKind::MemMb},
                                                        {"scratch", PieceKind::Scratch},
                                                        {"hostfile", PieceKind::Hostfile}};
  const auto simple = kSimple.find(word);
  if (simple != kSimple.end()) {
    piece.kind = simple->second;
  } else if (word.rfind("outputs.", 0) == 0) {
    piece.kind = PieceKind::Outputs;
    piece.output = word.substr(8);
  } else if (word.rfind("needs.", 0) == 0) {
    std::string step = word.substr(6);
    piece.kind = PieceKind::Need;
    if (step.size() > 5 && step.substr(step.size() - 5) == ".list") {
      piece.kind = PieceKind::NeedList;
      step.resize(step.size() - 5);
    }
    const auto place = std::find(needs.begin(), needs.end(), step);
    piece.need = static_cast<std::uint32_t>(place - needs.begin());
  } else {
    piece.kind = PieceKind::LevelName;
    piece.level = tree.find(word);
  }
  return piece;
}

Template parse(const std::string& text, const Tree& tree, const std::vector<std::string>& needs) {
  Template result;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t open = std::min(text.find('{', at), text.size());
    if (open > at)
      result.pieces.push_back({PieceKind::Text, text.substr(at, open - at), {}, 0, 0, {}});
    if (open == text.size()) break;
    const std::size_t close = text.find('}', open);
    result.pieces.push_back(make_piece(text.substr(open + 1, close - open - 1), tree, needs));
    at = close + 1;
  }
  return result;
}

LevelId finest(const Template& path, LevelId each, const Tree& tree) {
  LevelId level = each;
  for (const Piece& piece : path.pieces) {
    if (piece.kind == PieceKind::LevelName && tree.depth(piece.level) > tree.depth(level)) {
      level = piece.level;
    }
  }
  return level;
}

StepSpec make_step(const TestStep& step, const Tree& tree) {
  StepSpec spec;
  spec.name = step.name;
  spec.each = tree.find(step.each);
  spec.run = parse(step.run, tree, step.needs);
  for (std::string path : step.outputs) {
    OutputSpec output;
    if (path.back() == '/') {
      output.kind = OutputKind::Directory;
      path.pop_back();
    } else if (path.find('*') != std::string::npos) {
      output.kind = OutputKind::Glob;
    }
    output.path = parse(path, tree, {});
    output.fan = finest(output.path, spec.each, tree);
    output.mentioned = step.run.find("{outputs") != std::string::npos;
    spec.outputs.push_back(output);
  }
  for (const std::string& path : step.inputs) {
    spec.inputs.push_back(
        {parse(path, tree, {}), path.find('*') != std::string::npos, false, kNone});
  }
  if (step.more) step.more(spec);
  return spec;
}

}  // namespace

Workspace::Workspace() {
  std::string name = (fs::temp_directory_path() / "wfr-test-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary directory");
  dir_ = fs::canonical(name);
  fs::create_directories(data());
  fs::create_directories(out());
}

Workspace::~Workspace() {
  std::error_code ignored;
  fs::remove_all(dir_, ignored);
}

void write_text(const fs::path& file, const std::string& text) {
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << text;
}

std::string read_text(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

WorkflowBuilder& WorkflowBuilder::level(const std::string& name,
                                        const std::vector<std::string>& names) {
  levels_.emplace_back(name, names);
  return *this;
}

WorkflowBuilder& WorkflowBuilder::step(const TestStep& step) {
  steps_.push_back(step);
  return *this;
}

Plan WorkflowBuilder::build(const fs::path& root) const {
  Plan plan;
  plan.workflow = "test";
  plan.root = root.string();
  plan.workflow_dir = root.string();
  plan.site = "local";
  plan.wfc_version = "0";
  plan.graph.tree = make_tree(levels_);
  const Tree& tree = plan.graph.tree;
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    StepSpec spec = make_step(steps_[i], tree);
    const StepId id{static_cast<std::uint32_t>(i)};
    for (const std::string& name : steps_[i].needs) {
      const auto from = std::find_if(plan.steps.begin(),
                                     plan.steps.end(),
                                     [&](const StepSpec& other) { return other.name == name; });
      if (from == plan.steps.end()) throw std::invalid_argument("no step " + name);
      const StepId from_id{static_cast<std::uint32_t>(from - plan.steps.begin())};
      spec.needs.push_back(
          {name, from_id, static_cast<std::uint32_t>(plan.graph.edges.size()), true});
      plan.graph.edges.push_back(
          {from_id, id, tree.lowest_common(from->each, spec.each), EdgeKind::Data});
    }
    plan.graph.instances.push_back(all_nodes(spec.each, tree.level(spec.each).size()));
    plan.steps.push_back(std::move(spec));
    plan.order.push_back(id);
  }
  for (std::uint16_t l = 1; l < tree.levels.size(); ++l) {
    for (Ordinal node = 0; node < tree.level(LevelId{l}).size(); ++node) {
      fs::create_directories(root / tree.directory(LevelId{l}, node));
    }
  }
  serialize_plan(plan);
  return plan;
}

JobOptions whole_job(const Plan& plan, const fs::path& out) {
  JobOptions options;
  options.out_dir = out;
  options.cpus = 2;
  options.prepare_environment = true;
  for (const StepId id : plan.order) {
    if (plan.step(id).finalizer != FinalizerKind::None) continue;
    options.tasks.emplace_back(id, Range{0, plan.graph.tasks(id).count});
  }
  return options;
}

}  // namespace wfr::test
