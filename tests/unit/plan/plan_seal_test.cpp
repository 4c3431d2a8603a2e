// The manifest beside a plan, as the start of a task looks at it.
#include "runtime/plan/plan_seal.hpp"

#include "runtime/plan/sha256.hpp"
#include "tests/unit/plan/sample_plan.hpp"

#include <catch2/catch.hpp>

namespace wfr::test {

TEST_CASE("SHA-256 is that of the standard", "[plan]") {
  // FIPS 180-4, the examples of NIST.
  CHECK(sha256("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256(std::string(1'000'000, 'a')) ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  const ScratchDirectory scratch;
  write_file(scratch.path() / "file", std::string(1'000'000, 'a'));
  CHECK(sha256_of_file(scratch.path() / "file") == sha256(std::string(1'000'000, 'a')));
  CHECK_THROWS(sha256_of_file(scratch.path() / "none"));
  CHECK_THROWS(sha256_of_file(scratch.path()));
}

TEST_CASE("a plan's head is compared with the manifest, where there is one", "[plan]") {
  const ScratchDirectory scratch;
  const std::filesystem::path file = scratch.path() / "plan.wfp";
  Plan plan = sample_plan();
  const std::string bytes = serialize_plan(plan);
  write_file(file, bytes);
  CHECK_NOTHROW(map_plan(file, plan.hash));
  const std::string line = head_line(bytes);
  write_file(scratch.path() / kManifestName, "# A comment\n" + line + "digest  place\n");
  CHECK_NOTHROW(map_plan(file, plan.hash));

  // A word of a command, of the same length.
  std::string changed = bytes;
  const std::size_t at = changed.find("highpass");
  REQUIRE(at != std::string::npos);
  changed.replace(at, 4, "evil");
  write_file(file, changed);
  CHECK_THROWS_WITH(map_plan(file, plan.hash), Catch::Contains("changed after it was compiled"));

  write_file(file, bytes);
  write_file(scratch.path() / kManifestName, "");
  CHECK_THROWS_AS(map_plan(file, plan.hash), PlanError);
  CHECK(head_line(std::string("no plan")).empty());
}

}  // namespace wfr::test
