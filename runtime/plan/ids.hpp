// Identifiers of the plan: dense numbers, never strings.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

namespace wfr {

enum class LevelId : std::uint16_t {};   // index into Tree::levels; 0 is the root
enum class StepId : std::uint32_t {};    // index into Plan::steps: the order in the workflow file
enum class FamilyId : std::uint32_t {};  // index into Plan::families
enum class ArrayId : std::uint32_t {};   // index into Plan::arrays

using Ordinal = std::uint32_t;    // a node within its level, bytewise sorted within the parent
using TaskIndex = std::uint32_t;  // a task within its step: the rank of its ordinal

inline constexpr LevelId kRootLevel{0};
inline constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

template <class Id>
constexpr std::size_t index_of(Id id) {
  return static_cast<std::size_t>(id);
}

// Half-open.
struct Range {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  [[nodiscard]] constexpr std::uint32_t size() const { return end - begin; }
  [[nodiscard]] constexpr bool empty() const { return begin >= end; }
  [[nodiscard]] constexpr bool contains(std::uint32_t value) const {
    return begin <= value && value < end;
  }
  friend constexpr bool operator==(Range, Range) = default;
};

struct Task {
  StepId step{};
  TaskIndex index = 0;
  friend constexpr bool operator==(Task, Task) = default;
};

}  // namespace wfr
