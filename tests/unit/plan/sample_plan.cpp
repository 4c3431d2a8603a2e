// The sample plan, built in memory as the compiler builds one.
#include "tests/unit/plan/sample_plan.hpp"

#include <fstream>
#include <sstream>
#include <stdexcept>

#include <stdlib.h>

namespace wfr::test {
namespace {

Names make_names(const std::vector<std::string>& values, Storage& storage) {
  std::vector<std::uint64_t> begin{0};
  std::vector<char> bytes;
  for (const std::string& value : values) {
    bytes.insert(bytes.end(), value.begin(), value.end());
    begin.push_back(bytes.size());
  }
  return {storage.keep(std::move(begin)), storage.keep(std::move(bytes))};
}

Tree sample_tree() {
  Tree tree;
  Storage& storage = tree.storage;
  Level root;
  root.names = make_names({""}, storage);
  root.children = {{kSession, storage.keep(std::vector<std::uint32_t>{0, 2})}};
  Level session;
  session.name = "session";
  session.names = make_names(session_names(), storage);
  session.parent = storage.keep(std::vector<Ordinal>{0, 0});
  session.children = {{kArray, storage.keep(std::vector<std::uint32_t>{0, 2, 3})}};
  session.columns = {{"subject", make_names({"mouse 1", "it's"}, storage)}};
  Level array;
  array.name = "array";
  array.under = kSession;
  array.names = make_names(array_names(), storage);
  array.parent = storage.keep(std::vector<Ordinal>{0, 0, 1});
  array.children = {{kChannel, storage.keep(std::vector<std::uint32_t>{0, 2, 3, 5})}};
  Level channel;
  channel.name = "channel";
  channel.under = kArray;
  channel.names = make_names(channel_names(), storage);
  channel.parent = storage.keep(std::vector<Ordinal>{0, 0, 1, 2, 2});
  tree.levels = {root, session, array, channel};
  return tree;
}

OutputSpec output(std::vector<Piece> pieces, LevelId fan, OutputKind kind = OutputKind::File) {
  OutputSpec spec;
  spec.path.pieces = std::move(pieces);
  spec.fan = fan;
  spec.kind = kind;
  return spec;
}

StepSpec split_step() {
  StepSpec step;
  step.name = "split";
  step.each = kSession;
  step.command = CommandKind::Kernel;
  step.kernel = "nsx.split";
  step.kernel_version = 3;
  step.params_json = R"({"rate":1000})";
  step.param_templates = {{"subject", {{level_name(kSession)}}}};
  step.inputs = {{{{text("*.ns5")}}, true, false, kNone}};
  step.outputs = {
      output({level_name(kArray), text("/"), level_name(kChannel), text("/raw.h5")}, kChannel)};
  step.outputs[0].mentioned = true;
  step.resources.mem_mb = 4096;
  step.resources.time_s = 3600;
  return step;
}

StepSpec highpass_step() {
  StepSpec step;
  step.name = "highpass";
  step.was = "filter";
  step.each = kChannel;
  step.command = CommandKind::Argv;
  step.argv = {{{text("cp")}}, {{of_need(PieceKind::Need, 0)}}, {{of_kind(PieceKind::Outputs)}}};
  step.needs = {{"split", kSplit, 0, true}};
  step.outputs = {output({text("highpass.h5")}, kChannel)};
  step.outputs[0].mentioned = true;
  step.environment.variables = {{"LANG", "C"}, {"BYTES", "\xff"}};
  step.environment.modules = {"GCC/12.3.0"};
  return step;
}

StepSpec sort_step() {
  StepSpec step;
  step.name = "sort";
  step.each = kChannel;
  step.run.pieces = {text("sort "),
                     of_need(PieceKind::Need, 0),
                     text(" --threads "),
                     of_kind(PieceKind::Cpus),
                     text(" --mode "),
                     value("it's"),
                     text(" --of "),
                     level_name(kSession)};
  step.needs = {{"highpass", kHighpass, 1, true}};
  step.outputs = {output({text("firings.mda")}, kChannel),
                  output({text("*.log")}, kChannel, OutputKind::Glob)};
  step.outputs[0].name = "firings";
  step.outputs[1].name = "logs";
  step.resources.cpus = 5;
  step.retry = {2, {FailureKind::OutOfMemory, FailureKind::Timeout}};
  return step;
}

StepSpec gather_step() {
  StepSpec step;
  step.name = "gather";
  step.each = kSession;
  step.run.pieces = {text("gather "),
                     of_need(PieceKind::NeedOutput, 0, "firings"),
                     text(" < "),
                     of_need(PieceKind::NeedList, 0)};
  step.needs = {{"sort", kSort, 2, true}};
  step.outputs = {output({text("all")}, kSession, OutputKind::Directory)};
  step.allow_empty = true;
  return step;
}

StepSpec neighbours_step() {
  StepSpec step;
  step.name = "neighbours";
  step.each = kChannel;
  step.run.pieces = {text("join "), of_need(PieceKind::Need, 0)};
  step.needs = {{"highpass", kHighpass, 3, true}};
  return step;
}

}  // namespace

std::vector<std::string> session_names() {
  return {"$(touch pwned)", "session 02"};
}
std::vector<std::string> array_names() {
  return {"-array", "a[1]*", "array'\"3"};
}
std::vector<std::string> channel_names() {
  return {"channel001", "channel\n002", "channel\xff\xfe", "channel004", "channel005"};
}

Piece text(std::string value) {
  Piece piece;
  piece.text = std::move(value);
  return piece;
}
Piece value(std::string text) {
  Piece piece;
  piece.kind = PieceKind::Value;
  piece.text = std::move(text);
  return piece;
}
Piece level_name(LevelId level) {
  Piece piece;
  piece.kind = PieceKind::LevelName;
  piece.level = level;
  return piece;
}
Piece of_kind(PieceKind kind) {
  Piece piece;
  piece.kind = kind;
  return piece;
}
Piece of_need(PieceKind kind, std::uint32_t need, std::string output) {
  Piece piece;
  piece.kind = kind;
  piece.need = need;
  piece.output = std::move(output);
  return piece;
}

Plan sample_plan() {
  Plan plan;
  plan.workflow = "sample";
  plan.root = "../data";
  plan.site = "local";
  plan.wfc_version = "0.1.0";
  plan.graph.tree = sample_tree();
  StepSpec snapshot;
  snapshot.name = "snapshot";
  snapshot.finalizer = FinalizerKind::Success;
  snapshot.run.pieces = {text("true")};
  plan.steps = {
      split_step(), highpass_step(), sort_step(), gather_step(), neighbours_step(), snapshot};
  Storage& storage = plan.graph.storage;
  plan.graph.instances = {all_nodes(kSession, 2),
                          all_nodes(kChannel, 5),
                          make_instances(kChannel, {true, true, true, false, false}, storage),
                          all_nodes(kSession, 2),
                          all_nodes(kChannel, 5),
                          all_nodes(kRootLevel, 1)};
  plan.graph.edges = {{kSplit, kHighpass, kSession, EdgeKind::Data},
                      {kHighpass, kSort, kChannel, EdgeKind::Data},
                      {kSort, kGather, kSession, EdgeKind::Data},
                      {kHighpass, kNeighbours, kArray, EdgeKind::Data}};
  plan.order = {kSplit, kHighpass, kSort, kGather, kNeighbours, kSnapshot};
  plan.maps = {
      {kSession, all_nodes(kSession, 2), {}},
      {kChannel, all_nodes(kChannel, 5), plan.storage.keep(std::vector<std::uint32_t>{0, 2, 5})},
      // Sets of one: the second channel, the first, the third.
      {kChannel,
       make_instances(kChannel, {true, true, true, false, false}, storage),
       plan.storage.keep(std::vector<std::uint32_t>{0, 1, 2, 3}),
       plan.storage.keep(std::vector<std::uint32_t>{1, 0, 2}),
       plan.storage.keep(std::vector<std::uint32_t>{1, 0, 2})}};
  plan.families = {
      {{kSplit}, 0, {}}, {{kHighpass, kNeighbours}, 1, {}}, {{kSort}, 2, {}}, {{kGather}, 0, {}}};
  plan.arrays = {
      {"01-split", FamilyId{0}, 0, false, false, {{0, 2}}, 0, {}, 1, {}},
      {"02-highpass",
       FamilyId{1},
       0,
       false,
       true,
       {{0, 1}, {1, 2}},
       7,
       {{Dep::AfterAny, ArrayId{0}}},
       1,
       {}},
      {"03-sort", FamilyId{2}, 1, false, false, {{0, 2}}, 0, {{Dep::AfterCorr, ArrayId{1}}}, 1, {}},
      {"04-gather", FamilyId{3}, 1, true, false, {{0, 1}}, 0, {{Dep::AfterOk, ArrayId{2}}}, 1, {}}};
  return plan;
}

ScratchDirectory::ScratchDirectory() {
  std::string name = (std::filesystem::temp_directory_path() / "wfr-test-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
  path_ = name;
}
ScratchDirectory::~ScratchDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void write_file(const std::filesystem::path& file, const std::string& bytes) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << bytes;
}
std::string read_file(const std::filesystem::path& file) {
  std::ostringstream bytes;
  bytes << std::ifstream(file, std::ios::binary).rdbuf();
  return bytes.str();
}

}  // namespace wfr::test
