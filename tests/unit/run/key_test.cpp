// What makes a task another task, and what does not.
#include "runtime/run/key.hpp"

#include "runtime/run/job.hpp"
#include "runtime/run/staleness.hpp"
#include "tests/unit/run/workflow_builder.hpp"

#include <catch2/catch.hpp>

using namespace wfr;
using namespace wfr::test;

namespace {

using More = std::function<void(StepSpec&)>;

Plan one_step(const Workspace& space, const std::string& run, const More& more = nullptr) {
  return WorkflowBuilder()
      .level("channel", {"c1", "c2"})
      .step({"one", "channel", run, {}, {"in.txt"}, {"out.txt"}, more})
      .build(space.data());
}

Key key_of(const Plan& plan, TaskIndex index = 0) {
  return KeyMaker(plan).make({StepId{0}, index}, {}, {}).key;
}

}  // namespace

TEST_CASE("resources do not enter the key, everything else does") {
  const Workspace space;
  const std::string run = "tool {inputs} {outputs} {cpus}";
  const Key key = key_of(one_step(space, run));
  CHECK(key_of(one_step(space, run)) == key);
  CHECK(key_of(one_step(space, run, [](StepSpec& s) {
          s.resources.cpus = 7;
          s.resources.mem_mb = 9;
          s.resources.time_s = 1;
          s.retry.times = 4;
          s.timeout_s = 3;
          s.limit = 2;
        })) == key);
  CHECK_FALSE(key_of(one_step(space, run), 1) == key);
  CHECK_FALSE(key_of(one_step(space, run + " -v")) == key);
  CHECK_FALSE(key_of(one_step(space, run, [](StepSpec& s) { s.params_json = R"({"rate":2})"; })) ==
              key);
  CHECK_FALSE(key_of(one_step(space, run, [](StepSpec& s) { s.environment.conda = "x"; })) == key);
  CHECK_FALSE(key_of(one_step(space, run, [](StepSpec& s) {
                s.environment.variables = {{"A", "1"}};
              })) == key);
  CHECK_FALSE(key_of(one_step(space, run, [](StepSpec& s) { s.kernel_version = 2; })) == key);
}

TEST_CASE("a level that is added elsewhere changes no key") {
  const Workspace space;
  const auto with = [&](const std::string& extra) {
    WorkflowBuilder builder;
    if (!extra.empty()) builder.step({extra, "", "true", {}, {}, {}});
    builder.level("channel", {"c1"})
        .step({"one", "channel", "cp {channel} {outputs}", {}, {}, {"x"}});
    return builder.build(space.data());
  };
  const Plan plain = with("");
  const Plan more = with("before");
  CHECK(KeyMaker(plain).make({StepId{0}, 0}, {}, {}).key ==
        KeyMaker(more).make({StepId{1}, 0}, {}, {}).key);
}

TEST_CASE("parts survive the log, and their differences are told in words") {
  const std::vector<KeyPart> before{
      {"command", 1}, {"parameters", 2}, {"step `split`", 3}, {"input `a b`", 4}};
  CHECK(parse_parts(parts_text(before)) == before);
  CHECK_FALSE(parse_parts("exit status 3\n").has_value());
  std::vector<KeyPart> now = before;
  CHECK(explain_difference(before, now).empty());
  now[0].digest = 9;
  now[2].digest = 9;
  now[3].what = "input `c`";
  CHECK(explain_difference(before, now) ==
        std::vector<std::string>{"its command changed",
                                 "the outputs of step `split` have changed",
                                 "input `c` is new",
                                 "input `a b` is no longer read"});
}

TEST_CASE("why a task would run again") {
  const Workspace space;
  const auto reasons = [&](const Plan& plan) {
    // As a later plan would see it after `carry`: here the earlier state itself.
    Staleness staleness(plan, space.out(), {space.out() / "state" / "kept"});
    return staleness.look({StepId{0}, 0}).reasons;
  };
  for (const char* channel : {"c1", "c2"}) write_text(space.data() / channel / "in.txt", "x");
  const Plan plan = one_step(space, "cp {inputs} {outputs}");
  REQUIRE(run_job(plan, whole_job(plan, space.out())).complete());
  std::filesystem::create_directory_symlink(space.out() / "state" / plan.hash,
                                            space.out() / "state" / "kept");
  CHECK(reasons(plan) ==
        std::vector<std::string>{
            "its command, parameters, environment and inputs are the same as then"});
  CHECK(reasons(one_step(space, "cp -p {inputs} {outputs}")) ==
        std::vector<std::string>{"its command changed"});
  write_text(space.data() / "c1/in.txt", "longer");
  CHECK(reasons(plan) == std::vector<std::string>{"input `c1/in.txt` changed"});
  std::filesystem::remove(space.data() / "c1/in.txt");
  CHECK(reasons(plan) ==
        std::vector<std::string>{"the input `c1/in.txt` does not exist, and no step makes it"});
}
