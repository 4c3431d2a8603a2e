// What has ended when an element of a job array starts: the closure of the dependencies.
#pragma once

#include "runtime/plan/plan.hpp"

#include <cstdint>
#include <vector>

namespace wfc {

// A set of job arrays, by position.
class ArraySet {
 public:
  explicit ArraySet(std::size_t arrays = 0) : words_((arrays + 63) / 64) {}
  [[nodiscard]] bool has(std::size_t array) const {
    return ((words_[array / 64] >> (array % 64)) & 1U) != 0;
  }
  void add(std::size_t array) { words_[array / 64] |= std::uint64_t{1} << (array % 64); }
  void add(const ArraySet& other);
  void keep(const ArraySet& other);
  template <class Use>
  void for_each(const Use& use) const;

 private:
  std::vector<std::uint64_t> words_;
};

// Earlier arrays of which something has surely ended, or been cancelled.
struct Ended {
  ArraySet whole;  // every element
  ArraySet same;   // at least the element of the same index
};

// Follows Slurm: an array with a success dependency that can no longer be satisfied is cancelled at
// once (--kill-on-invalid-dep), while others that it waits for may still run. So an end says only
// what is true of every way to it. Arrays are added in their order, each with its dependencies
// final; one costs O(dependencies x arrays / 64).
class Order {
 public:
  explicit Order(std::size_t arrays) : arrays_(arrays) {}
  void add(const std::vector<wfr::JobArray>& arrays);
  // What has ended when an element of `later` starts that waits in this way for an array added
  // before.
  [[nodiscard]] Ended before(const std::vector<wfr::JobArray>& arrays,
                             const wfr::JobArray& later,
                             wfr::Dependency wait) const;

 private:
  struct Known {
    Ended starts;  // when an element starts
    Ended ends;    // when an element has ended or was cancelled
    ArraySet all;  // when all have: every element of these
  };
  [[nodiscard]] Ended cancelled(wfr::Dependency wait) const;

  std::size_t arrays_;
  std::vector<Known> known_;
};

}  // namespace wfc
