// Some tasks of one step: a range, as a level relates them, or the list that a file of pairs gives.
#pragma once

#include "runtime/plan/ids.hpp"

#include <algorithm>
#include <cstdint>
#include <span>

namespace wfr {

// A view: a list is read where the graph keeps it. Nothing is allocated, and a range costs what it
// would by itself.
class TaskList {
 public:
  // NOLINTNEXTLINE(google-explicit-constructor): a range of tasks is a list of them.
  constexpr TaskList(Range range)
      : first_(range.begin), size_(range.empty() ? 0 : range.size()), listed_(nullptr) {}
  explicit constexpr TaskList(std::span<const TaskIndex> tasks)
      : first_(tasks.empty() ? 0 : tasks.front()),
        size_(static_cast<std::uint32_t>(tasks.size())),
        listed_(tasks.data()) {}

  [[nodiscard]] constexpr std::uint32_t size() const { return size_; }
  [[nodiscard]] constexpr bool empty() const { return size_ == 0; }
  // True when the tasks are those of bounds(), in ascending order, without a look at each.
  [[nodiscard]] constexpr bool is_range() const { return listed_ == nullptr; }
  constexpr TaskIndex operator[](std::uint32_t i) const {
    return listed_ == nullptr ? first_ + i : listed_[i];
  }
  // The smallest range that holds them all. O(1) for a range, else O(size).
  [[nodiscard]] constexpr Range bounds() const {
    if (is_range()) return {first_, first_ + size_};
    if (empty()) return {};
    const auto [low, high] = std::minmax_element(listed_, listed_ + size_);
    return {*low, *high + 1};
  }
  // O(1) for a range, else O(size): a list is in the order of its file.
  [[nodiscard]] constexpr bool contains(TaskIndex task) const {
    if (is_range()) return first_ <= task && task - first_ < size_;
    return std::find(listed_, listed_ + size_, task) != listed_ + size_;
  }
  // The tasks from position `i` on that follow each other: [result.begin, result.end) are at
  // positions i, i + 1, ... What reads files by index reads each such run at once.
  [[nodiscard]] constexpr Range run_at(std::uint32_t i) const {
    if (is_range()) return {first_ + i, first_ + size_};
    Range run{listed_[i], listed_[i] + 1};
    while (++i < size_ && listed_[i] == run.end) ++run.end;
    return run;
  }

  class Iterator {
   public:
    using value_type = TaskIndex;
    using difference_type = std::int64_t;
    constexpr Iterator() = default;
    constexpr Iterator(const TaskIndex* listed, TaskIndex at) : listed_(listed), at_(at) {}
    constexpr TaskIndex operator*() const { return listed_ == nullptr ? at_ : listed_[at_]; }
    constexpr Iterator& operator++() {
      ++at_;
      return *this;
    }
    constexpr Iterator operator++(int) {
      const Iterator before = *this;
      ++at_;
      return before;
    }
    friend constexpr bool operator==(Iterator a, Iterator b) { return a.at_ == b.at_; }

   private:
    const TaskIndex* listed_ = nullptr;
    TaskIndex at_ = 0;  // the task itself in a range, its position in a list
  };
  [[nodiscard]] constexpr Iterator begin() const {
    return {listed_, listed_ == nullptr ? first_ : 0};
  }
  [[nodiscard]] constexpr Iterator end() const {
    return {listed_, listed_ == nullptr ? first_ + size_ : size_};
  }

  // The same tasks in the same order.
  friend constexpr bool operator==(const TaskList& a, const TaskList& b) {
    if (a.size_ != b.size_) return false;
    if (a.empty() || (a.is_range() && b.is_range())) return a.empty() || a.first_ == b.first_;
    return std::equal(a.begin(), a.end(), b.begin());
  }

 private:
  TaskIndex first_;
  std::uint32_t size_;
  const TaskIndex* listed_;  // nullptr: a range
};

}  // namespace wfr
