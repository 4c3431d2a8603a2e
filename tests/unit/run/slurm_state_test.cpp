// What scontrol and sacct print becomes one word, and sacct's lag is waited for, within bounds.
#include "runtime/run/slurm_state.hpp"

#include <map>

#include <catch2/catch.hpp>

using wfr::is_final_state;
using wfr::Record;
using wfr::SlurmStates;
using wfr::state_in_sacct;
using wfr::state_in_scontrol;

namespace {

using Answers = std::vector<std::optional<std::string>>;

// Gives its answers in turn, the last one for ever; each question takes `takes_ns`.
struct FakeSlurm {
  Answers scontrol = {std::nullopt};
  Answers sacct = {std::nullopt};
  std::int64_t takes_ns = 0;
  std::int64_t now_ns = 0;
  std::map<std::string, std::size_t> asked;
  std::string last;

  SlurmStates states() {
    return {
        [this](const std::vector<std::string>& argv) {
          const Answers& answers = argv.front() == "sacct" ? sacct : scontrol;
          const std::size_t turn = asked[argv.front()]++;
          now_ns += takes_ns;
          last = argv.back();
          return answers[std::min(turn, answers.size() - 1)];
        },
        {[this] { return now_ns; }, [this](std::int64_t duration_ns) { now_ns += duration_ns; }}};
  }
};

Record of_job(std::uint32_t job) {
  Record start;
  start.job_id = job;
  return start;
}

}  // namespace

TEST_CASE("the state in what Slurm 22.05 prints") {
  CHECK(state_in_scontrol("JobId=4 JobName=a JobState=NODE_FAIL Reason=NodeDown\n") == "NODE_FAIL");
  CHECK(state_in_scontrol("slurm_load_jobs error: Invalid job id specified\n").empty());
  CHECK(state_in_sacct("CANCELLED by 0\n") == "CANCELLED");
  CHECK(state_in_sacct("sacct: error: something odd\nOUT_OF_MEMORY\n") == "OUT_OF_MEMORY");
  CHECK(state_in_sacct("TIMEOUT") == "TIMEOUT");
  CHECK(state_in_sacct("Slurm accounting storage is disabled\n").empty());
  CHECK(state_in_sacct("").empty());
  CHECK(state_in_sacct("\n\n").empty());
  CHECK(is_final_state("DEADLINE"));
  CHECK_FALSE(is_final_state("COMPLETING"));
}

TEST_CASE("the accounting is asked only when the controller knows no end") {
  FakeSlurm slurm;
  slurm.sacct = {"TIMEOUT\n"};
  SECTION("it knows it") {
    slurm.scontrol = {"JobState=NODE_FAIL "};
    CHECK(slurm.states().of(of_job(7)) == "NODE_FAIL");
    CHECK(slurm.asked["sacct"] == 0);
  }
  SECTION("it has forgotten the job") {
    CHECK(slurm.states().of(of_job(7)) == "TIMEOUT");
    CHECK(slurm.last == "7");
  }
  SECTION("the job is still cleaned up") {
    slurm.scontrol = {"JobState=COMPLETING "};
    CHECK(slurm.states().of(of_job(7)) == "TIMEOUT");
  }
  SECTION("an element of an array") {
    Record start = of_job(9);
    start.array_job_id = 7;
    start.array_task_id = 3;
    CHECK(slurm.states().of(start) == "TIMEOUT");
    CHECK(slurm.last == "7_3");
  }
  SECTION("no job") {
    CHECK(slurm.states().of(of_job(0)).empty());
    CHECK(slurm.asked.empty());
  }
}

TEST_CASE("an accounting that lags is asked again, for a while in all") {
  FakeSlurm slurm;
  SECTION("it learns of the end") {
    slurm.sacct = {"RUNNING\n", "RUNNING\n", "NODE_FAIL\n"};
    CHECK(slurm.states().of(of_job(7)) == "NODE_FAIL");
    CHECK(slurm.now_ns > 0);
  }
  SECTION("it never does: the second job is not waited for") {
    slurm.sacct = {"RUNNING\n"};
    SlurmStates states = slurm.states();
    CHECK(states.of(of_job(7)) == "RUNNING");
    CHECK(slurm.now_ns == SlurmStates::kPatienceNs);
    CHECK(states.of(of_job(8)) == "RUNNING");
    CHECK(slurm.now_ns == SlurmStates::kPatienceNs);
  }
  SECTION("nobody knows the job: nothing is waited for") {
    slurm.sacct = {""};
    CHECK(slurm.states().of(of_job(7)).empty());
    CHECK(slurm.now_ns == 0);
  }
}

TEST_CASE("commands that fail or hang do not hold the verdict up") {
  FakeSlurm slurm;
  SECTION("no accounting: it is asked once") {
    SlurmStates states = slurm.states();
    CHECK(states.of(of_job(7)).empty());
    CHECK(states.of(of_job(8)).empty());
    CHECK(slurm.asked["sacct"] == 1);
    CHECK(slurm.asked["scontrol"] == 2);
  }
  SECTION("each question takes 50 s") {
    slurm.takes_ns = 50'000'000'000;
    slurm.sacct = {""};
    SlurmStates states = slurm.states();
    for (std::uint32_t job = 1; job <= 100; ++job) CHECK(states.of(of_job(job)).empty());
    CHECK(slurm.now_ns <= SlurmStates::kMostNs + 2 * slurm.takes_ns);
  }
}
