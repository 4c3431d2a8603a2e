// What a second submission has to run, from slots and jobs in the queue. Seen to fail: with depths
// of one step that do not wait for each other.
#include "runtime/run/resume.hpp"

#include "runtime/run/live_tasks.hpp"
#include "runtime/run/resume_owners.hpp"
#include "tests/unit/slurm/fixture.hpp"

#include <cstdlib>
#include <fstream>

#include <catch2/catch.hpp>
#include <unistd.h>

namespace wfc::test {
namespace {

namespace fs = std::filesystem;

// An out directory with the slots of a plan.
class Out {
 public:
  explicit Out(wfr::Plan made)
      : plan(std::move(made)),
        dir(fs::temp_directory_path() / ("wfc_resume_test_" + std::to_string(getpid()))) {
    fs::remove_all(dir);
    plan.hash = "0123";
    fs::create_directories(wfr::state_paths(dir, plan.hash).slots(plan.steps[0]).parent_path());
  }
  Out(const Out&) = delete;
  Out& operator=(const Out&) = delete;
  ~Out() { fs::remove_all(dir); }

  void verdicts(StepId step, const std::string& letters) {
    wfr::SlotFile slots(wfr::state_paths(dir, plan.hash).slots(plan.step(step)),
                        static_cast<std::uint32_t>(letters.size()),
                        true);
    for (std::uint32_t i = 0; i < letters.size(); ++i) {
      if (letters[i] == '.') continue;
      wfr::Slot slot;
      slot.verdict = letters[i] == 'd'   ? wfr::Verdict::Done
                     : letters[i] == 'f' ? wfr::Verdict::Failed
                                         : wfr::Verdict::UpstreamFailed;
      slots.write(i, slot);
    }
  }

  std::string resume(const std::string& journal = {},
                     const std::vector<wfr::LiveElement>& live = {}) {
    // The keys of these slots are of no task.
    wfr::ResumeOptions options;
    options.trust_records = true;
    const wfr::ResumePlan found = wfr::plan_resume(
        plan, dir, wfr::state_paths(dir, plan.hash), wfr::parse_journal(journal), live, options);
    std::string text = wfr::resume_lines(plan, found);
    // The number of all tasks is the same each time, and none is blocked.
    const std::string rest = " " + std::to_string(plan.task_count()) + " 0";
    const std::size_t end = text.find('\n');
    REQUIRE(text.substr(end - rest.size(), rest.size()) == rest);
    text.erase(end - rest.size(), rest.size());
    for (const wfr::ResumePart& part : found.parts) {
      text += std::to_string(part.array) + "." + std::to_string(part.part) + " runs";
      for (const std::uint32_t index : part.indices) text += " " + std::to_string(index);
      text += "\n";
    }
    return text;
  }

