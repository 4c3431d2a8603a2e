// Parameters from the command line, in the types that a kernel declares.
#include "runtime/run/kernel_params.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

namespace wfr::test {
namespace {

KernelDecl sample() {
  return {.name = "t.sample",
          .library = "t",
          .version = 2,
          .summary = "does something",
          .params = {{"rate", ParamType::Float, "1000", "Hz", "the rate", 1.0},
                     {"band", ParamType::FloatList, "[1, 150]", "Hz", "corners", 0.0},
                     {"order", ParamType::Int, "4", "", "the order", 1, 12},
                     {"label", ParamType::String, "\"raw\"", "", "a text"},
                     {"names", ParamType::StringList, "[]", "", "texts"},
                     {"fast", ParamType::Bool, "false", "", "hurry"}},
          .inputs = {1, kUnlimited},
          .outputs = {1, 1}};
}

nlohmann::json parse(const std::vector<std::string>& words) {
  return parse_params(sample(), words);
}

}  // namespace

TEST_CASE("values are read in their declared types, the rest has its default", "[kernel]") {
  const auto params =
      parse({"rate=2000", "band=[300,3000.5]", "label=12", "names=a,b", "fast=true"});
  CHECK(params == nlohmann::json::parse(
                      R"({"rate":2000.0,"band":[300.0,3000.5],"order":4,"label":"12",
                          "names":["a","b"],"fast":true})"));
  CHECK(parse({"band=300,3000"})["band"] == nlohmann::json::array({300.0, 3000.0}));
  CHECK(parse({"label=a=b"})["label"] == "a=b");
  CHECK(parse({"names=1,2"})["names"] == nlohmann::json::array({"1", "2"}));
  CHECK(parse({"names="})["names"].empty());
}

TEST_CASE("everything that is wrong is said at once", "[kernel]") {
  using Catch::Contains;
  CHECK_THROWS_WITH(parse({"rate=fast", "order=99"}), Contains("`rate`") && Contains("`order`"));
  CHECK_THROWS_WITH(parse({"rats=1"}), Contains("rats"));
  CHECK_THROWS_WITH(parse({"rate"}), Contains("name=value"));
  CHECK_THROWS_WITH(parse({"=1"}), Contains("name=value"));
  CHECK_THROWS_WITH(parse({"band=1,x"}), Contains("`band"));
}

TEST_CASE("a kernel is described with its parameters", "[kernel]") {
  CHECK_THAT(describe_kernel(sample()),
             Catch::Contains("t.sample (version 2): does something") &&
                 Catch::Contains("1 or more inputs, 1 outputs") &&
                 Catch::Contains("--param band=[1, 150]  (numbers, Hz)"));
}

}  // namespace wfr::test
