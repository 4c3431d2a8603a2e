// What complete_params() accepts, fills in and says.
#include "runtime/kernels/kernel.hpp"

#include <limits>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

namespace {

using nlohmann::json;
using wfr::ParamType;

wfr::KernelDecl sample_kernel() {
  return {.name = "test.all",
          .library = "test",
          .version = 1,
          .summary = "one parameter of every kind",
          .params = {{"rate", ParamType::Float, "1000", "Hz", "a rate", 1, 1e6},
                     {"order", ParamType::Int, "4", "", "an order", 1, 12},
                     {.name = "band",
                      .type = ParamType::FloatList,
                      .standard = "[1, 150]",
                      .unit = "Hz",
                      .help = "two corners",
                      .min = 0,
                      .count = 2},
                     {.name = "window",
                      .type = ParamType::String,
                      .standard = "\"hann\"",
                      .unit = "",
                      .help = "a window",
                      .choices = {"hann", "hamming"}},
                     {"names", ParamType::StringList, "[]", "", "names"},
                     {"counts", ParamType::IntList, "[1]", "", "counts"},
                     {"keep", ParamType::Bool, "true", "", "a switch"}},
          .inputs = {},
          .outputs = {}};
}

// All problems as "param: message" lines.
std::string problems(json params) {
  std::string text;
  for (const auto& problem : wfr::complete_params(sample_kernel(), params)) {
    text += problem.param + ": " + problem.message + "\n";
  }
  return text;
}

TEST_CASE("defaults are filled in with the declared type") {
  json params = nullptr;
  REQUIRE(wfr::complete_params(sample_kernel(), params).empty());
  CHECK(
      params.dump() ==
      R"({"band":[1.0,150.0],"counts":[1],"keep":true,"names":[],"order":4,"rate":1000.0,"window":"hann"})");
}

TEST_CASE("a whole number is taken for a number, alone and in a list") {
  json params = {{"rate", 500}, {"band", {1, 2.5}}};
  REQUIRE(wfr::complete_params(sample_kernel(), params).empty());
  CHECK(params["rate"].is_number_float());
  CHECK(params["band"][0].is_number_float());
  CHECK(params["rate"] == 500.0);
}

TEST_CASE("bounds themselves are allowed") {
  CHECK(problems({{"rate", 1}, {"order", 12}}).empty());
  CHECK(problems({{"rate", 1e6}, {"order", 1}}).empty());
}

TEST_CASE("values out of range name the bound and the unit") {
  CHECK(problems({{"rate", 0}}) == "rate: is 0.0 Hz, but the least is 1 Hz\n");
  CHECK(problems({{"rate", 2e6}}) == "rate: is 2000000.0 Hz, but the most is 1000000 Hz\n");
  CHECK(problems({{"order", 13}}) == "order: is 13, but the most is 12\n");
  CHECK(problems({{"band", {-1, 10}}}) == "band: element 1 is -1.0 Hz, but the least is 0 Hz\n");
}

TEST_CASE("wrong types say what is there and what must be") {
  CHECK(problems({{"rate", "fast"}}) == "rate: is \"fast\", but must be a number of Hz\n");
  CHECK(problems({{"order", 2.5}}) == "order: is 2.5, but must be an integer\n");
  CHECK(problems({{"order", true}}) == "order: is true, but must be an integer\n");
  CHECK(problems({{"keep", 1}}) == "keep: is 1, but must be true or false\n");
  CHECK(problems({{"window", 1}}) == "window: is 1, but must be a string\n");
  CHECK(problems({{"names", "a"}}) == "names: is \"a\", but must be a list of strings\n");
  CHECK(problems({{"names", {"a", 2}}}) == "names: element 2 is 2, but must be a string\n");
  CHECK(problems({{"counts", {1, 1.5}}}) == "counts: element 2 is 1.5, but must be an integer\n");
  CHECK(problems({{"band", {1, 2, 3}}}) == "band: has 3 elements, but must have 2\n");
  CHECK(problems({{"rate", nullptr}}) == "rate: is null, but must be a number of Hz\n");
}

TEST_CASE("numbers that are not finite are refused") {
  CHECK_FALSE(problems({{"rate", std::numeric_limits<double>::infinity()}}).empty());
  CHECK_FALSE(problems({{"rate", std::numeric_limits<double>::quiet_NaN()}}).empty());
}

TEST_CASE("choices are listed and the nearest is suggested") {
  CHECK(problems({{"window", "han"}}) ==
        "window: is \"han\", which is none of \"hann\", \"hamming\"; did you mean `hann`?\n");
  CHECK(problems({{"window", "boxcar"}}) ==
        "window: is \"boxcar\", which is none of \"hann\", \"hamming\"\n");
}

TEST_CASE("unknown names are suggested or listed") {
  CHECK(problems({{"rte", 1}}) == "rte: is not a parameter of test.all; did you mean `rate`?\n");
  CHECK(problems({{"completely_different", 1}}) ==
        "completely_different: is not a parameter of test.all; it has `rate`, `order`, `band`, "
        "`window`, `names`, `counts`, `keep`\n");
}

TEST_CASE("every problem is told, not the first") {
  CHECK(problems({{"rate", 0}, {"order", 0}, {"x", 0}}).find("order: is 0") != std::string::npos);
}

TEST_CASE("parameters that are no table") {
  CHECK(problems(json::array({1, 2})) == ": are [1,2], but must be a table\n");
}

TEST_CASE("long values and bytes that are not UTF-8 stay on one line") {
  const std::string text = problems({{"rate", std::string(500, 'x') + "\xff\n"}});
  CHECK(text.size() < 120);
  CHECK(text.find("...") != std::string::npos);
  CHECK(problems({{"rate", "\xff\n"}}).find('\n') == problems({{"rate", "\xff\n"}}).size() - 1);
}

}  // namespace
