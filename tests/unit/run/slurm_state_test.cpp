// What squeue and sacct print becomes one word for each job, by few questions; sacct's lag is
// waited for, within bounds.
#include "runtime/run/slurm_state.hpp"

#include "runtime/run/host.hpp"
#include "runtime/run/posix_processes.hpp"

#include <map>

#include <catch2/catch.hpp>

using wfr::capture_within;
using wfr::is_final_state;
using wfr::SlurmStates;

namespace {

using Answers = std::vector<std::optional<std::string>>;
using States = std::map<std::string, std::string>;

// Gives its answers in turn, the last one for ever; each question takes `takes_ns`.
struct FakeSlurm {
  Answers squeue = {std::nullopt};
  Answers sacct = {std::nullopt};
  std::int64_t takes_ns = 0;
  std::int64_t now_ns = 0;
  std::map<std::string, std::size_t> asked;
  std::string last;
  std::size_t longest = 0;

  SlurmStates states() {
    return {
        [this](const std::vector<std::string>& argv) {
          const Answers& answers = argv.front() == "sacct" ? sacct : squeue;
          const std::size_t turn = asked[argv.front()]++;
          now_ns += takes_ns;
          last = argv.back();
          longest = std::max(longest, last.size());
          return answers[std::min(turn, answers.size() - 1)];
        },
        {[this] { return now_ns; }, [this](std::int64_t duration_ns) { now_ns += duration_ns; }}};
  }
};

}  // namespace

TEST_CASE("the accounting is asked only about what the controller knows no end of") {
  FakeSlurm slurm;
  slurm.sacct = {"7|TIMEOUT|0:0|n1\n"};
  SECTION("it knows it") {
    slurm.squeue = {"7|N/A|NODE_FAIL|None\n"};
    CHECK(slurm.states().of({"7"}) == States{{"7", "NODE_FAIL"}});
    CHECK(slurm.asked["sacct"] == 0);
  }
  SECTION("it has forgotten the job, and says so by an error") {
    CHECK(slurm.states().of({"7"}) == States{{"7", "TIMEOUT"}});
    CHECK(slurm.last == "7");
  }
  SECTION("the job is still cleaned up") {
    slurm.squeue = {"7|N/A|COMPLETING|None\n"};
    CHECK(slurm.states().of({"7"}) == States{{"7", "TIMEOUT"}});
  }
  SECTION("elements of an array, by one question each") {
    slurm.squeue = {"7|3|OUT_OF_MEMORY|None\n7|4|FAILED|None\n8|N/A|FAILED|None\n"};
    slurm.sacct = {"sacct: error: something odd\n7_5|CANCELLED by 0|0:0|n1\n7_6|FAILED|1:0|n1\n"};
    CHECK(slurm.states().of({"7_3", "7_5"}) ==
          States{{"7_3", "OUT_OF_MEMORY"}, {"7_5", "CANCELLED"}});
    CHECK(slurm.last == "7_5");
    CHECK(slurm.asked["squeue"] == 1);
    CHECK(slurm.asked["sacct"] == 1);
  }
  SECTION("no job") {
    CHECK(slurm.states().of({}).empty());
    CHECK(slurm.asked.empty());
  }
  CHECK(is_final_state("DEADLINE"));
  CHECK_FALSE(is_final_state("COMPLETING"));
}

TEST_CASE("many jobs are few questions, none too long for a command line") {
  FakeSlurm slurm;
  slurm.squeue = {""};
  std::set<std::string> jobs;
  std::string told;
  for (int i = 0; i < 10'000; ++i) {
    const std::string job = "4000000_" + std::to_string(i);
    jobs.insert(job);
    told += job + "|OUT_OF_MEMORY|0:125|n1\n";
  }
  slurm.sacct = {told};
  const States states = slurm.states().of(jobs);
  CHECK(states.size() == jobs.size());
  CHECK(slurm.asked["squeue"] == 1);
  CHECK(slurm.asked["sacct"] <= 6);
  CHECK(slurm.longest <= SlurmStates::kMostBytes);
}

TEST_CASE("an accounting that lags is asked again, for a while in all") {
  FakeSlurm slurm;
  slurm.squeue = {""};
  SECTION("it learns of the end") {
    slurm.sacct = {"7|RUNNING||\n8|FAILED||\n", "7|RUNNING||\n", "7|NODE_FAIL||\n"};
    CHECK(slurm.states().of({"7", "8"}) == States{{"7", "NODE_FAIL"}, {"8", "FAILED"}});
    CHECK(slurm.now_ns > 0);
  }
  SECTION("it learns of another one meanwhile") {
    slurm.sacct = {"7|RUNNING||\n", "7|NODE_FAIL||\n9_1|FAILED||\n"};
    CHECK(slurm.states().of({"7", "9_1"}) == States{{"7", "NODE_FAIL"}, {"9_1", "FAILED"}});
  }
  SECTION("it never does: the second job is not waited for") {
    slurm.sacct = {"7|RUNNING||\n8|RUNNING||\n"};
    CHECK(slurm.states().of({"7", "8"}) == States{{"7", "RUNNING"}, {"8", "RUNNING"}});
    CHECK(slurm.now_ns == SlurmStates::kPatienceNs);
  }
  SECTION("nobody knows the job: nothing is waited for") {
    slurm.sacct = {""};
    CHECK(slurm.states().of({"7"}).empty());
    CHECK(slurm.now_ns == 0);
  }
}

TEST_CASE("commands that fail or hang do not hold the verdict up") {
  FakeSlurm slurm;
  std::set<std::string> jobs;
  for (int job = 1; job <= 20'000; ++job) jobs.insert(std::to_string(job));
  SECTION("each is asked once") {
    CHECK(slurm.states().of(jobs).empty());
    CHECK(slurm.asked["squeue"] == 1);
    CHECK(slurm.asked["sacct"] == 1);
  }
  SECTION("each question takes 50 s") {
    slurm.takes_ns = 50'000'000'000;
    slurm.squeue = {""};
    slurm.sacct = {""};
    CHECK(slurm.states().of(jobs).empty());
    CHECK(slurm.now_ns <= SlurmStates::kMostNs + slurm.takes_ns);
  }
}

TEST_CASE("a command is heard until it ends, or for some seconds, whatever it leaves behind") {
  const std::int64_t begun_ns = wfr::monotonic_ns();
  CHECK(capture_within({"sh", "-c", "sleep 100 & echo told"}, 0) == "told\n");
  CHECK(capture_within({"sh", "-c", "setsid sleep 5 & echo told"}, 0) == "told\n");
  CHECK_FALSE(capture_within({"sh", "-c", "echo told; sleep 100"}, 1));
  CHECK_FALSE(capture_within({"sh", "-c", "exec >&- 2>&-; sleep 100"}, 1));
  CHECK(wfr::monotonic_ns() - begun_ns < 4'500'000'000);
}
