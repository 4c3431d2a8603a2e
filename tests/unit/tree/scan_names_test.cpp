// Names that people should not have given to directories, and that work all the same.
#include "compiler/tree/instances.hpp"
#include "compiler/tree/scan.hpp"
#include "tests/unit/tree/fixture.hpp"

#include <random>

#include <catch2/catch.hpp>

using wfc::Sink;
using wfc::Workflow;
using wfc::test::directories;
using wfc::test::level_id;
using wfc::test::Lines;
using wfc::test::reports;
using wfc::test::TemporaryDirectory;

TEST_CASE("names of any bytes are kept as they are") {
  // In bytewise order.
  const Lines names{"\x01",
                    " ",
                    "\"quoted\"",
                    "$(touch pwned)",
                    "'; rm -rf ~; '",
                    "*",
                    "--help",
                    "-rf",
                    "a\\b",
                    "a\nb",
                    "caf\xe9",
                    "{array}",
                    "\xe6\x97\xa5",
                    "\xff\xfe"};
  Lines sorted = names;
  std::sort(sorted.begin(), sorted.end(), [](const std::string& a, const std::string& b) {
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
      return static_cast<unsigned char>(x) < static_cast<unsigned char>(y);
    });
  });
  const TemporaryDirectory disk;
  for (const std::string& name : names) disk.make(name + "/" + name);
  Workflow workflow = wfc::test::empty_workflow();
  wfc::test::add_match(workflow, "outer", "*");
  wfc::test::add_match(workflow, "inner", "*");
  Sink sink;
  const wfr::Tree tree = wfc::scan(workflow, disk.path(), sink);
  CHECK(reports(sink).empty());
  CHECK(directories(tree, level_id(1)) == sorted);
  Lines inner;
  for (const std::string& name : sorted) inner.push_back(name + "/" + name);
  CHECK(directories(tree, level_id(2)) == inner);
}

TEST_CASE("the longest names work") {
  const TemporaryDirectory disk;
  const std::string longest(255, 'x');
  disk.make(longest + "/" + longest);
  Workflow workflow = wfc::test::empty_workflow();
  wfc::test::add_match(workflow, "outer", "x*");
  wfc::test::add_match(workflow, "inner", "x*");
  Sink sink;
  const wfr::Tree tree = wfc::scan(workflow, disk.path(), sink);
  CHECK(reports(sink).empty());
  CHECK(directories(tree, level_id(2)) == Lines{longest + "/" + longest});
}

TEST_CASE("names that begin alike are sorted as bytes") {
  std::mt19937 random(5);
  std::vector<std::string> names;
  for (int i = 0; i < 2000; ++i) {
    std::string name = "common-beginning-";
    const int more = std::uniform_int_distribution<int>(0, 20)(random);
    for (int k = 0; k < more; ++k) {
      name += static_cast<char>(std::uniform_int_distribution<int>('a', 'c')(random));
    }
    names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  Lines shuffled = names;
  std::shuffle(shuffled.begin(), shuffled.end(), random);
  const TemporaryDirectory disk;
  Workflow workflow = wfc::test::empty_workflow();
  wfc::test::add_values(workflow, "sample", shuffled);
  Sink sink;
  CHECK(directories(wfc::scan(workflow, disk.path(), sink), level_id(1)) == names);
}

TEST_CASE("thousands of directories in one take several reads") {
  const TemporaryDirectory disk;
  for (int i = 0; i < 12000; ++i) disk.make("channel" + std::to_string(100000 + i));
  Workflow workflow = wfc::test::empty_workflow();
  wfc::test::add_match(workflow, "channel", "channel*");
  Sink sink;
  const wfr::Tree tree = wfc::scan(workflow, disk.path(), sink);
  REQUIRE(tree.level(level_id(1)).size() == 12000);
  CHECK(tree.directory(level_id(1), 0) == "channel100000");
  CHECK(tree.directory(level_id(1), 11999) == "channel111999");
}

TEST_CASE("where keeps the tasks below directories with a fitting name") {
  const TemporaryDirectory disk;
  for (const char* session : {"session01", "session02", "sessioneye"}) {
    disk.make(std::string(session) + "/array01");
    disk.make(std::string(session) + "/array02");
  }
  Workflow workflow = wfc::test::empty_workflow();
  wfc::test::add_match(workflow, "session", "session*");
  wfc::test::add_match(workflow, "array", "array*");
  Sink sink;
  const wfr::Tree tree = wfc::scan(workflow, disk.path(), sink);
  wfc::StepDef step;
  step.spec.each = level_id(2);
  wfr::Storage storage;
  CHECK(wfc::step_instances(step, tree, storage).count == 6);
  step.where.push_back({level_id(1), "", {"session0*"}, {}});
  CHECK(wfc::step_instances(step, tree, storage).count == 4);
  step.where.push_back({level_id(2), "", {"/.*2/", "nothing"}, {}});
  const wfr::InstanceSet set = wfc::step_instances(step, tree, storage);
  REQUIRE(set.count == 2);
  CHECK(tree.directory(level_id(2), set.node_at(1)) == "session02/array02");
  step.dropped = true;
  CHECK(wfc::step_instances(step, tree, storage).count == 0);
}
