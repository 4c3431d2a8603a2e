// Levels that a step makes: their names come from the list or from the kernel, never from the disk.
#include "compiler/tree/scan.hpp"
#include "runtime/kernels/nsx/header.hpp"
#include "tests/unit/kernels/nsx_memory.hpp"
#include "tests/unit/tree/fixture.hpp"

#include <catch2/catch.hpp>

using wfc::Sink;
using wfc::Workflow;
using wfc::test::directories;
using wfc::test::level_id;
using wfc::test::Lines;
using wfc::test::reports;
using wfc::test::TemporaryDirectory;

namespace {

// Channels 1 and 2 on connector 0, 3 and 4 on connector 1, and so on.
void write_recording(const TemporaryDirectory& disk,
                     const std::string& file,
                     std::size_t channels) {
  const std::vector<std::byte> bytes = wfr::nsx::encode_header(wfr::nsx::sample_header(channels));
  std::string text(bytes.size(), '\0');
  std::memcpy(text.data(), bytes.data(), bytes.size());
  disk.write(file, text);
}

// session on disk, array and channel made by nsx.split of "*.ns5".
Workflow split_workflow() {
  Workflow workflow = wfc::test::empty_workflow();
  wfc::test::add_match(workflow, "session", "session*");
  wfc::test::add_match(workflow, "array", "array*").made_by = wfc::StepId{0};
  wfc::test::add_match(workflow, "channel", "channel*").made_by = wfc::StepId{0};
  wfc::StepDef step;
  step.spec.name = "split";
  step.spec.each = level_id(1);
  step.spec.command = wfr::CommandKind::Kernel;
  step.spec.kernel = "nsx.split";
  step.spec.params_json = R"({"channels": [], "buffer_mb": 64})";
  wfr::InputSpec input;
  wfr::Piece piece;
  piece.text = "*.ns5";
  input.path.pieces.push_back(piece);
  input.glob = true;
  step.spec.inputs.push_back(input);
  workflow.steps.push_back(step);
  return workflow;
}

}  // namespace

TEST_CASE("a kernel says which directories it will make") {
  const TemporaryDirectory disk;
  write_recording(disk, "session01/a.ns5", 4);
  write_recording(disk, "session02/b.ns5", 1);
  disk.make("session01/array77/channel999");
  Sink sink;
  const wfr::Tree tree = wfc::scan(split_workflow(), disk.path(), sink);
  CHECK(reports(sink).empty());
  CHECK(directories(tree, level_id(2)) ==
        Lines{"session01/array01", "session01/array02", "session02/array01"});
  CHECK(directories(tree, level_id(3)) == Lines{"session01/array01/channel001",
                                                "session01/array01/channel002",
                                                "session01/array02/channel003",
                                                "session01/array02/channel004",
                                                "session02/array01/channel001"});
}

TEST_CASE("made directories are trimmed like others") {
  const TemporaryDirectory disk;
  write_recording(disk, "session01/a.ns5", 4);
  Workflow workflow = split_workflow();
  workflow.levels[3].match = "/.*00[14]/";
  workflow.levels[2].exclude = {"array01"};
  Sink sink;
  const wfr::Tree tree = wfc::scan(workflow, disk.path(), sink);
  CHECK(reports(sink).empty());
  CHECK(directories(tree, level_id(2)) == Lines{"session01/array02"});
  CHECK(directories(tree, level_id(3)) == Lines{"session01/array02/channel004"});
}

TEST_CASE("a session with glob characters in its name is read literally") {
  const TemporaryDirectory disk;
  write_recording(disk, "session[1]*/a.ns5", 1);
  write_recording(disk, "session1x/a.ns5", 2);
  Sink sink;
  const wfr::Tree tree = wfc::scan(split_workflow(), disk.path(), sink);
  CHECK(reports(sink).empty());
  CHECK(directories(tree, level_id(3)) == Lines{"session1x/array01/channel001",
                                                "session1x/array01/channel002",
                                                "session[1]*/array01/channel001"});
}

