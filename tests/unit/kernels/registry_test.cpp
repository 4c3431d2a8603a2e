// The registry holds every kernel of the build, well declared.
#include "runtime/kernels/kernel.hpp"

#include <algorithm>
#include <set>
#include <string>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

namespace {

TEST_CASE("kernels are sorted by name and found by it") {
  const auto all = wfr::kernels();
  REQUIRE(all.size() >= 5);
  CHECK(std::is_sorted(
      all.begin(), all.end(), [](const auto& a, const auto& b) { return a.name < b.name; }));
  for (const auto& kernel : all) {
    CHECK(wfr::find_kernel(kernel.name) == &kernel);
  }
  for (const char* name :
       {"nsx.split", "nsx.synthesize", "signal.highpass", "signal.lowpass", "signal.spectrum"}) {
    CHECK(wfr::find_kernel(name) != nullptr);
  }
  CHECK(wfr::find_kernel("nsx") == nullptr);
  CHECK(wfr::find_kernel("") == nullptr);
  CHECK(wfr::find_kernel("zzz.last") == nullptr);
}

TEST_CASE("every declaration is complete and its defaults pass its own checks") {
  for (const auto& kernel : wfr::kernels()) {
    INFO(kernel.name);
    CHECK(kernel.name.find('.') != std::string_view::npos);
    CHECK_FALSE(kernel.library.empty());
    CHECK_FALSE(kernel.summary.empty());
    CHECK(kernel.version >= 1);
    CHECK(kernel.inputs.min <= kernel.inputs.max);
    CHECK(kernel.outputs.min >= 1);
    CHECK((kernel.discover != nullptr) == !kernel.makes.empty());
    std::set<std::string_view> names;
    for (const auto& param : kernel.params) {
      INFO(param.name);
      CHECK(names.insert(param.name).second);
      CHECK_FALSE(param.help.empty());
    }
    nlohmann::json params = nlohmann::json::object();
    CHECK(wfr::complete_params(kernel, params).empty());
    CHECK(params.size() == kernel.params.size());
  }
}

}  // namespace
