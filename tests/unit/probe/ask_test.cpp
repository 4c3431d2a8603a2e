// Commands that answer, fail, hang or are not there: processes in memory.
#include "compiler/probe/ask.hpp"

#include "tests/unit/probe/captured.hpp"

#include <algorithm>
#include <map>
#include <system_error>

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <sys/wait.h>

namespace wfc::test {
namespace {

// Answers by the first word and what is shown: "scontrol config", "sinfo", "sacctmgr qos".
class FakeSlurm final : public wfr::Processes {
 public:
  struct Reply {
    std::string text;
    int status = 0;
    wfr::Stopped stopped = wfr::Stopped::No;
  };
  std::map<std::string, Reply> replies;
  std::vector<std::string> asked;

  wfr::ProcessId start(const wfr::ProcessRequest& request) override {
    const auto& argv = request.argv;
    CHECK(request.timeout_ns == kAnswerNs);
    std::string name = argv.front();
    for (const char* word : {"config", "partition", "associations", "qos"}) {
      if (std::find(argv.begin(), argv.end(), word) != argv.end()) name += " " + std::string(word);
    }
    asked.push_back(fmt::format("{}", fmt::join(argv, " ")));
    const auto reply = replies.find(name);
    if (reply == replies.end()) throw std::system_error(ENOENT, std::generic_category(), name);
    request.on_output(reply->second.text);
    end_.id = ++next_;
    end_.status = W_EXITCODE(reply->second.status, 0);
    end_.stopped = reply->second.stopped;
    return end_.id;
  }
  wfr::Woken wait(int) override { return {{end_}, {}}; }
  void stop(wfr::ProcessId, int, std::int64_t) override {}
  void signal(wfr::ProcessId, int) override {}
  void watch(int) override {}
  void unwatch(int) override {}
  void wake() override {}

 private:
  wfr::ProcessId next_ = 0;
  wfr::ProcessEnd end_;
};

void answer_well(FakeSlurm& slurm) {
  slurm.replies["scontrol config"] = {captured("config.txt")};
  slurm.replies["scontrol partition"] = {captured("partitions.txt")};
  slurm.replies["sinfo"] = {captured("nodes.txt")};
}

std::string with_slurmdbd() {
  return "AccountingStorageType   = accounting_storage/slurmdbd\nClusterName = c\n";
}

}  // namespace

TEST_CASE("a cluster without accounting is asked three questions") {
  FakeSlurm slurm;
  answer_well(slurm);
  std::string error;
  const auto answers = ask_slurm(slurm, "anna", error);
  REQUIRE(answers.has_value());
  CHECK(slurm.asked == std::vector<std::string>{"scontrol show config",
                                                "scontrol --oneliner show partition",
                                                "sinfo --noheader --exact --format=%R|%c|%m|%G"});
  CHECK_FALSE(answers->associations.has_value());
  CHECK(answers->no_accounting == "AccountingStorageType=accounting_storage/none");
}

TEST_CASE("with slurmdbd the user's accounts and the qos are asked for") {
  FakeSlurm slurm;
  answer_well(slurm);
  slurm.replies["scontrol config"] = {with_slurmdbd()};
  slurm.replies["sacctmgr associations"] = {"p1||100|normal\n"};
  slurm.replies["sacctmgr qos"] = {"normal|50\n"};
  std::string error;
  const auto answers = ask_slurm(slurm, "anna", error);
  REQUIRE(answers.has_value());
  CHECK(answers->associations == "p1||100|normal\n");
  CHECK(answers->qos == "normal|50\n");
  CHECK_THAT(slurm.asked.at(3), Catch::Contains("user=anna") && Catch::EndsWith("cluster=c"));
}

TEST_CASE("a sacctmgr that fails or is not there is no reason to give up") {
  FakeSlurm slurm;
  answer_well(slurm);
  slurm.replies["scontrol config"] = {with_slurmdbd()};
  std::string error;
  auto answers = ask_slurm(slurm, "anna", error);
  REQUIRE(answers.has_value());
  CHECK_THAT(answers->no_accounting, Catch::StartsWith("there is no `sacctmgr` here"));
  slurm.replies["sacctmgr associations"] = {"sacctmgr: error: no\nmore\n", 1};
  answers = ask_slurm(slurm, "anna", error);
  REQUIRE(answers.has_value());
  CHECK_THAT(answers->no_accounting, Catch::EndsWith("fails: sacctmgr: error: no"));
}

TEST_CASE("no scontrol, no answer and an error are told apart") {
  std::string error;
  FakeSlurm none;
  CHECK_FALSE(ask_slurm(none, "anna", error).has_value());
  CHECK(error == "there is no `scontrol` here: run this where jobs are submitted");
  FakeSlurm down;
  answer_well(down);
  down.replies["scontrol config"] = {"", 15, wfr::Stopped::Timeout};
  CHECK_FALSE(ask_slurm(down, "anna", error).has_value());
  CHECK(error == "slurmctld does not answer: `scontrol show config` was stopped after 10 s");
  FakeSlurm failing;
  answer_well(failing);
  failing.replies["sinfo"] = {"slurm_load_partitions: Unable to contact\nmore", 1};
  CHECK_FALSE(ask_slurm(failing, "anna", error).has_value());
  CHECK(error ==
        "`sinfo --noheader --exact --format=%R|%c|%m|%G` fails: slurm_load_partitions: Unable to "
        "contact");
}

}  // namespace wfc::test
