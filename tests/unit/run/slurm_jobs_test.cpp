// What squeue, sacct and scontrol print becomes jobs, whatever else stands between the lines.
#include "runtime/run/slurm_jobs.hpp"

#include <map>

#include <catch2/catch.hpp>

using namespace wfr;

TEST_CASE("lines of squeue, of jobs and of array tasks") {
  const auto jobs = parse_squeue(
      "CLUSTER: other\n12|3|FAILED|NonZeroExitCode\n13|N/A|PENDING|JobHeldUser\n"
      "14|0-9|PENDING|None\n\nsqueue: error: something|odd|is|here\nx|1|RUNNING|None\n12|4");
  REQUIRE(jobs.size() == 3);
  CHECK(job_text(jobs[0]) == "12_3");
  CHECK(jobs[0].state == "FAILED");
  CHECK(job_text(jobs[1]) == "13");
  CHECK(jobs[1].reason == "JobHeldUser");
  CHECK(job_text(jobs[2]) == "14");
  CHECK(jobs[2].reason.empty());
  CHECK(parse_squeue("").empty());
}

TEST_CASE("lines of sacct") {
  const auto jobs = parse_sacct(
      "12_3|FAILED|0:53|n1\n13|CANCELLED by 0|0:0|None "
      "assigned\n14_[5-9]|PENDING|0:0|\nnonsense\n");
  REQUIRE(jobs.size() == 3);
  CHECK(job_text(jobs[0]) == "12_3");
  CHECK(jobs[0].exit_code == "0:53");
  CHECK(jobs[0].nodes == "n1");
  CHECK(jobs[1].state == "CANCELLED");
  CHECK(jobs[1].nodes.empty());
  CHECK_FALSE(jobs[2].index);
}

TEST_CASE("a value of scontrol, by its whole key") {
  const std::string line =
      "JobId=7 ArrayJobId=5 DerivedExitCode=0:0 ExitCode=0:53 ReqNodeList=(null) NodeList=n2";
  CHECK(value_in_scontrol(line, "ExitCode") == "0:53");
  CHECK(value_in_scontrol(line, "NodeList") == "n2");
  CHECK(value_in_scontrol(line, "JobId") == "7");
  CHECK(value_in_scontrol(line, "Reason").empty());
  CHECK(value_in_scontrol("", "JobId").empty());
}

TEST_CASE("the accounting is asked about what the queue has forgotten, and nothing else") {
  std::map<std::string, std::vector<std::string>> asked;
  const AskCommand ask = [&](const std::vector<std::string>& argv) -> std::optional<std::string> {
    asked[argv[0]] = argv;
    if (argv[0] == "squeue") return "12|N/A|RUNNING|None\n99|N/A|RUNNING|None\n";
    return "13|TIMEOUT|0:0|n1\n99|FAILED|1:0|n1\n";
  };
  const auto jobs = ask_jobs({{12, 13}, "1000", ""}, ask);
  REQUIRE(jobs);
  REQUIRE(jobs->size() == 2);
  CHECK((*jobs)[0].id == 12);
  CHECK((*jobs)[1].state == "TIMEOUT");
  CHECK(asked["sacct"].back() == "13");
  asked.clear();
  CHECK(ask_jobs({{12}, "1000", "big"}, ask)->size() == 1);
  CHECK_FALSE(asked.contains("sacct"));
  CHECK(asked["squeue"][1] == "--clusters=big");
}

TEST_CASE("no answer is not an empty one") {
  const AskCommand deaf = [](const std::vector<std::string>&) { return std::nullopt; };
  CHECK_FALSE(ask_jobs({{12}, "1000", ""}, deaf));
  // Without accounting.
  const AskCommand queue = [](const std::vector<std::string>& argv) -> std::optional<std::string> {
    if (argv[0] == "squeue") return "";
    return std::nullopt;
  };
  const auto jobs = ask_jobs({{12}, "1000", ""}, queue);
  REQUIRE(jobs);
  CHECK(jobs->empty());
  SlurmJob job;
  job.id = 12;
  ask_details(job, "", queue);
  CHECK(job.exit_code.empty());
}

TEST_CASE("the memory of a job") {
  CHECK(memory_in_tres("cpu=1,mem=100M,node=1,billing=1") == 100);
  CHECK(memory_in_tres("mem=1.50G") == 1536);
  CHECK(memory_in_tres("mem=2T") == 2097152);
  CHECK(memory_in_tres("cpu=1") == 0);
  CHECK(memory_in_tres("mem=lots") == 0);
  const AskCommand newer = [](const std::vector<std::string>&) -> std::optional<std::string> {
    return "JobId=7 ReqTRES=cpu=1,mem=1M AllocTRES=cpu=2,mem=200M,node=1";
  };
  CHECK(ask_memory_mb("7", newer) == 200);
  const AskCommand accounting =
      [](const std::vector<std::string>& argv) -> std::optional<std::string> {
    if (argv[0] == "scontrol") return std::nullopt;
    return "billing=1,cpu=1,mem=300M,node=1\n";
  };
  CHECK(ask_memory_mb("7", accounting) == 300);
}

TEST_CASE("a field of Slurm's answers is of its pattern, or it is not taken") {
  const auto queue = parse_squeue(
      "012|0|RUNNING|None\n-1|0|RUNNING|None\n4294967296|0|RUNNING|None\n13|x|RUNNING|None\n"
      "14|0|$(id)|None\n15|0|RUNNING|\x1b[31m\n16|01|RUNNING|None\n 17|0|RUNNING|None\n");
  REQUIRE(queue.size() == 3);
  CHECK(job_text(queue[0]) == "13");
  CHECK(queue[1].reason == "\\x1b[31m");
  CHECK_FALSE(queue[2].index);
  const auto ended = parse_sacct(
      "1|FAILED|0:53;id|n1\n2|FAILED|$(id)|n[1-3],m2\n3|F\x1b|0:0|n1\n"
      "4|FAILED|1:0|--help\n");
  REQUIRE(ended.size() == 3);
  CHECK(ended[0].exit_code.empty());
  CHECK(ended[1].exit_code.empty());
  CHECK(ended[1].nodes == "n[1-3],m2");
  CHECK(ended[2].nodes.empty());
}
