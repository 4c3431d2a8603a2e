// Inputs that nobody makes.
#include "tests/unit/graph/fixture.hpp"

#include <catch2/catch.hpp>

using namespace wfc::test;
using wfc::Sink;
using wfc::StepId;
using wfc::Workflow;

namespace {

Lines reports_on(const TemporaryDirectory& disk, const Workflow& workflow) {
  Sink sink;
  expand_on(disk, workflow, sink);
  return reports(sink);
}

}  // namespace

TEST_CASE("an input on the disk is there") {
  const TemporaryDirectory disk;
  make_recordings(disk);
  for (const char* session : {"session01", "session02", "sessioneye"}) {
    disk.write(std::string(session) + "/markers.txt");
    disk.write(std::string(session) + "/a.ns5");
  }
  disk.write("subject.json");
  Workflow workflow = recordings_workflow();
  const StepId parse = add_step(workflow, "parse", kSession);
  add_input(workflow, parse, "markers.txt");
  add_input(workflow, parse, "*.ns5");
  add_input(workflow, parse, "../subject.json");
  CHECK(reports_on(disk, workflow).empty());
}

TEST_CASE("an input that is nowhere is an error") {
  const TemporaryDirectory disk;
  make_recordings(disk);
  Workflow workflow = recordings_workflow();
  add_step(workflow, "track", kSession, {"positions.csv"});
  const StepId parse = add_step(workflow, "parse", kSession);
  Sink sink;
  SECTION("a misspelt output of another step") {
    add_input(workflow, parse, "position.csv");
    expand_on(disk, workflow, sink);
    CHECK(reports(sink) == Lines{"WFC3102: `parse` reads `{session}/position.csv`, which does not "
                                 "exist and which no step makes"});
    CHECK(sink.all().back().help == "did you mean `{session}/positions.csv`, which `track` makes?");
  }
  SECTION("a glob") {
    add_input(workflow, parse, "*.ns5");
    CHECK(reports_on(disk, workflow) ==
          Lines{"WFC3102: `parse` reads `{session}/*.ns5`, which does not exist and which no step "
                "makes"});
  }
}

TEST_CASE("an input missing in some directories is a warning that names them") {
  const TemporaryDirectory disk;
  make_recordings(disk);
  disk.write("session02/markers.txt");
  Workflow workflow = recordings_workflow();
  const StepId parse = add_step(workflow, "parse", kSession);
  add_input(workflow, parse, "markers.txt");
  Sink sink;
  expand_on(disk, workflow, sink);
  CHECK(reports(sink) == Lines{"WFC3103: `parse` reads `{session}/markers.txt`, which is missing "
                               "in 2 of 3 directories: `session01`, `sessioneye`"});
  CHECK_FALSE(sink.has_errors());
}

TEST_CASE("of many tasks a thousand are looked at") {
  const TemporaryDirectory disk;
  for (int i = 0; i < 3000; ++i) disk.make("session" + std::to_string(10000 + i));
  disk.write("session10000/markers.txt");
  Workflow workflow = empty_workflow();
  add_match(workflow, "session", "session*");
  const StepId parse = add_step(workflow, "parse", level_id(1));
  add_input(workflow, parse, "markers.txt");
  const Lines told = reports_on(disk, workflow);
  REQUIRE(told.size() == 1);
  CHECK(told[0] ==
        "WFC3103: `parse` reads `{session}/markers.txt`, which is missing in 999 of 1000 "
        "directories looked at: `session10003`, `session10006`, `session10009`, ...");
}

TEST_CASE("in a directory that a step makes the disk does not count") {
  const TemporaryDirectory disk;
  make_recordings(disk);
  disk.write("session01/array01/channel1/raw.h5");
  Workflow workflow = empty_workflow();
  add_match(workflow, "session", "session*");
  add_values(workflow, "array", {"array01"}).made_by = StepId{0};
  add_values(workflow, "channel", {"channel1"}).made_by = StepId{0};
  const StepId split =
      add_step(workflow, "split", kSession, {"{array}/{channel}/raw.h5", "{array}/extra/"});
  const StepId filter = add_step(workflow, "filter", kChannel);
  add_need(workflow, filter, split);
  SECTION("made") {
    add_input(workflow, filter, "raw.h5");
    add_input(workflow, filter, "*.h5");
    add_input(workflow, filter, "../extra/list.txt");
    CHECK(reports_on(disk, workflow).empty());
  }
  SECTION("not made") {
    disk.write("session01/array01/channel1/cooked.h5");
    add_input(workflow, filter, "cooked.h5");
    CHECK(reports_on(disk, workflow) ==
          Lines{"WFC3102: `filter` reads `{session}/{array}/{channel}/cooked.h5`, which no step "
                "makes, in a directory that `split` makes"});
  }
  SECTION("a glob that no output fits") {
    add_input(workflow, filter, "*.txt");
    CHECK(reports_on(disk, workflow).size() == 1);
  }
}

TEST_CASE("an output that is a pattern makes what it matches") {
  const TemporaryDirectory disk;
  make_recordings(disk);
  Workflow workflow = recordings_workflow();
  const StepId sort = add_step(workflow, "sort", kChannel, {"firings*.mda"});
  const StepId count = add_step(workflow, "count", kChannel);
  add_need(workflow, count, sort);
  SECTION("matched") {
    add_input(workflow, count, "firings01.mda");
    CHECK(reports_on(disk, workflow).empty());
  }
  SECTION("not matched") {
    add_input(workflow, count, "spikes.mda");
    CHECK(reports_on(disk, workflow).size() == 1);
  }
}
