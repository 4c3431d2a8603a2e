// Directories of one plan found in another, by their names.
#include "runtime/run/carry_tree.hpp"

#include "tests/unit/carry/day_trees.hpp"

#include <string_view>

#include <catch2/catch.hpp>

namespace wfr::test {

TEST_CASE("trees are merged by the names on the way down", "[carry]") {
  const Tree from = tree_of({{"a", {"1", "2"}}, {"b", {"1", "2", "4"}}, {"d", {"1"}}});
  Tree to = tree_of({{"b", {"0", "2", "3", "4"}}, {"c", {"1"}}, {"d", {"1"}}});
  // Directories count, not what the workflow calls their level.
  to.levels[1].name = "night";
  TreeMatch match(from, to);
  CHECK(match.nodes(LevelId{1}, LevelId{1}) == std::vector<Ordinal>{kNone, 0, 2});
  CHECK(match.nodes(LevelId{2}, LevelId{2}) == std::vector<Ordinal>{kNone, kNone, kNone, 1, 3, 5});
  CHECK(match.nodes(LevelId{2}, LevelId{1}).empty());
  CHECK(match.nodes(kRootLevel, kRootLevel) == std::vector<Ordinal>{0});
}

TEST_CASE("names that a list gives in another order are found too", "[carry]") {
  const Tree from = tree_of({{"c", {"2", "1"}}, {"a", {"1"}}});
  const Tree to = tree_of({{"a", {"1"}}, {"b", {}}, {"c", {"1", "2"}}});
  TreeMatch match(from, to);
  CHECK(match.nodes(LevelId{1}, LevelId{1}) == std::vector<Ordinal>{2, 0});
  CHECK(match.nodes(LevelId{2}, LevelId{2}) == std::vector<Ordinal>{2, 1, 0});
  PathFinder finder(from, LevelId{2});
  CHECK(finder.find(node_path(to, LevelId{2}, 0)) == 2);
  CHECK(finder.find(node_path(to, LevelId{2}, 1)) == 1);
  CHECK(finder.find(node_path(to, LevelId{2}, 2)) == 0);
}

TEST_CASE("paths are found in any order, and only whole ones", "[carry]") {
  const Tree tree = tree_of({{"a", {"1", "2"}}, {"b", {"1", "2", "4"}}});
  for (const std::vector<Ordinal>& order :
       {std::vector<Ordinal>{0, 1, 2, 3, 4}, std::vector<Ordinal>{4, 2, 3, 0, 1, 1, 0}}) {
    PathFinder finder(tree, LevelId{2});
    for (const Ordinal node : order) CHECK(finder.find(node_path(tree, LevelId{2}, node)) == node);
  }
  PathFinder finder(tree, LevelId{2});
  using namespace std::string_view_literals;
  for (const std::string_view none :
       {"b"sv, "b\0003"sv, "b\0009"sv, "b\0001\0001"sv, "c\0001"sv, ""sv}) {
    CHECK(finder.find(none) == kNone);
  }
  CHECK(PathFinder(tree, kRootLevel).find("") == 0);
}

}  // namespace wfr::test
