// A million channels are proven by ranges: three steps a channel, one a session, one for all.
#include "compiler/slurm/builtin_templates.hpp"
#include "compiler/slurm/emit.hpp"
#include "compiler/slurm/verify.hpp"
#include "tests/unit/slurm/fixture.hpp"

#include <catch2/catch.hpp>

namespace wfc::test {
namespace {

constexpr std::uint32_t kSessions = 100;
constexpr std::uint32_t kChannels = 10000;

OutputTree emit_million(std::uint64_t max_array_size) {
  Example example(kSessions, kChannels);
  example.workflow.site.max_array_size = max_array_size;
  example.workflow.site.max_job_count = 0;
  example.workflow.site.max_submissions = 0;
  const StepId a = example.step("a", kChannel);
  const StepId b = example.step("b", kChannel);
  const StepId c = example.step("c", kChannel);
  const StepId d = example.step("d", kSession);
  const StepId e = example.step("e", wfr::kRootLevel);
  example.edge(a, b, kChannel);
  example.edge(b, c, kChannel);
  example.edge(c, d, kSession);
  example.edge(d, e, wfr::kRootLevel);
  Sink sink;
  wfr::Plan plan = example.lower(sink);
  REQUIRE_FALSE(sink.has_errors());
  return emit(
      example.workflow,
      plan,
      [](const std::string& name) { return std::string(builtin_template(name)); },
      sink);
}

}  // namespace

TEST_CASE("a million channels") {
  const bool chunks = GENERATE(false, true);
  const OutputTree tree = emit_million(chunks ? 10001 : 4000001);
  EmittedFiles files;
  for (const auto& [place, file] : tree.files) files.emplace(place, file.bytes);
  Sink sink;
  const auto verified = verify(files, "out", VerifyWhen::BuiltInTemplates, sink);
  INFO(render(sink, false));
  REQUIRE(verified);
  CHECK(verified->tasks == 3000101);
  CHECK(verified->jobs == 3000102);
  CHECK(verified->relations == 3000100);
}

}  // namespace wfc::test
