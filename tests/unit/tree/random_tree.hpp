// Random hierarchies for property tests, built without the scan.
#pragma once

#include "runtime/plan/tree.hpp"

#include <random>
#include <string>
#include <utility>
#include <vector>

namespace wfc::test {

// A level that lies under `under` with 0 to `most` children a node; ranges and parents are filled
// in.
inline void add_random_level(wfr::Tree& tree,
                             wfr::LevelId under,
                             const std::string& name,
                             unsigned most,
                             std::mt19937& random) {
  const wfr::LevelId id{static_cast<std::uint16_t>(tree.levels.size())};
  std::vector<std::uint64_t> begin{0};
  std::vector<char> bytes;
  std::vector<wfr::Ordinal> parent;
  std::vector<std::uint32_t> child_begin{0};
  const std::uint32_t parents = tree.level(under).size();
  for (wfr::Ordinal p = 0; p < parents; ++p) {
    const unsigned children = std::uniform_int_distribution<unsigned>(0, most)(random);
    for (unsigned c = 0; c < children; ++c) {
      const std::string text = name + std::to_string(c);
      bytes.insert(bytes.end(), text.begin(), text.end());
      begin.push_back(bytes.size());
      parent.push_back(p);
    }
    child_begin.push_back(static_cast<std::uint32_t>(parent.size()));
  }
  wfr::Level level;
  level.name = name;
  level.under = under;
  level.names.begin = tree.storage.keep(std::move(begin));
  level.names.bytes = tree.storage.keep(std::move(bytes));
  level.parent = tree.storage.keep(std::move(parent));
  tree.levels[wfr::index_of(under)].children.push_back(
      {id, tree.storage.keep(std::move(child_begin))});
  tree.levels.push_back(std::move(level));
}

// The root, then up to five levels, each under one of those before it.
inline wfr::Tree random_tree(std::mt19937& random) {
  wfr::Tree tree;
  tree.levels.resize(1);
  tree.levels[0].names.begin = tree.storage.keep(std::vector<std::uint64_t>{0, 0});
  tree.levels[0].parent = tree.storage.keep(std::vector<wfr::Ordinal>{0});
  const int levels = std::uniform_int_distribution<int>(1, 5)(random);
  for (int i = 1; i <= levels; ++i) {
    const auto under =
        static_cast<std::uint16_t>(std::uniform_int_distribution<int>(0, i - 1)(random));
    add_random_level(tree, wfr::LevelId{under}, "l" + std::to_string(i) + "_", 6, random);
  }
  return tree;
}

}  // namespace wfc::test
