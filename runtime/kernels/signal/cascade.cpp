// The inner loop of every filter: up to four sections in registers, four lanes in a vector.
#include "runtime/kernels/signal/cascade.hpp"

#include <algorithm>
#include <array>

#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

#include "runtime/kernels/signal/multiversion.hpp"

namespace wfr::signal {
namespace {

// More sections at once would not fit the registers; fewer would leave the adders idle.
constexpr std::size_t kGroup = 4;

// Transposed direct form II with the numerator 1 - z^-2.
template <std::size_t kSections>
[[gnu::always_inline]] inline void run_group(const Section* sections,
                                             Delays* delays,
                                             Frame* frames,
                                             std::size_t count) {
  std::array<Vector, kSections> a1;
  std::array<Vector, kSections> a2;
  std::array<Vector, kSections> first;
  std::array<Vector, kSections> second;
  for (std::size_t s = 0; s < kSections; ++s) {
    a1[s] = Vector{} + sections[s].a1;
    a2[s] = Vector{} + sections[s].a2;
    load(first[s], delays[s].first.data());
    load(second[s], delays[s].second.data());
  }
  for (std::size_t i = 0; i < count; ++i) {
    Vector value;
    load(value, frames[i].data());
    for (std::size_t s = 0; s < kSections; ++s) {
      const Vector out = value + first[s];
      first[s] = second[s] - a1[s] * out;
      second[s] = -value - a2[s] * out;
      value = out;
    }
    store(frames[i].data(), value);
  }
  for (std::size_t s = 0; s < kSections; ++s) {
    store(delays[s].first.data(), first[s]);
    store(delays[s].second.data(), second[s]);
  }
}

WFR_MULTIVERSION
void run_sections(const Section* sections,
                  std::size_t section_count,
                  Delays* delays,
                  Frame* frames,
                  std::size_t count) {
  std::size_t s = 0;
  for (; s + kGroup <= section_count; s += kGroup) {
    run_group<kGroup>(sections + s, delays + s, frames, count);
  }
  switch (section_count - s) {
    case 3:
      run_group<3>(sections + s, delays + s, frames, count);
      break;
    case 2:
      run_group<2>(sections + s, delays + s, frames, count);
      break;
    case 1:
      run_group<1>(sections + s, delays + s, frames, count);
      break;
    default:
      break;
  }
}

}  // namespace

void Cascade::clear() {
  std::fill(delays_.begin(), delays_.end(), Delays{});
}

void Cascade::settle(std::size_t lane, double value) {
  for (Delays& delays : delays_) {
    delays.first[lane] = 0;
    delays.second[lane] = 0;
  }
  // A constant input leaves the first section as zero, so only that section holds anything:
  // out = value + first = 0, and second = -value keeps it so.
  delays_.front().first[lane] = -value;
  delays_.front().second[lane] = -value;
}

void Cascade::copy_lane(std::size_t to, const Cascade& other, std::size_t from) {
  for (std::size_t s = 0; s < delays_.size(); ++s) {
    delays_[s].first[to] = other.delays_[s].first[from];
    delays_[s].second[to] = other.delays_[s].second[from];
  }
}

void Cascade::run(std::span<Frame> frames) {
  run_sections(filter_->sections.data(),
               filter_->sections.size(),
               delays_.data(),
               frames.data(),
               frames.size());
}

#if defined(__SSE2__)
FlushDenormals::FlushDenormals() : saved_(_mm_getcsr()) {
  constexpr unsigned kFlushToZero = 0x8000;
  constexpr unsigned kDenormalsAreZero = 0x0040;
  _mm_setcsr(saved_ | kFlushToZero | kDenormalsAreZero);
}
FlushDenormals::~FlushDenormals() {
  _mm_setcsr(saved_);
}
#else
FlushDenormals::FlushDenormals() = default;
FlushDenormals::~FlushDenormals() = default;
#endif

}  // namespace wfr::signal