  wfr::Plan plan;
  fs::path dir;
};

// `times`: of a retry with more memory for step a.
wfr::Plan chain_and_gather(std::uint32_t times = 0) {
  Example example(2, 3);
  const StepId a = example.step("a", kChannel);
  const StepId b = example.step("b", kChannel);
  const StepId c = example.step("c", kSession);
  example.finalizer("tell", wfr::FinalizerKind::Always);
  example.finalizer("mourn", wfr::FinalizerKind::Failure);
  example.edge(a, b, kChannel);
  example.edge(b, c, kSession);
  wfr::StepSpec& spec = example.workflow.steps[wfr::index_of(a)].spec;
  spec.resources.mem_mb = times > 0 ? 100 : 0;
  spec.retry = {times, {}, 200, 0};
  Sink sink;
  return example.lower(sink);
}

constexpr StepId kA{0};
constexpr StepId kB{1};
constexpr StepId kC{2};

}  // namespace

TEST_CASE("everything done: nothing to run but a finalizer that has not") {
  Out out(chain_and_gather());
  out.verdicts(kA, "dddddd");
  out.verdicts(kB, "dddddd");
  out.verdicts(kC, "dd");
  CHECK(out.resume() == "0 0 1\n");
  out.verdicts(StepId{3}, "d");
  CHECK(out.resume() == "0 0 0\n");
}

TEST_CASE("a failed task runs again, then what waited for it, each by itself") {
  Out out(chain_and_gather());
  out.verdicts(kA, "ddfddd");
  out.verdicts(kB, "dd.ddd");
  out.verdicts(kC, "ud");
  // c of the first session waits for the part of b; the rest is done.
  CHECK(out.resume() ==
        "3 0 1\n"
        "0 0 1 0\n"
        "1 0 1 0 0 0 0\n"
        "2 0 1 0 1 1 0\n"
        "0.0 runs 2\n"
        "1.0 runs 2\n"
        "2.0 runs 0\n");
}

TEST_CASE("parents that are done and parents that run again are two parts") {
  Out out(chain_and_gather());
  out.verdicts(kA, "ddfddd");
  out.verdicts(kB, "fd.ddd");
  out.verdicts(kC, "ud");
  CHECK(out.resume() ==
        "4 0 1\n"
        "0 0 1 0\n"
        "1 0 1 0\n"
        "1 1 1 0 0 0 0\n"
        "2 0 1 0 1 1 0 1 1 1\n"
        "0.0 runs 2\n"
        "1.0 runs 0\n"
        "1.1 runs 2\n"
        "2.0 runs 0\n");
}

TEST_CASE("what a task needs is run again before it, though it is done") {
  Out out(chain_and_gather());
  out.verdicts(kA, "ddfddd");
  out.verdicts(kB, "dddddd");
  out.verdicts(kC, "dd");
  CHECK(out.resume().substr(0, 6) == "3 0 1\n");
}

TEST_CASE("tasks of live jobs are left to them") {
  Out out(chain_and_gather());
  out.verdicts(kA, "ddddd.");
  out.verdicts(kB, "ddd.f.");
  out.verdicts(kC, "d.");
  const std::string journal =
      "run R submit 00000000000000000000000000000123\nid 01-a 7\nid 02-b 8\nid 04-verdict 9\n";
  // a5 runs in job 7, b3 in job 8; b4 has failed, b5 was cancelled, c1 has not run.
  CHECK(out.resume(journal, {{7, 5}, {8, 3}, {9, -1}, {99, 0}}) ==
        "3 2 1\n"
        "1 0 1 0\n"
        "1 1 1 0 2 7 0\n"
        "2 0 1 0 1 1 0 1 1 1 2 8 0\n"
        "1.0 runs 4\n"
        "1.1 runs 5\n"
        "2.0 runs 1\n");
}

TEST_CASE("a live part of an earlier resume is found by its table") {
  Out out(chain_and_gather());
  out.verdicts(kA, "dddddf");
  const fs::path tables = wfr::state_paths(out.dir, "0123").dir / "tables" / "R";
  fs::create_directories(tables);
  wfr::ResumePlan earlier;
  earlier.parts.push_back({0, 0, 0, {3, 5}, {}});
  wfr::write_tables(out.plan, earlier, tables);
  CHECK(wfr::read_table(tables / "0.0.u32") == std::vector<std::uint32_t>{3, 5});
  const std::string journal = "run R resume 00000000000000000000000000000123\nid 01-a+0 7\n";
  const std::string text = out.resume(journal, {{7, 1}});
  // Index 1 of the part is index 5 of the array: nothing of a is left, and b5 waits for job 7.
  CHECK(text.substr(0, 6) == "8 1 1\n");
  CHECK(text.find("1 1 1 0 2 7 0\n") != std::string::npos);
}

TEST_CASE("of tasks that wait for each other each depth waits for what runs again") {
  // 0 -> 2 -> 4 and 1 -> 3 -> 5, where 4 needs 3 too.
  Example example(1, 6);
  const StepId a = example.step("a", kChannel);
  example.pairs(a, a, {{0, 2}, {2, 4}, {1, 3}, {3, 5}, {3, 4}});
  Sink sink;
  Out out(example.lower(sink));
  REQUIRE(out.plan.arrays.size() == 3);
  // 1 has failed: 3 could not run, nor 4 and 5; 0 and 2 are done.
  out.verdicts(a, "dfduuu");
  CHECK(out.resume() ==
        "4 0 0\n"
        "0 0 1 0\n"
        "1 0 1 0 1 0 0\n"
        "2 0 2 0 1 1 0\n"
        "0.0 runs 1\n"
        "1.0 runs 1\n"
        "2.0 runs 0 1\n");
  // 3 has failed, what is before it is done: 5 waits for it alone, and so does 4.
  out.verdicts(a, "dddfuu");
  CHECK(out.resume().substr(0, 6) == "3 0 0\n");
  // What is done runs again after what it needs.
  out.verdicts(a, "fddddd");
  CHECK(out.resume() ==
        "3 0 0\n"
        "0 0 1 0\n"
        "1 0 1 0 1 0 0\n"
        "2 0 1 0 1 1 0\n"
        "0.0 runs 0\n"
        "1.0 runs 0\n"
        "2.0 runs 0\n");
}

TEST_CASE("later passes are submitted again with what they may have to repeat") {
  Out out(chain_and_gather(1));
  out.verdicts(kA, "ddfddd");
  out.verdicts(kB, "dd.ddd");
  out.verdicts(kC, "ud");
  const std::string whole = out.resume();
  CHECK(whole.substr(0, whole.find("0.0 runs")) ==
        "3 0 1\n"
        "0 0 1 0\n"
        "1 0 1 0 0 0 0\n"
        "2 0 1 0 1 1 0\n"
        "3 0 6 0 1 0 0\n"
        "4 0 6 0 1 0 0 1 1 0 1 3 0\n"
        "5 0 2 0 1 0 0 1 1 0 1 2 0 1 3 0 1 4 0\n");
  out.verdicts(kA, "dddddd");
  out.verdicts(kB, "dddddd");
  out.verdicts(kC, "df");
  // Nothing of a and b is run again, so nothing of them can have to be repeated.
  CHECK(out.resume() ==
        "1 0 1\n"
        "2 0 1 0\n"
        "5 0 2 0 1 2 0\n"
        "2.0 runs 1\n"
        "5.0 runs 0 1\n");
}

TEST_CASE("what a later pass in the queue may mend is its own") {
  Out out(chain_and_gather(1));
  out.verdicts(kA, "ddfddd");
  out.verdicts(kB, "dd.ddd");
  out.verdicts(kC, "ud");
  const std::string journal =
      "run R submit 00000000000000000000000000000123\nid 01-a 5\nid 01-a.pass2 7\n";
  const std::string text = out.resume(journal, {{7, 2}});
  CHECK(text.substr(0, text.find("1.0 runs")) ==
        "2 1 1\n"
        "1 0 1 0 2 7 0\n"
        "2 0 1 0 1 1 0\n"
        "4 0 6 0 1 1 0 2 7 0\n"
        "5 0 2 0 1 1 0 1 2 0 1 4 0 2 7 0\n");
  // Another share of it has nothing to do with that directory.
  CHECK(out.resume(journal, {{7, 3}}).substr(0, 14) == "3 1 1\n0 0 1 0\n");
}

TEST_CASE("a limit also holds between the parts of a step") {
  Example example(1, 4);
  const StepId a = example.step("a", kChannel);
  const StepId b = example.step("b", kChannel);
  example.workflow.steps[wfr::index_of(b)].spec.limit = 1;
  example.edge(a, b, kChannel);
  Sink sink;
  Out out(example.lower(sink));
  out.verdicts(kA, "dddf");
  out.verdicts(kB, "fdd.");
  CHECK(out.resume().substr(0, 52) ==
        "3 0 0\n"
        "0 0 1 0\n"
        "1 0 1 1\n"
        "1 1 1 1 0 0 0 1 1 0\n"
        "0.0 runs 3");
}

TEST_CASE("parts run beside live jobs of a step with a limit, or after them") {
  Example example(1, 6);
  const StepId a = example.step("a", kChannel);
  example.workflow.steps[wfr::index_of(a)].spec.limit = 3;
  Sink sink;
  Out out(example.lower(sink));
  out.verdicts(kA, "ffd...");
  const std::string journal = "run R submit 00000000000000000000000000000123\nid 01-a 7\n";
  // One of three is taken, two, all; job 7 has two elements left of which the limit lets run two.
  CHECK(out.resume(journal, {{7, 5}}).substr(0, 15) == "4 1 0\n0 0 4 2\n0");
  CHECK(out.resume(journal, {{7, 5}, {7, 4}}).substr(0, 15) == "3 2 0\n0 0 3 1\n0");
  CHECK(out.resume(journal, {{7, 3}, {7, 4}, {7, 5}}).substr(0, 20) == "2 3 0\n0 0 2 3 2 7 0\n");
}

TEST_CASE("a part that has less than the limit takes no more than that of it") {
  Example example(1, 6);
  const StepId a = example.step("a", kChannel);
  example.workflow.steps[wfr::index_of(a)].spec.limit = 3;
  Sink sink;
  Out out(example.lower(sink));
  out.verdicts(kA, "dff...");
  const fs::path tables = wfr::state_paths(out.dir, "0123").dir / "tables" / "R";
  fs::create_directories(tables);
  wfr::ResumePlan earlier;
  earlier.parts.push_back({0, 0, 1, {3, 4, 5}, {}});
  wfr::write_tables(out.plan, earlier, tables);
  // Three elements are left, and its %1 lets one of them run: two of three are free.
  const std::string journal = "run R resume 00000000000000000000000000000123\nid 01-a+0 7\n";
  CHECK(out.resume(journal, {{7, 0}, {7, 1}, {7, 2}}).substr(0, 15) == "2 3 0\n0 0 2 2\n0");
}

TEST_CASE("a job of a later pass has the blocks in hand that are not done, and no others") {
  // 40 directories for 16 jobs: job 2 has 2, 18 and 34.
  Example example(1, 40);
  const StepId a = example.step("a", kChannel);
  wfr::StepSpec& spec = example.workflow.steps[wfr::index_of(a)].spec;
  spec.resources.mem_mb = 100;
  spec.retry = {1, {}, 200, 0};
  Sink sink;
  Out out(example.lower(sink));
  fs::remove_all(out.dir);
  const std::string bytes = wfr::serialize_plan(out.plan);
  const fs::path plan = out.dir / "plan" / out.plan.hash;
  const wfr::StatePaths state = wfr::state_paths(out.dir, out.plan.hash);
  fs::create_directories(plan);
  fs::create_directories(state.slots(out.plan.steps[0]).parent_path());
  std::ofstream(plan / "plan.wfp", std::ios::binary) << bytes;
  std::ofstream(state.journal()) << "run R submit " << out.plan.hash
                                 << "\nid 01-a 6\nid 01-a.pass2 7\nreleased\n";
  std::string letters(40, 'd');
  letters[18] = letters[19] = 'f';
  out.verdicts(a, letters);
  // Options in the caller's environment change nothing.
  const fs::path squeue = out.dir / "squeue";
  std::ofstream(squeue) << "#!/bin/sh\ntest -n \"$SQUEUE_STATES\" || echo '7|2|R|None'\n";
  fs::permissions(squeue, fs::perms::owner_all);
  const std::string path = std::getenv("PATH");
  setenv("PATH", (out.dir.string() + ":" + path).c_str(), 1);
  setenv("SQUEUE_STATES", "PENDING", 1);
  const wfr::Selection live = wfr::live_tasks(out.plan, out.dir, [](const std::string&) {});
  setenv("PATH", path.c_str(), 1);
  unsetenv("SQUEUE_STATES");
  CHECK(live.size() == 1);
  CHECK(live.contains({a, 18}));
}

TEST_CASE("a list of live jobs is numbers, or it is not believed") {
  const fs::path file = fs::temp_directory_path() / ("wfc_live_" + std::to_string(getpid()));
  const auto read = [&](const std::string& text) {
    std::ofstream(file, std::ios::trunc) << text;
    return wfr::read_live(file);
  };
  CHECK(read("").empty());
  CHECK(read("7 -1\n8 0\n").size() == 2);
  for (const char* text : {"7", "7 ", "7 x", "x 7", "7 -2", "07 1", "7 1 2", "$(id) 1", "7 1\n8"}) {
    INFO(text);
    CHECK_THROWS_WITH(read(text), Catch::Matchers::Contains("not a list of jobs"));
  }
  fs::remove(file);
}

}  // namespace wfc::test
