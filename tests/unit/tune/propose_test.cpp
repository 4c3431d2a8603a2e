// Quantiles, margins, rounding.
#include "compiler/tune/propose.hpp"

#include <catch2/catch.hpp>

namespace wfc {
namespace {

StepUsage usage_of(std::size_t tasks, double wall_s, double memory_mb) {
  StepUsage usage;
  for (std::size_t i = 0; i < tasks; ++i) {
    usage.wall_s.add(wall_s);
    usage.memory_mb.add(memory_mb);
  }
  return usage;
}

}  // namespace

TEST_CASE("a quantile is a value that was seen") {
  Sample sample;
  CHECK(sample.quantile(0.5) == 0);
  sample.add(7);
  CHECK(sample.quantile(0) == 7);
  CHECK(sample.quantile(0.99) == 7);
  for (int i = 100; i > 0; --i) sample.add(i);  // 1..100 and another 7
  CHECK(sample.size() == 101);
  CHECK(sample.quantile(0) == 1);
  CHECK(sample.quantile(0.5) == 50);
  CHECK(sample.quantile(0.9) == 90);
  CHECK(sample.quantile(0.99) == 99);
  CHECK(sample.max() == 100);
  Sample even;
  for (const double value : {4.0, 1.0, 3.0, 2.0}) even.add(value);
  CHECK(even.quantile(0.5) == 2);
  CHECK(even.quantile(0.51) == 3);
  CHECK(even.sum() == 10);
}

TEST_CASE("few tasks get a larger margin") {
  CHECK(memory_margin(1) == 1.4);
  CHECK(memory_margin(9) == 1.4);
  CHECK(memory_margin(10) == 1.3);
  CHECK(memory_margin(58) == 1.3);
  CHECK(memory_margin(59) == 1.2);
}

TEST_CASE("memory goes up in steps of 64 MB, from 128 MB on") {
  CHECK(propose(usage_of(1, 1, 3), {}).mem_mb == 128U);
  CHECK(propose(usage_of(1, 1, 200), {}).mem_mb == 320U);   // 280
  CHECK(propose(usage_of(59, 1, 200), {}).mem_mb == 256U);  // 240
  CHECK(propose(usage_of(59, 1, 320), {}).mem_mb == 384U);  // 384 exactly
  CHECK(propose(usage_of(59, 1, 321), {}).mem_mb == 448U);
  CHECK(propose(usage_of(100, 1, 10000), {}).mem_mb == 12032U);
}

TEST_CASE("time goes up in minutes, and no task that was done would have been stopped") {
  CHECK(propose(usage_of(1, 0.1, 1), {}).time_s == 60U);
  CHECK(propose(usage_of(1, 30, 1), {}).time_s == 60U);
  CHECK(propose(usage_of(1, 31, 1), {}).time_s == 120U);
  CHECK(propose(usage_of(10, 40, 1), {}).time_s == 60U);
  StepUsage usage = usage_of(999, 60, 1);
  usage.wall_s.add(1000);  // beyond the 99 % quantile
  CHECK(propose(usage, {}).time_s == 1140U);
  CHECK(propose(usage, {}).estimate_s == 60.0);
}

TEST_CASE("what was too little is never asked for again") {
  StepUsage usage = usage_of(100, 10, 100);
  usage.oom = 1;
  usage.too_small_mb = 500;
  usage.timeouts = 2;
  usage.too_short_s = 600;
  const Proposal proposal = propose(usage, {});
  CHECK(proposal.mem_mb == 768U);
  CHECK(proposal.time_s == 1200U);
  StepUsage failures;
  failures.oom = 1;
  failures.too_small_mb = 1000;
  CHECK(propose(failures, {}).mem_mb == 1536U);
  CHECK_FALSE(propose(failures, {}).time_s.has_value());
  CHECK_FALSE(propose(failures, {}).estimate_s.has_value());
}

TEST_CASE("nothing is made up") {
  CHECK(propose({}, {}).empty());
  StepUsage unknown;
  unknown.wall_s.add(5);
  CHECK_FALSE(propose(unknown, {}).mem_mb.has_value());
  wfr::ResourceSpec wide;
  wide.nodes = 2;
  CHECK_FALSE(propose(usage_of(5, 5, 100), wide).mem_mb.has_value());
  CHECK(propose(usage_of(5, 5, 100), wide).time_s == 60U);
  wide.nodes = 1;
  wide.tasks = 8;
  CHECK_FALSE(propose(usage_of(5, 5, 100), wide).mem_mb.has_value());
}

}  // namespace wfc
