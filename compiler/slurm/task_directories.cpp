// Array indices -> blocks -> names of directories.
#include "compiler/slurm/task_directories.hpp"

#include "compiler/slurm/index_list.hpp"
#include "runtime/plan/visible.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace wfc {
namespace {

constexpr std::uint64_t kMostLines = 10'000;
constexpr std::uint64_t kMostLinesOfAll = 100'000;
constexpr std::uint32_t kMostNames = 3;

// The next of 1, 2, 5, 10, 20, ...
std::uint64_t round_up(std::uint64_t number) {
  for (std::uint64_t ten = 1;; ten *= 10) {
    for (const std::uint64_t digit : {1U, 2U, 5U}) {
      if (digit * ten >= number) return digit * ten;
    }
  }
}

std::uint64_t tasks_a_line(const wfr::JobArray& array, std::uint64_t elements) {
  const auto shared = [](std::uint64_t tasks, std::uint64_t lines) {
    return (tasks + lines - 1) / lines;
  };
  return round_up(std::max(shared(array.size(), kMostLines), shared(elements, kMostLinesOfAll)));
}

class Directories {
 public:
  Directories(const wfr::Plan& plan, const wfr::JobArray& array)
      : tree_(plan.graph.tree),
        map_(plan.maps[plan.families[wfr::index_of(array.family)].block_map]) {}

  // Of the blocks [first, last]: all names where there are few, else the first and the last.
  [[nodiscard]] std::string of(std::uint32_t first, std::uint32_t last) const {
    if (first != last) return name(begin_of(first)) + " .. " + name(begin_of(last + 1) - 1);
    const std::uint32_t begin = begin_of(first);
    const std::uint32_t count = begin_of(first + 1) - begin;
    if (count > kMostNames) {
      return fmt::format("{} .. {} ({} directories)", name(begin), name(begin + count - 1), count);
    }
    std::string text;
    for (std::uint32_t i = begin; i < begin + count; ++i) {
      text += (text.empty() ? "" : ", ") + name(i);
    }
    return text;
  }

 private:
  // The place of a block's first directory among those of all blocks.
  [[nodiscard]] std::uint32_t begin_of(std::uint32_t block) const {
    return map_.begin.empty() ? block : map_.begin[block];
  }
  [[nodiscard]] std::string name(std::uint32_t place) const {
    const std::uint32_t rank = map_.order.empty() ? place : map_.order[place];
    return wfr::visible(tree_.directory(map_.level, map_.nodes.node_at(rank)));
  }

  const wfr::Tree& tree_;
  const wfr::BlockMap& map_;
};

}  // namespace

bool has_task_directories(const wfr::JobArray& array) {
  return !array.plain && !array.repeats();
}

std::string task_directories(const wfr::Plan& plan,
                             const wfr::JobArray& array,
                             std::uint64_t elements) {
  std::string text = fmt::format(
      "# The array tasks of jobs/{}.sbatch, plan {}: index, directory. For people: no program "
      "reads it.\n",
      array.name,
      plan.hash);
  const Directories directories(plan, array);
  const std::uint64_t a_line = tasks_a_line(array, elements);
  const bool dense = uses_table(array);
  std::uint32_t position = 0;
  std::uint32_t first_index = 0;
  std::uint32_t first_block = 0;
  const std::uint32_t size = array.size();
  for (const wfr::Range& range : array.indices) {
    for (std::uint32_t i = range.begin; i < range.end; ++i, ++position) {
      const std::uint32_t index = dense ? position : i;
      const std::uint32_t block = array.first_block + i;
      if (position % a_line == 0) {
        first_index = index;
        first_block = block;
      }
      if ((position + 1) % a_line != 0 && position + 1 != size) continue;
      text +=
          first_index == index ? std::to_string(index) : fmt::format("{}-{}", first_index, index);
      text += "\t" + directories.of(first_block, block) + "\n";
    }
  }
  return text;
}

}  // namespace wfc
