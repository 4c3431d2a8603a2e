// Paths with level names still in them.
#include "compiler/graph/symbolic_path.hpp"

#include "tests/unit/graph/fixture.hpp"

#include <catch2/catch.hpp>

using namespace wfc::test;
using wfc::SymbolicPath;
using wfc::Workflow;

namespace {

SymbolicPath path_of(wfc::LevelId each, const std::string& text) {
  const Workflow workflow = recordings_workflow();
  return wfc::symbolic_path(workflow.levels, each, parse_path(workflow, text));
}

std::string text_of(wfc::LevelId each, const std::string& text) {
  return wfc::to_text(path_of(each, text), recordings_workflow().levels);
}

}  // namespace

TEST_CASE("paths are normalised") {
  CHECK(text_of(kArray, "raw.h5") == "{session}/{array}/raw.h5");
  CHECK(text_of(kArray, "./a//b/./c/") == "{session}/{array}/a/b/c");
  CHECK(text_of(kArray, "../x.h5") == "{session}/x.h5");
  CHECK(text_of(kArray, "../../x.h5") == "x.h5");
  CHECK(text_of(kSession, "{array}/{channel}/raw.h5") == "{session}/{array}/{channel}/raw.h5");
  CHECK(text_of(kSession, "{array}-{channel}.h5") == "{session}/{array}-{channel}.h5");
  CHECK(text_of(wfr::kRootLevel, "all.h5") == "all.h5");
  CHECK(text_of(kSession, "/scratch/{session}/x") == "/scratch/{session}/x");
  CHECK(text_of(wfr::kRootLevel, ".") == ".");
}

TEST_CASE("leaving the root is noticed") {
  CHECK(path_of(kSession, "../../x").leaves_root);
  CHECK_FALSE(path_of(kSession, "../x").leaves_root);
}

TEST_CASE("the same place seen from two levels is the same path") {
  CHECK(path_of(kChannel, "raw.h5") == path_of(kSession, "{array}/{channel}/raw.h5"));
  CHECK(path_of(kArray, "../index.json") == path_of(kSession, "index.json"));
  CHECK_FALSE(path_of(kArray, "index.json") == path_of(kSession, "index.json"));
  CHECK_FALSE(path_of(kSession, "/index.json") == path_of(wfr::kRootLevel, "index.json"));
}

TEST_CASE("components that cannot be equal are told apart") {
  const auto component = [](const std::string& text) {
    return path_of(wfr::kRootLevel, text).components[0];
  };
  CHECK(wfc::surely_differ(component("a.h5"), component("b.h5")));
  CHECK(wfc::surely_differ(component("{channel}.h5"), component("{channel}.txt")));
  CHECK(wfc::surely_differ(component("low-{channel}"), component("high-{array}")));
  CHECK_FALSE(wfc::surely_differ(component("low-{channel}"), component("low-{array}.h5")));
  CHECK_FALSE(wfc::surely_differ(component("a.h5"), component("{array}.h5")));
  CHECK_FALSE(wfc::surely_differ(component("{session}"), component("{array}")));
  CHECK(wfc::determines(component("low-{channel}.h5"), kChannel));
  CHECK_FALSE(wfc::determines(component("{array}{channel}.h5"), kChannel));
  CHECK_FALSE(wfc::determines(component("{array}.h5"), kChannel));
}
