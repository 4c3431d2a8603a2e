// Whole jobs with real processes: what runs, what does not, and what is left on disk.
#include "runtime/run/job.hpp"

#include "tests/unit/run/workflow_builder.hpp"

#include <array>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace wfr;
using namespace wfr::test;

namespace fs = std::filesystem;

namespace {

Plan chain(const Workspace& space, const std::string& middle = "cp {needs.one} {outputs}") {
  return WorkflowBuilder()
      .level("session", {"s1", "s2"})
      .level("channel", {"c1", "c2", "c3"})
      .step({"one", "channel", "cp {inputs} {outputs}", {}, {"in.txt"}, {"one.txt"}})
      .step({"two", "channel", middle, {"one"}, {}, {"two.txt"}})
      .step({"all", "session", "cat {needs.two} > {outputs}", {"two"}, {}, {"all.txt"}})
      .build(space.data());
}

void make_inputs(const Workspace& space) {
  for (const char* session : {"s1", "s2"}) {
    for (const char* channel : {"c1", "c2", "c3"}) {
      write_text(space.data() / session / channel / "in.txt",
                 std::string(session) + channel + "\n");
    }
  }
}

// Names of all files below, relative, but for the one that holds the tasks' claims.
std::vector<std::string> listing(const fs::path& dir) {
  std::vector<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(dir)) {
    if (entry.path().filename() == ".wfr.claims") continue;
    if (entry.is_regular_file()) names.push_back(fs::relative(entry.path(), dir).string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

TEST_CASE("a chain with a gather runs once, and then is up to date") {
  Workspace space;
  make_inputs(space);
  const Plan plan = chain(space);
  const JobResult first = run_job(plan, whole_job(plan, space.out()));
  CHECK(first.complete());
  CHECK(first.progress.done == 14);
  CHECK(first.progress.up_to_date == 0);
  CHECK(read_text(space.data() / "s1/all.txt") == "s1c1\ns1c2\ns1c3\n");
  CHECK(read_text(space.data() / "s2/all.txt") == "s2c1\ns2c2\ns2c3\n");

  const JobResult second = run_job(plan, whole_job(plan, space.out()));
  CHECK(second.complete());
  CHECK(second.progress.up_to_date == 14);
}

TEST_CASE("only what depends on a changed input runs again") {
  Workspace space;
  make_inputs(space);
  const Plan plan = chain(space);
  REQUIRE(run_job(plan, whole_job(plan, space.out())).complete());
  write_text(space.data() / "s1/c2/in.txt", "changed\n");
  const JobResult again = run_job(plan, whole_job(plan, space.out()));
  CHECK(again.complete());
  CHECK(again.progress.done - again.progress.up_to_date == 3);
  CHECK(read_text(space.data() / "s1/all.txt") == "s1c1\nchanged\ns1c3\n");
}

TEST_CASE("an output that was deleted is made again, and what reads it is not if it is the same") {
  Workspace space;
  make_inputs(space);
  const Plan plan = chain(space);
  REQUIRE(run_job(plan, whole_job(plan, space.out())).complete());
  fs::remove(space.data() / "s2/all.txt");
  const JobResult again = run_job(plan, whole_job(plan, space.out()));
  CHECK(again.complete());
  CHECK(again.progress.done - again.progress.up_to_date == 1);
  CHECK(fs::exists(space.data() / "s2/all.txt"));
}

TEST_CASE("a failing task leaves its siblings alone and gates what needs it") {
  Workspace space;
  make_inputs(space);
  const Plan plan =
      chain(space, "test {channel} != c2 || test {session} != s1; cp {needs.one} {outputs}");
  const JobResult result = run_job(plan, whole_job(plan, space.out()));
  CHECK_FALSE(result.complete());
  CHECK(result.progress.failed == 1);
  CHECK(result.progress.upstream_failed == 1);
  CHECK(result.progress.done == 12);
  REQUIRE(result.failures.size() == 1);
  CHECK(task_name(plan, result.failures[0].task) == "two:s1/c2");
  CHECK(result.failures[0].kind == FailureKind::Exit);
  CHECK(result.failures[0].status == 1);
  CHECK_FALSE(fs::exists(space.data() / "s1/all.txt"));
  CHECK_FALSE(fs::exists(space.data() / "s1/c2/two.txt"));
  CHECK(fs::exists(space.data() / "s2/all.txt"));
  for (const std::string& name : listing(space.data()))
    CHECK(name.find(".wfr.") == std::string::npos);
}

TEST_CASE("a failing producer holds back its pairs, and a task reads its own in their order") {
  Workspace space;
  make_inputs(space);
  const auto paired = [&](const std::string& first,
                          const std::vector<std::pair<TaskIndex, TaskIndex>>& pairs) {
    Plan plan = WorkflowBuilder()
                    .level("session", {"s1", "s2"})
                    .level("channel", {"c1", "c2", "c3"})
                    .step({"one", "channel", first, {}, {"in.txt"}, {"one.txt"}})
                    .step({"two", "channel", "cat {needs.one} > {outputs}", {"one"}, {}, {"t"}})
                    .build(space.data());
    plan.steps[1].allow_empty = true;
    set_pairs(plan.graph, plan.graph.edges[0], pairs);
    serialize_plan(plan);
    return plan;
  };
  const std::vector<std::pair<TaskIndex, TaskIndex>> pairs{{5, 0}, {1, 0}, {5, 4}, {0, 2}, {2, 2}};
  const Plan bad = paired("test {session}{channel} != s2c3; cp {inputs} {outputs}", pairs);
  const JobResult held = run_job(bad, whole_job(bad, space.out()));
  CHECK(held.progress.failed == 1);
  CHECK(held.progress.upstream_failed == 2);
  CHECK(held.progress.done == 9);
  CHECK_FALSE(fs::exists(space.data() / "s1/c1/t"));
  CHECK_FALSE(fs::exists(space.data() / "s2/c2/t"));
  CHECK(read_text(space.data() / "s1/c3/t") == "s1c1\ns1c3\n");

  Plan good = paired("cp {inputs} {outputs}", pairs);
  good.hash = bad.hash;  // the same records
  CHECK(run_job(good, whole_job(good, space.out())).complete());
  CHECK(read_text(space.data() / "s1/c1/t") == "s2c3\ns1c2\n");
  CHECK(read_text(space.data() / "s2/c1/t").empty());

  SECTION("another producer is another input, even if it has made the same") {
    write_text(space.data() / "s1/c1/in.txt", "same\n");
    write_text(space.data() / "s1/c2/in.txt", "same\n");
    REQUIRE(run_job(good, whole_job(good, space.out())).complete());
    Plan other = good;
    set_pairs(other.graph, other.graph.edges[0], {{5, 0}, {1, 0}, {5, 4}, {1, 2}, {2, 2}});
    serialize_plan(other);
    other.hash = good.hash;  // the same records
    const JobResult again = run_job(other, whole_job(other, space.out()));
    CHECK(again.complete());
    CHECK(again.progress.done - again.progress.up_to_date == 1);
  }
}

TEST_CASE("a missing input names the step that should have made it") {
  Workspace space;
  make_inputs(space);
  fs::remove(space.data() / "s1/c1/in.txt");
  const Plan plan = chain(space);
  const JobResult result = run_job(plan, whole_job(plan, space.out()));
  REQUIRE(result.failures.size() == 1);
  CHECK(result.failures[0].kind == FailureKind::MissingInput);
  CHECK(result.failures[0].message ==
        "the input `s1/c1/in.txt` does not exist, and no step makes it");
}

TEST_CASE("a command that ends well without its output has failed") {
  Workspace space;
  const Plan plan =
      WorkflowBuilder().step({"lazy", "", "true {outputs}", {}, {}, {"x.txt"}}).build(space.data());
  const JobResult result = run_job(plan, whole_job(plan, space.out()));
  REQUIRE(result.failures.size() == 1);
  CHECK(result.failures[0].kind == FailureKind::MissingOutput);
  CHECK(result.failures[0].message.find("`x.txt`") != std::string::npos);
}

TEST_CASE("a link that leads nowhere from its own place is no output") {
  const Workspace space;
  // Where the command writes, the link finds its file.
  const Plan plan =
      WorkflowBuilder()
          .step(
              {"one", "", "d=$(dirname {outputs}); echo > $d/y; ln -s y {outputs}", {}, {}, {"x"}})
          .build(space.data());
  const JobResult result = run_job(plan, whole_job(plan, space.out()));
  REQUIRE(result.failures.size() == 1);
  CHECK(result.failures[0].kind == FailureKind::MissingOutput);
  CHECK(result.failures[0].message ==
        "the output `x` is a link to `y`, which is not there from its place");
  CHECK(listing(space.data()).empty());
  CHECK_FALSE(fs::is_symlink(space.data() / "x"));
}

TEST_CASE("an old file is not taken for the output of a command that writes in place") {
  Workspace space;
  // The same state whatever the command: what is done would be carried over.
  std::string hash;
  const auto with_command = [&](const std::string& run) {
    Plan plan = WorkflowBuilder().step({"lazy", "", run, {}, {}, {"x.txt"}}).build(space.data());
    if (hash.empty()) hash = plan.hash;
    plan.hash = hash;
    return run_job(plan, whole_job(plan, space.out()));
  };
  REQUIRE(with_command("echo old > x.txt").complete());
  CHECK(with_command("true").failures.size() == 1);
  CHECK(read_text(space.data() / "x.txt") == "old\n");

  CHECK(with_command("echo new > x.txt; exit 3").failures.at(0).status == 3);
  CHECK(read_text(space.data() / "x.txt") == "old\n");
  CHECK(read_text(space.out() / "failed/lazy/attempt-3/x.txt") == "new\n");

  CHECK(with_command("echo good > x.txt").complete());
  CHECK(read_text(space.data() / "x.txt") == "good\n");
}

TEST_CASE("directories and globs are outputs like files") {
  Workspace space;
  const Plan plan =
      WorkflowBuilder()
          .step({"dir", "", "mkdir {outputs}; touch {outputs}/a {outputs}/b", {}, {}, {"many/"}})
          .step(
              {"glob", "", "ls {needs.dir}; touch part1.txt part2.txt", {"dir"}, {}, {"part*.txt"}})
          .build(space.data());
  CHECK(run_job(plan, whole_job(plan, space.out())).complete());
  CHECK(listing(space.data()) ==
        std::vector<std::string>{"many/a", "many/b", "part1.txt", "part2.txt"});
  CHECK(run_job(plan, whole_job(plan, space.out())).progress.up_to_date == 2);
  // A change deep in the directory shows.
  write_text(space.data() / "many/a", "changed");
  CHECK(run_job(plan, whole_job(plan, space.out())).progress.up_to_date == 0);
  CHECK(read_text(space.data() / "many/a").empty());
}

TEST_CASE("retries happen in place and are counted") {
  Workspace space;
  const auto step = [&](std::uint32_t times) {
    return WorkflowBuilder()
        .step({"flaky",
               "",
               "echo x >> ../tries; test $(wc -l < ../tries) -ge 3; touch {outputs}",
               {},
               {},
               {"done"},
               [&](StepSpec& spec) {
                 spec.retry = {times, {}};
               }})
        .build(space.data());
  };
  const Plan two = step(1);
  CHECK(run_job(two, whole_job(two, space.out())).failures.size() == 1);
  fs::remove(space.data() / "../tries");
  const Plan three = step(2);
  CHECK(run_job(three, whole_job(three, space.out())).complete());
}

TEST_CASE("timeouts, signals and memory are told apart") {
  Workspace space;
  const auto kind_of = [&](const std::string& run, const std::function<void(StepSpec&)>& more) {
    const Plan plan =
        WorkflowBuilder().step({"bad", "", run, {}, {}, {}, more}).build(space.data());
    const JobResult result = run_job(plan, whole_job(plan, space.out()));
    return result.failures.at(0).kind;
  };
  CHECK(kind_of("sleep 30", [](StepSpec& s) { s.timeout_s = 1; }) == FailureKind::Timeout);
  CHECK(kind_of("kill -SEGV $$", nullptr) == FailureKind::Signal);
  CHECK(kind_of("no-such-program-anywhere x", nullptr) == FailureKind::Exit);
  CHECK(kind_of("/usr/bin/python3 -c 'x = bytearray(200 << 20); import time; time.sleep(20)'",
                [](StepSpec& s) { s.resources.mem_mb = 50; }) == FailureKind::OutOfMemory);
}

TEST_CASE("hostile directory names reach commands as they are") {
  Workspace space;
  const std::vector<std::string> names{"a b",
                                       "it's",
                                       "$(touch pwned)",
                                       "new\nline",
                                       "-rf",
                                       "\xff\xfe",
                                       "*",
                                       "\\",
                                       "\"",
                                       "a[1]",
                                       "`id`",
                                       "x;y"};
  const Plan plan =
      WorkflowBuilder()
          .level("channel", names)
          .step({"one", "channel", "printf %s {channel} > {outputs}", {}, {}, {"{channel}.txt"}})
          .step(
              {"two", "channel", "cp -- {needs.one} {outputs}", {"one"}, {}, {"copy of {channel}"}})
          .step({"list",
                 "",
                 "tr '\\n' '\\0' < {needs.two.list} | head -c 1 > {outputs}; cat {needs.two} > "
                 "{outputs}",
                 {"two"},
                 {},
                 {"all"}})
          .build(space.data());
  const JobResult result = run_job(plan, whole_job(plan, space.out()));
  for (const FailedTask& failed : result.failures) INFO(failed.message);
  CHECK(result.complete());
  for (const std::string& name : names) {
    CHECK(read_text(space.data() / name / (name + ".txt")) == name);
    CHECK(read_text(space.data() / name / ("copy of " + name)) == name);
  }
  CHECK_FALSE(fs::exists(space.data() / "pwned"));
}

TEST_CASE("commands inherit no descriptor but the first three") {
  Workspace space;
  const Plan plan = WorkflowBuilder()
                        .step({"look", "", "cd /proc/$$/fd; echo * > $OLDPWD/fds", {}, {}, {"fds"}})
                        .build(space.data());
  const int leaked = fcntl(STDERR_FILENO, F_DUPFD, 200);
  REQUIRE(leaked > STDERR_FILENO);
  CHECK(run_job(plan, whole_job(plan, space.out())).complete());
  close(leaked);
  // bash keeps a copy of its stdout at 10 while the loop is redirected, and 3 is the open
  // directory.
  const std::string fds = read_text(space.data() / "fds");
  CHECK(fds.find(std::to_string(leaked)) == std::string::npos);
  CHECK(fds.rfind("0 1 ", 0) == 0);
}

TEST_CASE("many tasks share temporary directories and leave none behind") {
  Workspace space;
  std::vector<std::string> names;
  for (int i = 100; i < 160; ++i) names.push_back("c" + std::to_string(i));
  const Plan plan = WorkflowBuilder()
                        .level("channel", names)
                        .step({"one", "channel", "echo {channel} > {outputs}", {}, {}, {"one.txt"}})
                        .step({"two",
                               "channel",
                               "touch $(dirname {outputs})/stray; cp {needs.one} {outputs}",
                               {"one"},
                               {},
                               {"two.txt"}})
                        .build(space.data());
  fs::create_directories(space.data() / ".wfr.spare.elsewhere-1");
  std::array<char, 256> host{};
  REQUIRE(gethostname(host.data(), host.size() - 1) == 0);
  const std::string left = std::string(".wfr.spare.") + host.data() + "-";
  constexpr int kNobody = 1 << 22;  // above every process
  const auto make_spare = [&](int pid, const std::string& inside) {
    fs::create_directories(space.data() / (left + std::to_string(pid)) / inside);
    REQUIRE(chmod((space.data() / (left + std::to_string(pid))).c_str(), 01700) == 0);
  };
  make_spare(kNobody, "0");
  make_spare(kNobody + 1, "0/mine");
  // A directory of somebody that only has such a name.
  fs::create_directories(space.data() / (left + std::to_string(kNobody + 2)) / "0");
  CHECK(run_job(plan, whole_job(plan, space.out())).complete());
  for (const std::string& name : names) {
    CHECK(read_text(space.data() / name / "two.txt") == name + "\n");
  }
  std::size_t hidden = 0;
  for (const auto& entry : fs::recursive_directory_iterator(space.data())) {
    if (entry.path().filename().string().rfind(".wfr.spare", 0) == 0) ++hidden;
    CHECK(entry.path().filename() != "stray");
  }
  // Another host's is not ours to remove, nor is one that is not empty.
  CHECK(hidden == 3);
  CHECK(fs::exists(space.data() / (left + std::to_string(kNobody + 2)) / "0"));
  CHECK(fs::exists(space.data() / (left + std::to_string(kNobody + 1)) / "0" / "mine"));
}
