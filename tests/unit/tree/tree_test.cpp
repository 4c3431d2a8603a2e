// Ways through the tree, against walking it node by node.
#include "runtime/plan/tree.hpp"

#include "tests/unit/tree/random_tree.hpp"

#include <random>
#include <stdexcept>

#include <catch2/catch.hpp>

namespace {

using wfr::LevelId;
using wfr::Ordinal;
using wfr::Range;

LevelId level_id(std::size_t i) {
  return LevelId{static_cast<std::uint16_t>(i)};
}

// Whether `node` of level `from` lies in or is `above` of level `to`, by its parents one by one.
bool lies_below(const wfr::Tree& tree, LevelId from, Ordinal node, LevelId to, Ordinal above) {
  while (from != to) {
    if (from == wfr::kRootLevel) return false;
    node = tree.level(from).parent[node];
    from = tree.level(from).under;
  }
  return node == above;
}

void check_descendants(const wfr::Tree& tree, LevelId from, LevelId to) {
  const std::uint32_t nodes = tree.level(from).size();
  for (Ordinal node = 0; node < nodes; ++node) {
    const Range range = tree.descendants(from, {node, node + 1}, to);
    for (Ordinal below = 0; below < tree.level(to).size(); ++below) {
      CHECK(range.contains(below) == lies_below(tree, to, below, from, node));
      if (range.contains(below)) CHECK(tree.ancestor(to, below, from) == node);
    }
  }
  const Range whole = tree.descendants(from, {0, nodes}, to);
  CHECK(whole == Range{0, tree.level(to).size()});
  CHECK(tree.descendants(from, {nodes, nodes}, to).empty());
}

}  // namespace

TEST_CASE("descendants are one range and ancestors its inverse") {
  std::mt19937 random(20181105);
  for (int round = 0; round < 60; ++round) {
    const wfr::Tree tree = wfc::test::random_tree(random);
    for (std::size_t a = 0; a < tree.levels.size(); ++a) {
      for (std::size_t b = 0; b < tree.levels.size(); ++b) {
        if (tree.is_at_or_above(level_id(a), level_id(b))) {
          check_descendants(tree, level_id(a), level_id(b));
        } else {
          CHECK_THROWS_AS(tree.descendants(level_id(a), {0, 0}, level_id(b)), std::out_of_range);
        }
      }
    }
  }
}

TEST_CASE("the lowest common level is above both and no deeper one is") {
  std::mt19937 random(7);
  for (int round = 0; round < 60; ++round) {
    const wfr::Tree tree = wfc::test::random_tree(random);
    for (std::size_t a = 0; a < tree.levels.size(); ++a) {
      for (std::size_t b = 0; b < tree.levels.size(); ++b) {
        const LevelId common = tree.lowest_common(level_id(a), level_id(b));
        CHECK(common == tree.lowest_common(level_id(b), level_id(a)));
        for (std::size_t c = 0; c < tree.levels.size(); ++c) {
          const bool holds_both = tree.is_at_or_above(level_id(c), level_id(a)) &&
                                  tree.is_at_or_above(level_id(c), level_id(b));
          CHECK(holds_both == tree.is_at_or_above(level_id(c), common));
        }
      }
    }
  }
}

TEST_CASE("a directory is the names from the root down") {
  std::mt19937 random(1);
  wfr::Tree tree = wfc::test::random_tree(random);
  tree.levels.resize(1);
  tree.levels[0].children.clear();
  while (tree.level(wfr::kRootLevel).children.empty()) {
    wfc::test::add_random_level(tree, wfr::kRootLevel, "session", 6, random);
  }
  const Ordinal last = tree.level(LevelId{1}).size() - 1;
  wfc::test::add_random_level(tree, LevelId{1}, "array", 6, random);
  CHECK(tree.directory(wfr::kRootLevel, 0) == ".");
  CHECK(tree.directory(LevelId{1}, last) == "session" + std::to_string(last));
  const Range arrays = tree.descendants(LevelId{1}, {0, last + 1}, LevelId{2});
  REQUIRE_FALSE(arrays.empty());
  const Ordinal session = tree.ancestor(LevelId{2}, arrays.begin, LevelId{1});
  CHECK(tree.directory(LevelId{2}, arrays.begin) ==
        "session" + std::to_string(session) + "/array0");
  CHECK(tree.depth(LevelId{2}) == 2);
  CHECK(tree.find("array") == LevelId{2});
  CHECK(tree.find("") == wfr::kRootLevel);
  CHECK_THROWS_AS(tree.find("channel"), std::out_of_range);
}
