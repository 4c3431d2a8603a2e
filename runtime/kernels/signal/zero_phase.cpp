// Tiles: forward pass, backward pass with a run-up, and the two ends.
#include "runtime/kernels/signal/zero_phase.hpp"

#include "runtime/kernels/signal/lanes.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace wfr::signal {
namespace {

constexpr std::size_t kLeastLane = 16384;  // long against the run-up of an ordinary filter
constexpr std::size_t kBatch = 256;        // frames at a time: 8 KiB, in the first cache

// A run-up may not reach beyond the neighbouring lane.
std::size_t lane_for(const BandPass& filter) {
  return std::max(kLeastLane, filter.memory);
}

// Leaves the cascade as it is after these samples of each lane.
void run_up(Cascade& cascade, const Lanes<const double>& lanes, std::size_t count) {
  std::array<Frame, kBatch> frames;
  for (std::size_t done = 0; done < count; done += kBatch) {
    const std::span<Frame> batch(frames.data(), std::min(kBatch, count - done));
    gather(lanes, done, batch);
    cascade.run(batch);
  }
}

// Filters in place.
void run_lanes(Cascade& cascade, const Lanes<double>& lanes, std::size_t count, double gain) {
  const Lanes<const double> source{{lanes.begin[0], lanes.begin[1], lanes.begin[2], lanes.begin[3]},
                                   lanes.step};
  std::array<Frame, kBatch> frames;
  for (std::size_t done = 0; done < count; done += kBatch) {
    const std::span<Frame> batch(frames.data(), std::min(kBatch, count - done));
    gather(source, done, batch);
    cascade.run(batch);
    scatter(batch, gain, lanes, done);
  }
}

// One signal in lane 0, in place, from `first` on in steps of `step`.
void run_single(
    Cascade& cascade, double* first, std::ptrdiff_t step, std::size_t count, double gain) {
  std::array<Frame, kBatch> frames{};
  for (std::size_t done = 0; done < count; done += kBatch) {
    const std::size_t batch = std::min(kBatch, count - done);
    double* at = first + static_cast<std::ptrdiff_t>(done) * step;
    for (std::size_t i = 0; i < batch; ++i) {
      frames[i] = {at[static_cast<std::ptrdiff_t>(i) * step]};
    }
    cascade.run({frames.data(), batch});
    for (std::size_t i = 0; i < batch; ++i) {
      at[static_cast<std::ptrdiff_t>(i) * step] = frames[i][0] * gain;
    }
  }
}

// A whole tile backward, in place. `after`: the `memory` samples that follow the tile.
void run_backward(const BandPass& filter,
                  std::span<double> tile,
                  const std::vector<double>& after) {
  const std::size_t lane = tile.size() / kLanes;
  const std::size_t memory = filter.memory;
  Cascade cascade(filter);
  Lanes<const double> before{{}, -1};
  Lanes<double> lanes{{}, -1};
  for (std::size_t k = 0; k < kLanes; ++k) {
    const double* next = k + 1 < kLanes ? tile.data() + (k + 1) * lane : after.data();
    before.begin[k] = next + memory - 1;
    lanes.begin[k] = tile.data() + (k + 1) * lane - 1;
  }
  run_up(cascade, before, memory);
  run_lanes(cascade, lanes, lane, filter.gain);
}

}  // namespace

ZeroPhase::ZeroPhase(const BandPass& filter, std::size_t padding, std::uint64_t most)
    : filter_(&filter),
      padding_(padding),
      tile_(kLanes * lane_for(filter)),
      left_(most + 2 * padding),
      forward_(filter) {}

std::uint64_t ZeroPhase::bytes(const BandPass& filter, std::size_t padding, std::uint64_t most) {
  const std::uint64_t tiles = 2 * kLanes * lane_for(filter);
  return std::min<std::uint64_t>(tiles, most + 2 * padding) * sizeof(double);
}

// No room for more than will come. Where the tiles lie is the same.
void ZeroPhase::begin_tile() {
  const auto room = static_cast<std::size_t>(std::min<std::uint64_t>(tile_, left_));
  current_.resize(room);
  left_ -= room;
  fill_ = 0;
}

void ZeroPhase::begin() {
  // 2 x[0] - x[padding], ..., 2 x[0] - x[1]; the filter rests at the first of them.
  std::vector<double> extension(padding_);
  for (std::size_t i = 0; i < padding_; ++i) {
    extension[i] = 2 * ends_[0] - ends_[padding_ - i];
  }
  begin_tile();
  forward_.clear();
  forward_.settle(0, padding_ > 0 ? extension[0] : ends_[0]);
  started_ = true;
  // A tile is longer than any extension and the samples held back so far: nothing comes out yet.
  const Sink none = [](std::span<const double>) {};
  feed(extension, none);
}

