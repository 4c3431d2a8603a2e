// Which attempts count, and for what.
#include "compiler/tune/usage.hpp"

#include <catch2/catch.hpp>

namespace wfc {
namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;
constexpr std::uint64_t kMega = 1024 * 1024;

wfr::Record ended(wfr::Verdict verdict, std::uint64_t seconds, std::uint64_t peak_mb) {
  wfr::Record record;
  record.kind = wfr::RecordKind::End;
  record.verdict = verdict;
  record.wall_ns = seconds * kSecond;
  record.cpu_ns = seconds * kSecond;
  record.peak_memory = peak_mb * kMega;
  return record;
}

}  // namespace

TEST_CASE("attempts that ended well are counted with what they used") {
  StepUsage usage;
  wfr::ResourceSpec asked;
  asked.cpus = 4;
  add_attempt(usage, ended(wfr::Verdict::Done, 10, 100), asked, true);
  add_attempt(usage, ended(wfr::Verdict::Done, 30, 0), asked, true);  // memory not known
  CHECK(usage.wall_s.size() == 2);
  CHECK(usage.memory_mb.size() == 1);
  CHECK(usage.memory_mb.max() == 100);
  CHECK(usage.cpu_efficiency() == Approx(0.25));
}

TEST_CASE("starts, adopted results and plain failures are not") {
  StepUsage usage;
  wfr::Record start = ended(wfr::Verdict::Done, 10, 100);
  start.kind = wfr::RecordKind::Start;
  add_attempt(usage, start, {}, true);
  add_attempt(usage, ended(wfr::Verdict::Done, 0, 0), {}, true);  // wfc touch
  wfr::Record failed = ended(wfr::Verdict::Failed, 10, 100);
  failed.failure = wfr::FailureKind::Exit;
  add_attempt(usage, failed, {}, true);
  CHECK(usage.wall_s.size() == 0);
  CHECK(usage.oom == 0);
  CHECK(usage.timeouts == 0);
}

TEST_CASE(
    "a task that was killed with its job tells what was too little, though it has told no time") {
  StepUsage usage;
  wfr::Record lost = ended(wfr::Verdict::Failed, 0, 100);
  lost.failure = wfr::FailureKind::OutOfMemory;
  add_attempt(usage, lost, {}, true);
  CHECK(usage.oom == 1);
  CHECK(usage.too_small_mb == 100);
}

TEST_CASE("what was too small is what was asked for, or more") {
  StepUsage usage;
  wfr::ResourceSpec asked;
  asked.mem_mb = 500;
  wfr::Record failed = ended(wfr::Verdict::Failed, 7, 480);
  failed.failure = wfr::FailureKind::OutOfMemory;
  add_attempt(usage, failed, asked, true);
  CHECK(usage.too_small_mb == 500);
  failed.peak_memory = 600 * kMega;
  add_attempt(usage, failed, asked, true);
  CHECK(usage.too_small_mb == 600);
  CHECK(usage.oom == 2);
  failed.failure = wfr::FailureKind::Timeout;
  add_attempt(usage, failed, asked, true);
  CHECK(usage.timeouts == 1);
  CHECK(usage.too_short_s == 7);
}

TEST_CASE("attempts of an earlier command are only counted as such") {
  StepUsage usage;
  add_attempt(usage, ended(wfr::Verdict::Done, 10, 100), {}, false);
  CHECK(usage.of_other_commands == 1);
  CHECK(usage.wall_s.size() == 0);
}

TEST_CASE("an out directory where nothing has run has no usage") {
  CHECK(read_usage("/nonexistent").empty());
}

}  // namespace wfc
