// Commands as they are proposed: for the user's directory, quoted, nothing that a terminal obeys.
#include "runtime/plan/proposal.hpp"

#include <catch2/catch.hpp>

using namespace wfr;

namespace {

Caller in_project() {
  Caller caller;
  caller.workflow = "w.toml";
  caller.out = "/home/me/project/out";
  caller.directory = "/home/me/project";
  return caller;
}

}  // namespace

TEST_CASE("a command is what the user would type") {
  Caller caller = in_project();
  CHECK(propose(Proposal::Why, caller, {"one:a"}) == "wfc why w.toml one:a");
  CHECK(propose(Proposal::Run, caller) == "wfc run w.toml");
  CHECK(propose(Proposal::Verdict, caller) == "wfc verdict out");
  CHECK(propose(Proposal::Submit, caller) == "out/submit.sh");
  CHECK(propose(Proposal::Release, caller, {"12", "13"}) == "scontrol release 12 13");
  caller.directory = "/home/me/project/out";
  CHECK(propose(Proposal::Submit, caller) == "./submit.sh");
  caller.directory = "/home/me";
  caller.workflow = "project/w.toml";
  CHECK(propose(Proposal::Run, caller) == "wfc run project/w.toml -o project/out");
  caller.directory = "/elsewhere";
  CHECK(propose(Proposal::Verdict, caller) == "wfc verdict /home/me/project/out");
}

TEST_CASE("without the workflow file the out directory stands for it") {
  Caller caller = in_project();
  caller.workflow.clear();
  caller.program = "out/bin/wfc";
  CHECK(propose(Proposal::Why, caller, {"one:a"}) == "out/bin/wfc why out one:a");
}

TEST_CASE("what the workflow was compiled with goes along") {
  Caller caller = in_project();
  caller.out = "/home/me/project/o 2";
  caller.options = {"--set", "x=a b"};
  CHECK(propose(Proposal::Run, caller) == "wfc run w.toml -o 'o 2' --set 'x=a b'");
}

TEST_CASE("a name is one word of bash, and safe on a terminal") {
  const Caller caller = in_project();
  CHECK(propose(Proposal::Why, caller, {"one:$(rm -rf ~)"}) == "wfc why w.toml 'one:$(rm -rf ~)'");
  CHECK(propose(Proposal::Why, caller, {"one:it's"}) == "wfc why w.toml 'one:it'\\''s'");
  CHECK(propose(Proposal::Why, caller, {"one:\x1b[2J\n'\\"}) ==
        "wfc why w.toml $'one:\\x1b[2J\\x0a\\x27\\x5c'");
  Caller dashed = in_project();
  dashed.workflow = "-w.toml";
  CHECK(propose(Proposal::Run, dashed) == "wfc run ./-w.toml");
}