void ZeroPhase::push(std::span<const double> samples, const Sink& sink) {
  const FlushDenormals flush;
  pushed_ += samples.size();
  const std::size_t ends = padding_ + 1;
  if (!started_) {
    const std::size_t take = std::min(samples.size(), ends - ends_.size());
    ends_.insert(ends_.end(), samples.begin(), samples.begin() + static_cast<std::ptrdiff_t>(take));
    samples = samples.subspan(take);
    if (ends_.size() < ends) {
      return;
    }
    begin();
    feed(ends_, sink);
  }
  feed(samples, sink);
  if (samples.size() >= ends) {
    ends_.assign(samples.end() - static_cast<std::ptrdiff_t>(ends), samples.end());
  } else {
    ends_.insert(ends_.end(), samples.begin(), samples.end());
    ends_.erase(ends_.begin(), ends_.end() - static_cast<std::ptrdiff_t>(ends));
  }
}

void ZeroPhase::feed(std::span<const double> samples, const Sink& sink) {
  while (!samples.empty()) {
    const std::size_t take = std::min(samples.size(), current_.size() - fill_);
    if (take == 0) {
      throw std::logic_error("more samples were pushed than were announced");
    }
    std::copy_n(samples.begin(), take, current_.begin() + static_cast<std::ptrdiff_t>(fill_));
    fill_ += take;
    samples = samples.subspan(take);
    if (fill_ < tile_) {
      continue;
    }
    filter_tile();
    if (!previous_.empty()) {
      run_backward(*filter_, previous_, current_);
      emit(previous_, sink);
    }
    previous_.swap(current_);
    begin_tile();
  }
}

// The forward pass over a full tile, in place: lane 0 goes on from the tile before, the others from
// rest, `memory` samples ahead of their first.
void ZeroPhase::filter_tile() {
  const std::size_t lane = lane_size();
  const std::size_t memory = filter_->memory;
  Cascade cascade(*filter_);
  Lanes<const double> before{{}, 1};
  Lanes<double> lanes{{}, 1};
  for (std::size_t k = 0; k < kLanes; ++k) {
    lanes.begin[k] = current_.data() + k * lane;
    // Lane 0 runs along for the shape of it; its state is replaced below.
    before.begin[k] = k == 0 ? current_.data() : lanes.begin[k] - memory;
  }
  run_up(cascade, before, memory);
  cascade.copy_lane(0, forward_, 0);
  run_lanes(cascade, lanes, lane, filter_->gain);
  forward_.copy_lane(0, cascade, kLanes - 1);
}

void ZeroPhase::finish(const Sink& sink) {
  const FlushDenormals flush;
  // 2 x[n-1] - x[n-2], ..., 2 x[n-1] - x[n-1-padding].
  std::vector<double> extension(padding_);
  for (std::size_t i = 0; i < padding_; ++i) {
    extension[i] = 2 * ends_[padding_] - ends_[padding_ - 1 - i];
  }
  feed(extension, sink);
  run_single(forward_, current_.data(), 1, fill_, filter_->gain);

  // The last two tiles, from the true end. Where nothing is in the one, the other is full.
  Cascade backward(*filter_);
  // cppcheck-suppress containerOutOfBounds
  backward.settle(0, fill_ > 0 ? current_[fill_ - 1] : previous_.back());
  if (fill_ > 0) {
    run_single(backward, current_.data() + fill_ - 1, -1, fill_, filter_->gain);
  }
  if (!previous_.empty()) {
    run_single(backward, previous_.data() + tile_ - 1, -1, tile_, filter_->gain);
    emit(previous_, sink);
  }
  emit({current_.data(), fill_}, sink);
}

// Leaves out the extensions at both ends.
void ZeroPhase::emit(std::span<const double> samples, const Sink& sink) {
  const std::uint64_t begin = emitted_;
  const std::uint64_t end = begin + samples.size();
  emitted_ = end;
  const std::uint64_t from = std::clamp<std::uint64_t>(padding_, begin, end);
  const std::uint64_t to = std::clamp<std::uint64_t>(padding_ + pushed_, begin, end);
  if (from < to) {
    sink(samples.subspan(from - begin, to - from));
  }
}

}  // namespace wfr::signal
