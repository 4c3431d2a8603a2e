// signal.highpass and signal.lowpass: read, resample if asked to, filter both ways, write.
#include "runtime/kernels/signal/bodies.hpp"
#include "runtime/kernels/signal/resample.hpp"
#include "runtime/kernels/signal/source.hpp"
#include "runtime/kernels/signal/zero_phase.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include <fmt/format.h>

namespace wfr::signal {
namespace {

// Samples read or made at a time: as much as the second cache of a core holds.
constexpr std::uint64_t kBlock = hdf5::kSignalChunk;

struct Job {
  const KernelTask* task;
  Source source;
  Ratio ratio;  // 1 / 1 without resampling
  double rate;  // of the output
  BandPass filter;
  std::size_t padding;
  std::size_t block;  // input samples read at a time
};

BandPass design(const KernelTask& task, double rate) {
  const auto band = task.params.at("band").get<std::vector<double>>();
  return design_band_pass({band[0], band[1], rate, task.params.at("order").get<int>()});
}

Job prepare(const KernelTask& task, std::optional<double> rate) {
  Source source(task);
  const double from = source.info().rate;
  const double to = rate.value_or(from);
  const Ratio ratio = rate_ratio(from, to);
  BandPass filter = design(task, to);
  const std::size_t padding = default_padding(filter);
  // So that neither the input nor the output of a block is longer than kBlock.
  const std::uint64_t block = std::clamp<std::uint64_t>(kBlock * ratio.down / ratio.up, 1, kBlock);
  const std::uint64_t made = resampled_count(block, ratio) * (sizeof(double) + sizeof(float));
  const std::uint64_t written = 2 * hdf5::kSignalChunk * sizeof(float);
  const bool resample = ratio.up != ratio.down;
  check_budget(
      task,
      ZeroPhase::bytes(filter, padding, resampled_count(source.longest_piece(), ratio)) +
          (resample ? Resampler::bytes(ratio) : 0) +
          block * (Source::kBytesPerSample + sizeof(double)) + made + written,
      fmt::format(
          "{}: a filter that remembers {} samples at {:g} Hz", source.path(), filter.memory, to));
  return {&task,
          std::move(source),
          ratio,
          to,
          std::move(filter),
          padding,
          static_cast<std::size_t>(block)};
}

// What a filter needs beside the extension; a shorter piece has a shorter one.
std::string needs_text(const Job& job) {
  return fmt::format("a filter of order {} needs at least {}",
                     job.task->params.at("order").get<int>(),
                     job.padding * job.ratio.down / job.ratio.up + 1);
}

// As long as the file has one piece, it must hold more than the extension needs, as SciPy demands.
// Among several, a short one must not fail the recording: it gets the longest extension it allows.
std::size_t padding_of(const Job& job, const hdf5::Segment& piece) {
  const std::uint64_t count = resampled_count(piece.count, job.ratio);
  if (count > job.padding) {
    return job.padding;
  }
  if (job.source.segments().pieces.size() == 1) {
    throw KernelError(fmt::format(
        "{}: /data has {} samples, but {}", job.source.path(), piece.count, needs_text(job)));
  }
  return static_cast<std::size_t>(count - 1);
}

// One warning, however many they are.
void warn_of_short_pieces(const Job& job) {
  const hdf5::Segment* first = nullptr;
  std::size_t count = 0;
  for (const hdf5::Segment& piece : job.source.segments().pieces) {
    const std::uint64_t samples = resampled_count(piece.count, job.ratio);
    if (samples == 0 || samples > job.padding) {
      continue;
    }
    first = first == nullptr ? &piece : first;
    ++count;
  }
  if (count == 0) {
    return;
  }
  job.task->warn(
      fmt::format("{}: {} of {} pieces {} too short for the full extension at both ends "
                  "(the first, at sample {}, has {} samples, but {}): a shorter one is "
                  "used",
                  job.source.path(),
                  count,
                  job.source.segments().pieces.size(),
                  count == 1 ? "is" : "are",
                  first->start,
                  first->count,
                  needs_text(job)));
}

hdf5::SignalInfo output_info(const Job& job) {
  hdf5::SignalInfo info = job.source.info();
  info.start_sample = std::llround(static_cast<double>(info.start_sample) * job.rate / info.rate);
  info.rate = job.rate;
  info.scale = 1;
  info.offset = 0;
  info.provenance = provenance_text(*job.task);
  return info;
}

void filter_piece(Job& job,
                  const hdf5::Segment& piece,
                  Resampler& resampler,
                  hdf5::SignalWriter& writer) {
  ZeroPhase filter(job.filter, padding_of(job, piece), resampled_count(piece.count, job.ratio));
  std::vector<float> stored;
  const Sink store = [&](std::span<const double> values) {
    // In parts, since a tile of a filter with a long memory is much longer than a block.
    for (std::size_t done = 0; done < values.size(); done += kBlock) {
      const auto part = values.subspan(done, std::min<std::size_t>(kBlock, values.size() - done));
      stored.assign(part.size(), 0);
      std::transform(part.begin(), part.end(), stored.begin(), [](double value) {
        return static_cast<float>(value);
      });
      writer.append<float>(stored);
    }
  };
  if (job.ratio.up == job.ratio.down) {
    job.source.read(piece, job.block, [&](std::span<const double> in) { filter.push(in, store); });
  } else {
    std::vector<double> resampled;
    job.source.read(piece, job.block, [&](std::span<const double> in) {
      resampled.clear();
      resampler.push(in, resampled);
      filter.push(resampled, store);
    });
    resampled.clear();
    resampler.finish(resampled);
    filter.push(resampled, store);
  }
  filter.finish(store);
}

void run(const KernelTask& task, std::optional<double> rate) {
  Job job = prepare(task, rate);
  const hdf5::Segments& segments = job.source.segments();
  if (job.source.size() == 0) {
    throw KernelError(fmt::format("{}: /data is empty", job.source.path()));
  }
  hdf5::Segments written{{}, segments.timestamp_rate};
  hdf5::SignalWriter writer(task.outputs.front().path, hdf5::Element::Float32, output_info(job));
  Resampler resampler(job.ratio);
  std::uint64_t start = 0;
  for (const hdf5::Segment& piece : segments.pieces) {
    const std::uint64_t count = resampled_count(piece.count, job.ratio);
    if (count > 0) {
      filter_piece(job, piece, resampler, writer);
    }
    written.pieces.push_back({start, piece.timestamp, count});
    start += count;
  }
  writer.finish(written);
  warn_of_short_pieces(job);
}

}  // namespace

void run_highpass(const KernelTask& task) {
  run(task, std::nullopt);
}

void run_lowpass(const KernelTask& task) {
  run(task, task.params.at("rate").get<double>());
}

}  // namespace wfr::signal
