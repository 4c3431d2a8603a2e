// One pass over the jobs in the order of their calls, with a bit for each pair of jobs.
#include "compiler/slurm/verify_closure.hpp"

#include <bit>

namespace wfc::readback {

void Closure::Set::add(const Set& other) {
  for (std::size_t w = 0; w < words_.size(); ++w) words_[w] |= other.words_[w];
}

void Closure::Set::keep(const Set& other) {
  for (std::size_t w = 0; w < words_.size(); ++w) words_[w] &= other.words_[w];
}

template <class Use>
void Closure::Set::for_each(const Use& use) const {
  for (std::size_t w = 0; w < words_.size(); ++w) {
    for (std::uint64_t word = words_[w]; word != 0; word &= word - 1) {
      use(w * 64 + static_cast<std::size_t>(std::countr_zero(word)));
    }
  }
}

Closure::Closure(const Emitted& emitted)
    : size_(emitted.jobs.size()),
      ran_whole_(size_, Set(size_)),
      ran_same_(size_, Set(size_)),
      element_whole_(size_, Set(size_)),
      element_same_(size_, Set(size_)),
      ended_whole_(size_, Set(size_)) {
  for (std::size_t job = 0; job < size_; ++job) {
    add_starts(emitted, job);
    add_ends(emitted, job);
  }
}

void Closure::add_starts(const Emitted& emitted, std::size_t job) {
  for (const Wait& wait : emitted.jobs[job].call->waits) {
    const std::size_t on = wait.on;
    switch (wait.kind) {
      case WaitKind::AfterAny:
      case WaitKind::AfterNotOk:
        ran_whole_[job].add(on);
        ran_whole_[job].add(ended_whole_[on]);
        break;
      case WaitKind::AfterOk:
        // All its elements have run.
        ran_whole_[job].add(on);
        ran_whole_[job].add(ran_whole_[on]);
        ran_same_[on].for_each([&](std::size_t before) {
          if (has_indices_of(emitted.jobs[on], emitted.jobs[before])) ran_whole_[job].add(before);
        });
        break;
      case WaitKind::AfterCorr:
        ran_same_[job].add(on);
        ran_same_[job].add(ran_same_[on]);
        ran_whole_[job].add(ran_whole_[on]);
        break;
      case WaitKind::AfterCorrOrAny:
        add_either(job, on);
        break;
    }
  }
}

// The element of the same index has run, or all elements have ended: what holds in both cases.
void Closure::add_either(std::size_t job, std::size_t on) {
  Set whole = ended_whole_[on];
  Set same = element_same_[on];
  same.add(ended_whole_[on]);
  whole.keep(ran_whole_[on]);
  Set ran = ran_same_[on];
  ran.add(ran_whole_[on]);
  same.keep(ran);
  same.add(on);
  ran_whole_[job].add(whole);
  ran_same_[job].add(same);
}

void Closure::add_ends(const Emitted& emitted, std::size_t job) {
  // An element either ran, or was cancelled when one of its success dependencies had failed: only
  // what has ended in every case counts.
  Set whole = ran_whole_[job];
  Set same = ran_whole_[job];
  same.add(ran_same_[job]);
  for (const Wait& wait : emitted.jobs[job].call->waits) {
    if (wait.kind == WaitKind::AfterAny || wait.kind == WaitKind::AfterCorrOrAny) continue;
    const std::size_t on = wait.on;
    Set cancelled_whole(size_);
    Set cancelled_same(size_);
    if (wait.kind == WaitKind::AfterCorr) {
      cancelled_whole.add(element_whole_[on]);
      cancelled_same.add(on);
      cancelled_same.add(element_same_[on]);
    } else {
      // Slurm decides when the whole array has ended.
      cancelled_whole.add(on);
      cancelled_whole.add(ended_whole_[on]);
    }
    cancelled_same.add(cancelled_whole);
    whole.keep(cancelled_whole);
    same.keep(cancelled_same);
  }
  element_whole_[job] = whole;
  element_same_[job] = same;
  same.for_each([&](std::size_t before) {
    if (has_indices_of(emitted.jobs[job], emitted.jobs[before])) whole.add(before);
  });
  ended_whole_[job] = whole;
}

bool has_indices_of(const Job& outer, const Job& inner) {
  std::size_t at = 0;
  std::uint32_t from = 0;  // of the inner run, what is not found yet
  for (const Run& run : inner.runs) {
    from = run.index;
    const std::uint32_t end = run.index + run.count;
    while (from < end) {
      while (at < outer.runs.size() && outer.runs[at].index + outer.runs[at].count <= from) ++at;
      if (at == outer.runs.size() || outer.runs[at].index > from) return false;
      from = outer.runs[at].index + outer.runs[at].count;
    }
  }
  return true;
}

}  // namespace wfc::readback
