// Which nodes are left out, from the logs. Seen to fail: with a row of any length (one failure is
// enough), and where other nodes need not have done the step (one that fails everywhere).
#include "runtime/run/bad_nodes.hpp"

#include <catch2/catch.hpp>
#include <unistd.h>

namespace wfr {
namespace {

namespace fs = std::filesystem;

class Logs {
 public:
  Logs() : paths{fs::temp_directory_path() / ("wfc_bad_nodes_" + std::to_string(getpid()))} {
    fs::remove_all(paths.dir);
  }
  Logs(const Logs&) = delete;
  Logs& operator=(const Logs&) = delete;
  ~Logs() { fs::remove_all(paths.dir); }
  // None: it has succeeded.
  void end(const std::string& node, std::uint32_t step, TaskIndex index, FailureKind kind) {
    Record record;
    record.kind = RecordKind::End;
    record.task = {StepId{step}, index};
    record.node = node;
    record.verdict = kind == FailureKind::None ? Verdict::Done : Verdict::Failed;
    record.failure = kind;
    record.time_ns = ++time_;
    LogWriter(paths.log_dir()).append(record);
  }
  void fail(const std::string& node, TaskIndex index, FailureKind kind = FailureKind::Exit) {
    end(node, 0, index, kind);
  }
  void succeed(const std::string& node, TaskIndex index, std::uint32_t step = 0) {
    end(node, step, index, FailureKind::None);
  }
  [[nodiscard]] std::vector<std::string> bad() const { return bad_nodes(paths); }
  StatePaths paths;

 private:
  std::int64_t time_ = 0;
};

using NodeNames = std::vector<std::string>;

}  // namespace

TEST_CASE("three tasks in a row make a node bad, when another node does the step") {
  Logs logs;
  CHECK(logs.bad().empty());
  logs.fail("n1", 0);
  logs.fail("n1", 1, FailureKind::Lost);
  logs.succeed("n2", 5);
  CHECK(logs.bad().empty());
  logs.fail("n1", 2, FailureKind::Node);
  CHECK(logs.bad() == NodeNames{"n1"});
  // What succeeds there ends the row.
  logs.succeed("n1", 3);
  CHECK(logs.bad().empty());
}

TEST_CASE("one task again and again, memory and time say nothing of a node") {
  Logs logs;
  logs.succeed("n2", 5);
  for (int i = 0; i < 4; ++i) logs.fail("n1", 7);
  for (TaskIndex i = 0; i < 4; ++i) logs.fail("n1", 10 + i, FailureKind::OutOfMemory);
  for (TaskIndex i = 0; i < 4; ++i) logs.fail("n1", 20 + i, FailureKind::Timeout);
  CHECK(logs.bad().empty());
}

TEST_CASE("a step that fails everywhere is not blamed on nodes") {
  Logs logs;
  for (const char* node : {"n1", "n2"}) {
    for (TaskIndex i = 0; i < 3; ++i) logs.fail(node, i);
  }
  CHECK(logs.bad().empty());
  // Another step's success does not tell.
  logs.succeed("n3", 0, 1);
  CHECK(logs.bad().empty());
  logs.succeed("n3", 9);
  CHECK(logs.bad() == NodeNames{"n1", "n2"});
}

TEST_CASE("of two that did the step before they went bad, none accuses the other") {
  Logs logs;
  for (const char* node : {"n1", "n2"}) {
    logs.succeed(node, 8);
    for (TaskIndex i = 0; i < 3; ++i) logs.fail(node, i);
  }
  CHECK(logs.bad().empty());
}

}  // namespace wfr
