// What has ended when a job starts: the closure of submit.sh's dependencies.
#pragma once

#include "compiler/slurm/verify_jobs.hpp"

#include <cstdint>
#include <vector>

namespace wfc::readback {

// Jobs by position; an array is one job here, its tasks are its elements. Slurm's rules: afterok
// and aftercorr that can no longer be satisfied cancel the later job (--kill-on-invalid-dep) at
// once, while other jobs that it waits for may still run; so what comes afterany behind such a job
// is not ordered after all that the job itself waits for. Cancellations by hand are not considered:
// then wfr's gate holds tasks back.
class Closure {
 public:
  explicit Closure(const Emitted& emitted);
  // No element of `later` starts before every element of `earlier` has ended.
  [[nodiscard]] bool whole(std::size_t later, std::size_t earlier) const {
    return ran_whole_[later].has(earlier);
  }
  // No element of `later` starts before the element of `earlier` of the same index has ended.
  [[nodiscard]] bool corresponding(std::size_t later, std::size_t earlier) const {
    return ran_same_[later].has(earlier);
  }

  // Every element of `earlier` has ended when all of `later` have ended or are cancelled.
  [[nodiscard]] bool ended(std::size_t later, std::size_t earlier) const {
    return ended_whole_[later].has(earlier);
  }

 private:
  class Set {
   public:
    explicit Set(std::size_t size) : words_((size + 63) / 64) {}
    [[nodiscard]] bool has(std::size_t i) const { return ((words_[i / 64] >> (i % 64)) & 1U) != 0; }
    void add(std::size_t i) { words_[i / 64] |= std::uint64_t{1} << (i % 64); }
    void add(const Set& other);
    void keep(const Set& other);
    template <class Use>
    void for_each(const Use& use) const;

   private:
    std::vector<std::uint64_t> words_;
  };
  void add_starts(const Emitted& emitted, std::size_t job);
  void add_either(std::size_t job, std::size_t on);
  void add_ends(const Emitted& emitted, std::size_t job);

  std::size_t size_;
  // For each job, the earlier ones of which something has ended when ...
  std::vector<Set> ran_whole_;      // one of its elements starts: all elements
  std::vector<Set> ran_same_;       // one of its elements starts: that of the same index
  std::vector<Set> element_whole_;  // one of its elements has ended or is cancelled: all elements
  std::vector<Set> element_same_;   // the same: that of the same index
  std::vector<Set> ended_whole_;    // all its elements have ended or are cancelled: all elements
};

// True if every array index of `inner` is one of `outer`.
bool has_indices_of(const Job& outer, const Job& inner);

}  // namespace wfc::readback
