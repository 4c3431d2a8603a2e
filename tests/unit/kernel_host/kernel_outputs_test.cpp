// Outputs of kernels run by hand.
#include "runtime/run/kernel_outputs.hpp"

#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>
#include <stdlib.h>

namespace wfr::test {
namespace {

namespace fs = std::filesystem;

KernelDecl maker() {
  return {.name = "t.split",
          .library = "t",
          .version = 1,
          .summary = "",
          .params = {},
          .inputs = {},
          .outputs = {},
          .makes = {"array", "channel"}};
}

struct Scratch {
  Scratch() : path(fs::temp_directory_path() / "wfr-outputs-XXXXXX") {
    std::string name = path.string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Scratch() { fs::remove_all(path); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  fs::path path;
};

std::size_t entries(const fs::path& directory) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(directory), {}));
}

}  // namespace

TEST_CASE("a template with braces is one output per made directory", "[kernel]") {
  const std::vector<MadeNames> made{{"array01", "channel001"}, {"array02", "channel009"}};
  const auto outputs = fan_out(maker(), "out/{array}/{channel}.h5", made);
  REQUIRE(outputs.size() == 2);
  CHECK(outputs[1].path == "out/array02/channel009.h5");
  CHECK(outputs[1].names == made[1]);
  CHECK_THROWS_WITH(fan_out(maker(), "{array}/x.h5", made), Catch::Contains("{array}{channel}"));
  CHECK_THROWS_WITH(fan_out(maker(), "{array}/{chanel}", made), Catch::Contains("`chanel`"));
  CHECK_THROWS_AS(fan_out(maker(), "{array}/{channel", made), KernelError);
  KernelDecl plain = maker();
  plain.makes.clear();
  CHECK(fan_out(plain, "{x}.h5", {})[0].path == "{x}.h5");
}

TEST_CASE("outputs get their names when all of them are there", "[kernel]") {
  const Scratch scratch;
  const std::string one = scratch.path / "a" / "one.h5";
  const std::string two = scratch.path / "b" / "two.h5";
  {
    HandOutputs outputs({{one, "", {}}, {two, "", {}}});
    REQUIRE(outputs.temporaries().size() == 2);
    CHECK(fs::path(outputs.temporaries()[0].path).filename() == "one.h5");
    std::ofstream(outputs.temporaries()[0].path) << "1";
    // The second is missing: nothing may appear.
    CHECK_THROWS_WITH(outputs.rename_in(), Catch::Contains("two.h5"));
    CHECK_FALSE(fs::exists(one));
  }
  CHECK(entries(scratch.path / "a") == 0);
  {
    HandOutputs outputs({{one, "", {}}, {two, "", {}}});
    for (const auto& output : outputs.temporaries()) std::ofstream(output.path) << "x";
    outputs.rename_in();
  }
  CHECK(fs::file_size(one) == 1);
  CHECK(fs::file_size(two) == 1);
  CHECK(entries(scratch.path / "b") == 1);
}

TEST_CASE("two outputs with one path are refused", "[kernel]") {
  const Scratch scratch;
  const std::string one = scratch.path / "one.h5";
  const std::string same = scratch.path / "x" / ".." / "one.h5";
  CHECK_THROWS_WITH(HandOutputs({{one, "", {}}, {same, "", {}}}), Catch::Contains("two outputs"));
}

}  // namespace wfr::test
