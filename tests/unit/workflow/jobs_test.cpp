// [jobs], and the keys of a step that say which job runs its tasks.
#include "tests/unit/workflow/resolve_text.hpp"

#include <catch2/catch.hpp>

namespace wfc {
namespace {

constexpr LevelId kSession{1};
constexpr LevelId kChannel{2};

const char* const kSteps = R"(
[[step]]
name = "split"
each = "session"
run = "true"
[[step]]
name = "filter"
each = "channel"
run = "true"
)";

}  // namespace

TEST_CASE("[jobs] is read with its units") {
  const Resolved file = resolve_steps(std::string(kSteps) + R"(
[jobs]
per = "session"
target_time = "1h30m"
fuse = true
cpus = 5
mem = "8G"
time = 90
)");
  REQUIRE(file.text().empty());
  const JobsDef& jobs = file.workflow.jobs;
  CHECK(jobs.per == kSession);
  CHECK(jobs.pack == 0);
  CHECK(jobs.target_time_s == 5400);
  CHECK(jobs.fuse);
  CHECK(jobs.cpus == 5);
  CHECK(jobs.mem_mb == 8192);
  CHECK(jobs.time_s == 5400);
  CHECK(jobs.per_span.known());
  CHECK(resolve_steps(std::string(kSteps) + "[jobs]\nper = \"root\"\n").workflow.jobs.per ==
        wfr::kRootLevel);
}

TEST_CASE("a step's own keys, then its site's, then [defaults]") {
  const Resolved file = resolve_steps(R"(
[[step]]
name = "split"
each = "session"
run = "true"
target_time = "2h"
[[step]]
name = "filter"
each = "channel"
run = "true"
job = "session"
fuse = false
estimate = "40s"
[defaults]
pack = 8
job = "channel"
)");
  REQUIRE(file.text().empty());
  // [defaults] is for the steps that it can hold.
  CHECK_FALSE(file.step("split").job_level.has_value());
  CHECK(file.step("filter").job_level == kSession);
  // The nearer of the two wins.
  CHECK_FALSE(file.step("split").pack.has_value());
  CHECK(file.step("split").target_time_s == 7200U);
  CHECK(file.step("filter").pack == 8U);
  CHECK(file.step("filter").fuse == false);
  CHECK_FALSE(file.step("split").fuse.has_value());
  CHECK(file.step("filter").estimate_s == 40);
  const Resolved defaults = resolve_steps(std::string(kSteps) + "[defaults]\njob = \"channel\"\n");
  CHECK(defaults.step("filter").job_level == kChannel);
}

TEST_CASE("values of job keys that cannot be") {
  const auto kinds = [](const char* jobs, const char* step = "") {
    return resolve_steps(std::string(kSteps) + step + "\n[jobs]\n" + jobs).kinds();
  };
  CHECK(kinds("per = \"sesion\"") == std::vector<Kind>{Kind::UnknownLevel});
  CHECK(kinds("pack = 0") == std::vector<Kind>{Kind::OutOfRange});
  CHECK(kinds("pack = 2\ntarget_time = 5") == std::vector<Kind>{Kind::ConflictingKeys});
  CHECK(kinds("target_time = \"soon\"") == std::vector<Kind>{Kind::BadUnit});
  CHECK(kinds("fuse = 1") == std::vector<Kind>{Kind::WrongType});
  CHECK(kinds("", "job = \"chanel\"") == std::vector<Kind>{Kind::UnknownLevel});
  CHECK(kinds("", "pack = 1\ntarget_time = 5") == std::vector<Kind>{Kind::ConflictingKeys});
  CHECK(kinds("", "[[step]]\nname = \"x\"\neach = \"session\"\nrun = \"x\"\njob = \"channel\"") ==
        std::vector<Kind>{Kind::BadPlacement});
  CHECK(kinds("", "[[step]]\nname = \"x\"\non = \"always\"\nrun = \"x\"\npack = 2") ==
        std::vector<Kind>{Kind::FinalizerKey});
}

}  // namespace wfc
