// The arrays of a tree, as a plan has them.
#include "tests/unit/carry/day_trees.hpp"

namespace wfr::test {
namespace {

Names names_of(const std::vector<std::string>& values, Storage& storage) {
  std::vector<std::uint64_t> begin{0};
  std::vector<char> bytes;
  for (const std::string& value : values) {
    bytes.insert(bytes.end(), value.begin(), value.end());
    begin.push_back(bytes.size());
  }
  return {storage.keep(std::move(begin)), storage.keep(std::move(bytes))};
}

}  // namespace

Tree tree_of(const std::vector<std::pair<std::string, std::vector<std::string>>>& days) {
  Tree tree;
  std::vector<std::string> day_names;
  std::vector<std::string> channel_names;
  std::vector<Ordinal> channel_parent;
  std::vector<std::uint32_t> channel_begin{0};
  for (const auto& [day, channels] : days) {
    for (const std::string& channel : channels) {
      channel_names.push_back(channel);
      channel_parent.push_back(static_cast<Ordinal>(day_names.size()));
    }
    day_names.push_back(day);
    channel_begin.push_back(static_cast<std::uint32_t>(channel_names.size()));
  }
  const auto count = static_cast<std::uint32_t>(day_names.size());
  tree.levels.resize(3);
  tree.levels[0].names = names_of({""}, tree.storage);
  tree.levels[0].children = {{LevelId{1}, tree.storage.keep(std::vector<std::uint32_t>{0, count})}};
  tree.levels[1].name = "day";
  tree.levels[1].names = names_of(day_names, tree.storage);
  tree.levels[1].parent = tree.storage.keep(std::vector<Ordinal>(count, 0));
  tree.levels[1].children = {{LevelId{2}, tree.storage.keep(std::move(channel_begin))}};
  tree.levels[2].name = "channel";
  tree.levels[2].under = LevelId{1};
  tree.levels[2].names = names_of(channel_names, tree.storage);
  tree.levels[2].parent = tree.storage.keep(std::move(channel_parent));
  return tree;
}

}  // namespace wfr::test