TEST_CASE("a kernel is asked only where its step has a task") {
  const TemporaryDirectory disk;
  write_recording(disk, "session01/a.ns5", 1);
  disk.make("sessioneye");
  Workflow workflow = split_workflow();
  SECTION("without where the input is missing") {
    Sink sink;
    wfc::scan(workflow, disk.path(), sink);
    CHECK(reports(sink) == Lines{"WFC2506: there is no `*.ns5` in `" + disk.path().string() +
                                 "/sessioneye`, so `split` cannot say what it will make there"});
  }
  SECTION("with where the directory stays empty") {
    workflow.steps[0].where.push_back({level_id(1), "", {"session0*"}, {}});
    Sink sink;
    const wfr::Tree tree = wfc::scan(workflow, disk.path(), sink);
    CHECK(reports(sink).empty());
    CHECK(directories(tree, level_id(2)) == Lines{"session01/array01"});
    CHECK(tree.descendants(level_id(1), {1, 2}, level_id(3)).empty());
  }
}

TEST_CASE("an input that is not what the kernel reads is an error") {
  const TemporaryDirectory disk;
  disk.write("session01/a.ns5", "not a recording");
  Sink sink;
  wfc::scan(split_workflow(), disk.path(), sink);
  REQUIRE(reports(sink).size() == 1);
  CHECK(reports(sink)[0].find("WFC2507: `split` cannot say what it will make in `") == 0);
}

TEST_CASE("a listed level exists where its step has a task") {
  const TemporaryDirectory disk;
  disk.make("session01");
  disk.make("sessioneye");
  Workflow workflow = wfc::test::empty_workflow();
  wfc::test::add_match(workflow, "session", "session*");
  wfc::test::add_values(workflow, "array", {"array02", "array01"}).made_by = wfc::StepId{0};
  wfc::test::add_values(workflow, "channel", {"channel1"}).made_by = wfc::StepId{0};
  wfc::StepDef step;
  step.spec.name = "split";
  step.spec.each = level_id(1);
  step.where.push_back({level_id(1), "", {"session0*"}, {}});
  workflow.steps.push_back(step);
  Sink sink;
  const wfr::Tree tree = wfc::scan(workflow, disk.path(), sink);
  CHECK(reports(sink).empty());
  CHECK(directories(tree, level_id(2)) == Lines{"session01/array01", "session01/array02"});
  CHECK(directories(tree, level_id(3)) ==
        Lines{"session01/array01/channel1", "session01/array02/channel1"});
}

TEST_CASE("the directories of a dropped step are those on the disk") {
  const TemporaryDirectory disk;
  disk.make("session01/array05/channel009");
  Workflow workflow = split_workflow();
  workflow.steps[0].dropped = true;
  Sink sink;
  const wfr::Tree tree = wfc::scan(workflow, disk.path(), sink);
  CHECK(reports(sink).empty());
  CHECK(directories(tree, level_id(3)) == Lines{"session01/array05/channel009"});
}

TEST_CASE("a kernel without inputs of its own cannot say what it will make") {
  const TemporaryDirectory disk;
  disk.make("session01");
  Workflow workflow = split_workflow();
  workflow.steps[0].spec.inputs.clear();
  Sink sink;
  wfc::scan(workflow, disk.path(), sink);
  CHECK(reports(sink) == Lines{"WFC2505: `split` has no `inputs` that tell which directories of "
                               "level `array` it will make"});
}

TEST_CASE("levels that do not lie where the kernel makes them are an error") {
  const TemporaryDirectory disk;
  disk.make("session01");
  disk.write("a.ns5");
  Workflow workflow = split_workflow();
  workflow.steps[0].spec.each = wfr::kRootLevel;
  Sink sink;
  wfc::scan(workflow, disk.path(), sink);
  REQUIRE(reports(sink).size() == 1);
  CHECK(reports(sink)[0].find("WFC2026: `split` does not make the directories of level `array`") ==
        0);
}
