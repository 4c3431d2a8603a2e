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
  const std::vector<KeyPart> before{{"command", 1, 0, ""},
                                    {"command `threshold`", 2, 0, "4.5"},
                                    {"step `split`", 3, 0, ""},
                                    {"input `a b`", 4, 5, ""}};
  CHECK(parse_parts(parts_text(before)) == before);
  CHECK_FALSE(parse_parts("exit status 3\n").has_value());
  std::vector<KeyPart> now = before;
  CHECK(explain_difference(before, now).empty());
  now[1] = {"command `threshold`", 3, 0, "3"};
  now[2].digest = 9;
  now[3].what = "input `c`";
  CHECK(explain_difference(before, now) ==
        std::vector<std::string>{"the command changed: `threshold` 4.5 -> 3",
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
        std::vector<std::string>{"its command, parameters, environment and inputs are unchanged"});
  CHECK(reasons(one_step(space, "cp -p {inputs} {outputs}")) ==
        std::vector<std::string>{"the command changed"});
  write_text(space.data() / "c1/in.txt", "longer");
  CHECK(reasons(plan) == std::vector<std::string>{"input `c1/in.txt` changed"});
  std::filesystem::remove(space.data() / "c1/in.txt");
  CHECK(reasons(plan) ==
        std::vector<std::string>{"the input `c1/in.txt` does not exist, and no step makes it"});
}

TEST_CASE("parts that do not fit are left out, and told from parts that are new") {
  std::vector<KeyPart> many;
  for (int i = 0; i < 500; ++i) many.push_back({"input `" + std::to_string(i) + "`", 1, 2, ""});
  const std::string text = parts_text(many);
  CHECK(text.size() <= 4096);
  const std::optional<std::vector<KeyPart>> before = parse_parts(text);
  REQUIRE(before);
  CHECK(before->size() < many.size());
  CHECK(before->back().what == "...");
  many[3].digest = 9;
  CHECK(explain_difference(*before, many) == std::vector<std::string>{"input `3` changed"});
  CHECK_FALSE(only_times_differ(*before, many));
}

TEST_CASE("times alone differ in a copy, sizes and names in a change") {
  const std::vector<KeyPart> before =
      with_made({{"command", 1, 0, ""}, {"input `a`", 4, 5, ""}}, Key{7, 8});
  CHECK(parse_parts(parts_text(before)) == before);
  std::vector<KeyPart> now = before;
  CHECK(only_times_differ(before, now));
  now[2].digest = 44;
  CHECK(only_times_differ(before, now));
  now[2].sizes = 55;
  CHECK_FALSE(only_times_differ(before, now));
  now = before;
  now[1].digest = 11;
  CHECK_FALSE(only_times_differ(before, now));
  now = before;
  now[0] = made_part(Key{9, 8});
  CHECK_FALSE(only_times_differ(before, now));
  CHECK(explain_difference(before, {{"command", 1, 0, ""}, {"input `a`", 4, 5, ""}}).empty());
}

TEST_CASE("values and names in records are one line, and short") {
  const std::vector<KeyPart> parts{{"column `a\nb`", 1, 0, "x\ty\n" + std::string(100, 'z')}};
  const auto back = parse_parts(parts_text(parts));
  REQUIRE(back);
  REQUIRE(back->size() == 1);
  CHECK(back->front().what == "column `a?b`");
  CHECK(back->front().value.size() == 40);
  CHECK(explain_difference(*back, parts).empty());
}
