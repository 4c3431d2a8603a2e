// One set operation for each dependency and each way in which a job can end.
#include "compiler/slurm/order.hpp"

#include "compiler/slurm/index_list.hpp"

#include <bit>
#include <utility>

namespace wfc {

using wfr::Dep;
using wfr::Dependency;
using wfr::JobArray;

namespace {

// Every index of `inner`, as Slurm counts them, is one of `outer`: a table has positions from 0.
bool has_indices(const JobArray& outer, const JobArray& inner) {
  if (uses_table(outer) != uses_table(inner)) return false;
  if (uses_table(outer)) return inner.size() <= outer.size();
  return is_subset(inner.indices, outer.indices);
}

}  // namespace

void ArraySet::add(const ArraySet& other) {
  for (std::size_t w = 0; w < words_.size(); ++w) words_[w] |= other.words_[w];
}

void ArraySet::keep(const ArraySet& other) {
  for (std::size_t w = 0; w < words_.size(); ++w) words_[w] &= other.words_[w];
}

template <class Use>
void ArraySet::for_each(const Use& use) const {
  for (std::size_t w = 0; w < words_.size(); ++w) {
    for (std::uint64_t word = words_[w]; word != 0; word &= word - 1) {
      use(w * 64 + static_cast<std::size_t>(std::countr_zero(word)));
    }
  }
}

Ended Order::before(const std::vector<JobArray>& arrays,
                    const JobArray& later,
                    Dependency wait) const {
  const std::size_t on = wfr::index_of(wait.on);
  const Known& known = known_[on];
  Ended ended{ArraySet(arrays_), ArraySet(arrays_)};
  switch (wait.kind) {
    case Dep::AfterCorr:
      ended.same.add(on);
      ended.same.add(known.starts.same);
      ended.whole.add(known.starts.whole);
      break;
    case Dep::AfterOk:
      // Every element has run.
      ended.whole.add(on);
      ended.whole.add(known.starts.whole);
      known.starts.same.for_each([&](std::size_t before) {
        if (has_indices(arrays[on], arrays[before])) ended.whole.add(before);
      });
      break;
    case Dep::AfterAny:
      ended.whole.add(on);
      ended.whole.add(known.all);
      break;
    case Dep::AfterCorrOrAny: {
      // Its own element has run, or all have ended: what both say.
      ended.whole.add(known.starts.whole);
      ended.whole.keep(known.all);
      ended.same.add(known.starts.same);
      if (has_indices(arrays[on], later)) {
        ended.same.keep(known.ends.same);
      } else {
        ended.same.keep(known.all);
      }
      ended.same.add(on);
      break;
    }
  }
  ended.same.add(ended.whole);
  return ended;
}

// When a dependency that can no longer be satisfied cancels an element.
Ended Order::cancelled(Dependency wait) const {
  const std::size_t on = wfr::index_of(wait.on);
  Ended ended{ArraySet(arrays_), ArraySet(arrays_)};
  if (wait.kind == Dep::AfterCorr) {
    ended.same.add(on);
    ended.same.add(known_[on].ends.same);
    ended.whole.add(known_[on].ends.whole);
  } else {
    // Slurm decides about a whole array when all of it has ended.
    ended.whole.add(on);
    ended.whole.add(known_[on].all);
  }
  ended.same.add(ended.whole);
  return ended;
}

void Order::add(const std::vector<JobArray>& arrays) {
  const JobArray& array = arrays[known_.size()];
  const ArraySet none(arrays_);
  Known known{{none, none}, {none, none}, none};
  for (const Dependency& wait : array.after) {
    const Ended ended = before(arrays, array, wait);
    known.starts.whole.add(ended.whole);
    known.starts.same.add(ended.same);
  }
  known.ends = known.starts;
  for (const Dependency& wait : array.after) {
    if (wait.kind == Dep::AfterAny || wait.kind == Dep::AfterCorrOrAny) continue;
    const Ended ended = cancelled(wait);
    known.ends.whole.keep(ended.whole);
    known.ends.same.keep(ended.same);
  }
  known.all = known.ends.whole;
  known.ends.same.for_each([&](std::size_t before) {
    if (has_indices(array, arrays[before])) known.all.add(before);
  });
  known_.push_back(std::move(known));
}

}  // namespace wfc
