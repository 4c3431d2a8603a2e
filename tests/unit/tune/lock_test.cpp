// The lock: merged with an older one, written, and read again.
#include "compiler/syntax/parse.hpp"
#include "compiler/tune/lock_text.hpp"
#include "compiler/tune/table.hpp"

#include <catch2/catch.hpp>

namespace wfc {
namespace {

Workflow workflow_of(const std::vector<std::string>& names) {
  Workflow workflow;
  for (const std::string& name : names) {
    StepDef step;
    step.spec.name = name;
    step.spec.resources.mem_mb = 4096;
    step.spec.resources.time_s = 3600;
    workflow.steps.push_back(step);
  }
  return workflow;
}

StepUsage twelve_tasks() {
  StepUsage usage;
  for (int i = 1; i <= 12; ++i) {
    usage.wall_s.add(i);
    usage.memory_mb.add(10 * i + 89);
    usage.cpu_s += i;
    usage.cpu_allowed_s += 2 * i;
  }
  return usage;
}

std::map<std::string, Proposal> proposals_in(const std::string& text) {
  Sink sink;
  const ast::Document document =
      parse(std::make_shared<const SourceFile>(SourceFile{"lock", text}), sink);
  INFO(render(sink, false));
  REQUIRE_FALSE(sink.has_errors());
  return read_proposals(document);
}

}  // namespace

TEST_CASE("what has run is learned, what has not is kept, what is gone is forgotten") {
  Workflow workflow = workflow_of({"ran", "kept", "new name", "unknown"});
  workflow.steps[2].spec.was = "old name";
  Usage usage;
  usage["ran"] = twelve_tasks();
  usage["unknown"].of_other_commands = 3;
  const auto older = proposals_in(
      "[step.ran]\nmem = \"9G\"\n[step.kept]\ntime = \"7m\"\nestimate = \"0.25s\"\n"
      "[step.\"old name\"]\nmem = \"1G\"\n[step.gone]\nmem = \"1G\"\n");
  const Lock lock = make_lock(workflow, usage, older);
  REQUIRE(lock.size() == 3);
  CHECK(lock.at("ran").proposal.mem_mb == 320U);  // 209 x 1.3
  CHECK(lock.at("ran").usage != nullptr);
  CHECK(lock.at("kept").usage == nullptr);
  CHECK(lock.at("kept").proposal.time_s == 420U);
  CHECK(lock.at("kept").proposal.estimate_s == 0.25);
  CHECK(lock.at("new name").proposal.mem_mb == 1024U);
}

TEST_CASE("the text of a lock, whole") {
  const Workflow workflow = workflow_of({"b", "a.c"});
  Usage usage;
  usage["b"] = twelve_tasks();
  usage["b"].oom = 1;
  usage["b"].too_small_mb = 150;
  usage["b"].timeouts = 2;
  usage["b"].too_short_s = 61;
  const Lock lock = make_lock(workflow, usage, proposals_in("[step.\"a.c\"]\nmem = 512\n"));
  const std::string text = lock_text(workflow, lock);
  CHECK(
      text.substr(text.find("\n[")) ==
      "\n[step.b]\n"
      "mem      = \"320M\"       # 12 tasks used at most 209 MB, half of them at most 149 MB\n"
      "time     = \"3m\"         # 12 tasks took at most 12.0 s, 99 % at most 12.0 s, 90 % at most "
      "11.0 s\n"
      "estimate = \"6.000s\"     # half of them took at most this\n"
      "# Out of memory: 1 attempt, with up to 150 MB\n"
      "# Out of time: 2 attempts, after up to 61.0 s\n"
      "\n[step.\"a.c\"]\n"
      "# No record of it: as in the lock before.\n"
      "mem      = \"512M\"\n");
  CHECK(lock_text(workflow, make_lock(workflow, usage, proposals_in(text))) == text);
}

TEST_CASE("the table of what was asked for, used and is proposed") {
  Workflow workflow = workflow_of({"b", "never"});
  Usage usage;
  usage["b"] = twelve_tasks();
  const Lock lock = make_lock(workflow, usage, {});
  CHECK(tune_table(workflow, lock) ==
        "step  tasks  mem asked  median     max  proposed  time asked  median     max  proposed  "
        " cpu      saved\n"
        "b        12    4096 MB  149 MB  209 MB    320 MB         1 h   6.0 s  12.0 s     1 min  "
        "50 %  0.08 GB h\n");
  // Memory by cpus: it is cores that are given back.
  workflow.site.memory = MemoryPolicy::Cpus;
  workflow.site.mem_per_cpu_mb = 1024;
  CHECK_THAT(tune_table(workflow, lock), Catch::Contains("0.065 core-h"));
}

TEST_CASE("what is saved is never a power of ten, nor less than nothing of nothing") {
  Workflow workflow = workflow_of({"b"});
  Usage usage;
  usage["b"] = twelve_tasks();
  const auto saved = [&](std::uint64_t asked_mb) {
    workflow.steps[0].spec.resources.mem_mb = asked_mb;
    const std::string table = tune_table(workflow, make_lock(workflow, usage, {}));
    const std::string line = table.substr(table.find('\n') + 1);
    return line.substr(line.rfind('%') + 1);
  };
  CHECK_THAT(saved(320), Catch::Contains(" 0 GB h"));
  CHECK_THAT(saved(319), Catch::Contains(" 0 GB h"));
  CHECK_THAT(saved(100'000'000), Catch::Contains(" 2116 GB h"));
}

}  // namespace wfc
