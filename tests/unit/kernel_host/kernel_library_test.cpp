// Kernel libraries in this process.
#include "runtime/run/kernel_library.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <catch2/catch.hpp>

namespace wfr::test {
namespace {

KernelCall call_of(const std::string& kernel) {
  KernelCall call;
  call.kernel = kernel;
  call.library = MISBEHAVE_LIBRARY;
  return call;
}

}  // namespace

TEST_CASE("a kernel is given all of its task", "[kernel]") {
  const auto file = std::filesystem::temp_directory_path() / "wfr-echo-test";
  KernelCall call = call_of("t.echo");
  call.params_json = R"({"a":[1,2]})";
  call.provenance_json = R"({"step":"x"})";
  call.inputs = {"in 1", "in\n2"};
  call.outputs = {{file.string(), "main", {}}, {"other", "", {"array01", "channel002"}}};
  call.cpus = 3;
  call.memory_bytes = 1000;
  call.scratch = "/scratch";
  const KernelOutcome outcome = run_kernel(call, {});
  CHECK(outcome.message.empty());
  REQUIRE(outcome.ok);
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  std::filesystem::remove(file);
  CHECK(text.str() ==
        "{\"a\":[1,2]}\n{\"step\":\"x\"}\n3 1000 /scratch\ninput in 1\ninput in\n2\noutput " +
            file.string() + " main\noutput other /array01/channel002\n");
}

TEST_CASE("a kernel's reason is told", "[kernel]") {
  const KernelOutcome outcome = run_kernel(call_of("t.fail"), {});
  CHECK_FALSE(outcome.ok);
  CHECK(outcome.message == "offset 12: not a header");
}

TEST_CASE("warnings and progress arrive, and exceptions of the host stay here", "[kernel]") {
  std::string warnings;
  double progress = 0;
  KernelHost host;
  host.warn = [&](const std::string& text) { warnings += text + ";"; };
  host.progress = [&](double fraction) { progress = fraction; };
  CHECK(run_kernel(call_of("t.talk"), host).ok);
  CHECK(warnings == "first;second;");
  CHECK(progress == 0.5);
  host.warn = [](const std::string&) { throw std::runtime_error("host"); };
  CHECK(run_kernel(call_of("t.talk"), host).ok);
}

TEST_CASE("what cannot be loaded is an outcome", "[kernel]") {
  KernelCall call = call_of("t.echo");
  call.library = "/nowhere/libwfr_kernel_none.so";
  CHECK_THAT(run_kernel(call, {}).message, Catch::Contains("/nowhere/libwfr_kernel_none.so"));
  call.library = "libm.so.6";
  CHECK_THAT(run_kernel(call, {}).message, Catch::Contains("not a kernel library"));
  call.library.clear();
  CHECK_THAT(run_kernel(call, {}).message, Catch::Contains("there is no kernel `t.echo`"));
  CHECK_THAT(run_kernel(call_of("t.none"), {}).message, Catch::Contains("does not hold"));
  CHECK_THROWS_WITH(find_kernel_library("none"),
                    Catch::Contains("libwfr_kernel_none.so") && Catch::Contains("lib/wfc"));
}

}  // namespace wfr::test
