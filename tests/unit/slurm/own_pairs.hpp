// A step whose tasks wait for each other through pairs, and what becomes of it.
#pragma once

#include "tests/unit/slurm/fixture.hpp"
#include "tests/unit/slurm/slurm_model.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

namespace wfc::test {

using PairList = std::vector<std::pair<wfr::TaskIndex, wfr::TaskIndex>>;  // waited for, waiting

inline PairList random_pairs(std::uint32_t count, bool acyclic, Chance& chance) {
  std::vector<wfr::TaskIndex> order(count);
  for (std::uint32_t i = 0; i < count; ++i) order[i] = i;
  std::shuffle(order.begin(), order.end(), chance.engine);
  std::set<std::pair<wfr::TaskIndex, wfr::TaskIndex>> pairs;
  const std::uint32_t wanted = chance.below(2 * count + 1);
  for (std::uint32_t i = 0; i < wanted; ++i) {
    std::uint32_t a = chance.below(count);
    std::uint32_t b = chance.below(count);
    if (acyclic && a == b) continue;
    if (acyclic && a > b) std::swap(a, b);
    pairs.emplace(order[a], order[b]);
  }
  PairList list(pairs.begin(), pairs.end());
  std::shuffle(list.begin(), list.end(), chance.engine);
  return list;
}

struct Own {
  Own(std::uint32_t sessions, std::uint32_t channels, const PairList& pairs)
      : example(sessions, channels), step(example.step("own", kChannel)) {
    if (!pairs.empty()) example.pairs(step, step, pairs);
  }
  Example example;
  StepId step;
};

inline PairList chain(std::uint32_t tasks) {
  PairList pairs;
  for (std::uint32_t t = 1; t < tasks; ++t) pairs.emplace_back(t - 1, t);
  return pairs;
}

inline std::string lowered(Own& own) {
  Sink sink;
  own.example.notes.clear();
  JobGraph jobs = partition(own.example.workflow, own.example.graph, sink);
  own.example.notes = jobs.notes;
  const wfr::Plan plan = own.example.lower(std::move(jobs), sink);
  for (const Diagnostic& diagnostic : sink.all()) UNSCOPED_INFO(diagnostic.message);
  CHECK_FALSE(sink.has_errors());
  return describe(plan);
}

inline bool noted(const Own& own, const std::string& text) {
  return std::any_of(own.example.notes.begin(), own.example.notes.end(), [&](const PassNote& note) {
    return note.pass == "depths" && note.text.find(text) != std::string::npos;
  });
}

}  // namespace wfc::test
