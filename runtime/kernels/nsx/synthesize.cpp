// nsx.synthesize: writes a recording as an acquisition system would, a block of frames at a time.
#include "runtime/kernels/nsx/bodies.hpp"
#include "runtime/kernels/nsx/bytes.hpp"
#include "runtime/kernels/nsx/header.hpp"
#include "runtime/kernels/nsx/test_signal.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace wfr::nsx {
namespace {

constexpr std::uint32_t kBaseRate = 30000;
constexpr std::uint32_t kNanoseconds = 1'000'000'000;
constexpr std::uint64_t kPtpStart = 1'541'408'400ULL * kNanoseconds;  // 2018-11-05 09:00 UTC

// A file written from front to back; complete only after finish().
class Output {
 public:
  explicit Output(std::string path) : path_(std::move(path)) {
    descriptor_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (descriptor_ < 0) {
      throw KernelError(fmt::format("cannot create {}: {}", path_, std::strerror(errno)));
    }
  }
  ~Output() {
    if (descriptor_ >= 0) {
      ::close(descriptor_);
    }
  }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  void write(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
      const ssize_t done = ::write(descriptor_, bytes.data(), bytes.size());
      if (done < 0 && errno == EINTR) {
        continue;
      }
      if (done <= 0) {
        throw KernelError(fmt::format("cannot write {}: {}", path_, std::strerror(errno)));
      }
      bytes = bytes.subspan(static_cast<std::size_t>(done));
    }
  }
  void finish() {
    const int descriptor = std::exchange(descriptor_, -1);
    if (::close(descriptor) != 0) {
      throw KernelError(fmt::format("cannot write {}: {}", path_, std::strerror(errno)));
    }
  }

 private:
  std::string path_;
  int descriptor_ = -1;
};

struct Settings {
  SignalSettings signal;
  std::uint32_t period = 1;  // [1/30000 s]
  std::uint32_t channels = 0;
  std::uint32_t connectors = 0;
  std::uint64_t samples = 0;
  std::uint64_t packets = 0;
  std::uint64_t pause = 0;  // [samples]
  std::string label;
  std::string format;
  [[nodiscard]] bool is_ptp() const { return format == "3.0-ptp"; }
  [[nodiscard]] bool is_wide() const { return is_ptp() || format == "3.0-64"; }
};

std::uint32_t period_of(double rate) {
  const double period = kBaseRate / rate;
  const double whole = std::round(period);
  if (std::abs(period - whole) > 1e-9 * period) {
    throw KernelError(fmt::format(
        "rate: {} Hz is not 30000 Hz divided by a whole number; the nearest that is: {} Hz",
        rate,
        kBaseRate / whole));
  }
  return static_cast<std::uint32_t>(whole);
}

Settings read_settings(const nlohmann::json& params) {
  Settings settings;
  const double rate = params.at("rate").get<double>();
  settings.period = period_of(rate);
  settings.signal.rate = rate;
  settings.signal.spike_rate = params.at("spike_rate").get<double>();
  settings.signal.noise_uv = params.at("noise_uv").get<double>();
  settings.signal.seed = params.at("seed").get<std::uint64_t>();
  settings.channels = params.at("channels").get<std::uint32_t>();
  settings.connectors = params.at("connectors").get<std::uint32_t>();
  settings.samples =
      static_cast<std::uint64_t>(std::llround(params.at("seconds").get<double>() * rate));
  settings.packets = params.at("packets").get<std::uint64_t>();
  settings.pause =
      static_cast<std::uint64_t>(std::llround(params.at("pause").get<double>() * rate));
  settings.label = params.at("label").get<std::string>();
  settings.format = params.at("format").get<std::string>();
  constexpr std::size_t kLongestLabel = 9;  // with a blank and five digits: 15 and a NUL
  if (settings.label.size() > kLongestLabel) {
    throw KernelError(fmt::format("label: `{}` has {} bytes, but the most is {}",
                                  settings.label,
                                  settings.label.size(),
                                  kLongestLabel));
  }
  if (settings.packets > settings.samples) {
    throw KernelError(fmt::format(
        "packets: {} packets cannot be made of {} samples", settings.packets, settings.samples));
  }
  return settings;
}

Header make_header(const Settings& settings) {
  Header header;
  header.file_type = settings.format[0] == '3' ? "BRSMPGRP" : "NEURALCD";
  header.major = settings.format[0] == '3' ? 3 : 2;
  header.minor = static_cast<std::uint8_t>(settings.format[2] - '0');
  header.group =
      settings.period == 1 ? "30 kS/s" : fmt::format("{} S/s", kBaseRate / settings.period);
  header.comment = "synthetic: spikes on noise";
  header.period = settings.period;
  header.timestamp_resolution = settings.is_ptp() ? kNanoseconds : kBaseRate;
  header.time_origin = {2018, 11, 1, 5, 9, 0, 0, 0};
  for (std::uint32_t i = 0; i < settings.channels; ++i) {
    Channel channel;
    channel.electrode = static_cast<std::uint16_t>(i + 1);
    channel.label = fmt::format("{} {}", settings.label, i + 1);
    channel.units = "uV";
    channel.connector =
        static_cast<std::uint8_t>(std::uint64_t{i} * settings.connectors / settings.channels);
    channel.pin = static_cast<std::uint8_t>(i % 32 + 1);
    channel.digital_min = -32764;
    channel.digital_max = 32764;
    channel.analog_min = -32764 / kRawPerMicrovolt;
    channel.analog_max = 32764 / kRawPerMicrovolt;
    header.channels.push_back(channel);
  }
  return header;
}

class Synthesizer {
 public:
  Synthesizer(const KernelTask& task, const Settings& settings)
      : task_(task),
        settings_(settings),
        output_(task.outputs.at(0).path),
        jitter_(settings.signal.seed, 1ULL << 40U) {
    for (std::uint32_t i = 0; i < settings.channels; ++i) {
      signals_.emplace_back(settings.signal, i);
    }
  }
  void run();

 private:
  void write_packet(std::uint64_t begin, std::uint64_t count);
  void write_frames(std::uint64_t begin, std::size_t count);
  void append_head(std::uint64_t begin, std::uint64_t count);
  [[nodiscard]] std::uint64_t timestamp(std::uint64_t sample);

  const KernelTask& task_;
  const Settings& settings_;
  Output output_;
  Random jitter_;
  std::vector<ChannelSignal> signals_;
  std::vector<std::int16_t> row_;
  std::vector<std::byte> block_;
  std::uint64_t written_ = 0;
};

// PTP clocks jitter: up to 2 us here, well below one sample.
std::uint64_t Synthesizer::timestamp(std::uint64_t sample) {
  if (!settings_.is_ptp()) {
    return sample * settings_.period;
  }
  // Whole seconds apart, or the product would not fit for a long recording.
  const std::uint64_t ticks = sample * settings_.period;
  return kPtpStart + ticks / kBaseRate * kNanoseconds +
         ticks % kBaseRate * kNanoseconds / kBaseRate + jitter_.next() % 2001;
}

void Synthesizer::append_head(std::uint64_t begin, std::uint64_t count) {
  const std::size_t width = settings_.is_wide() ? 8 : 4;
  const std::size_t at = block_.size();
  block_.resize(at + 1 + width + 4);
  const std::span<std::byte> head = std::span(block_).subspan(at);
  head[0] = std::byte{1};
  if (settings_.is_wide()) {
    store(head, 1, timestamp(begin));
  } else {
    store(head, 1, static_cast<std::uint32_t>(timestamp(begin)));
  }
  store(head, 1 + width, static_cast<std::uint32_t>(count));
}

// The frames of one block; with PTP each behind its own head.
void Synthesizer::write_frames(std::uint64_t begin, std::size_t count) {
  const std::size_t frame = signals_.size() * sizeof(std::int16_t);
  std::vector<std::size_t> starts(count);
  for (std::size_t i = 0; i < count; ++i) {
    if (settings_.is_ptp()) {
      append_head(begin + i, 1);
    }
    starts[i] = block_.size();
    block_.resize(block_.size() + frame);
  }
  row_.resize(count);
  for (std::size_t c = 0; c < signals_.size(); ++c) {
    signals_[c].fill(begin, row_);
    for (std::size_t i = 0; i < count; ++i) {
      store(std::span(block_), starts[i] + c * sizeof(std::int16_t), row_[i]);
    }
  }
  output_.write(block_);
  block_.clear();
  written_ += count;
  task_.progress(static_cast<double>(written_) / static_cast<double>(settings_.samples));
  if (task_.cancelled()) {
    throw KernelError("cancelled");
  }
}

void Synthesizer::write_packet(std::uint64_t begin, std::uint64_t count) {
  // About a megabyte in flight, but enough frames that a channel is worth its visit.
  const std::uint64_t block = std::clamp<std::uint64_t>(500'000 / signals_.size(), 256, 8192);
  if (!settings_.is_ptp()) {
    append_head(begin, count);
  }
  for (std::uint64_t done = 0; done < count; done += block) {
    write_frames(begin + done, static_cast<std::size_t>(std::min(block, count - done)));
  }
}

void Synthesizer::run() {
  output_.write(encode_header(make_header(settings_)));
  std::uint64_t begin = 0;
  for (std::uint64_t packet = 0; packet < settings_.packets; ++packet) {
    // The first packets are one sample longer where the samples do not divide evenly.
    const std::uint64_t count = settings_.samples / settings_.packets +
                                (packet < settings_.samples % settings_.packets ? 1 : 0);
    write_packet(begin, count);
    begin += count + settings_.pause;
  }
  output_.finish();
}

}  // namespace

void synthesize(const KernelTask& task) {
  const Settings settings = read_settings(task.params);
  Synthesizer(task, settings).run();
}

}  // namespace wfr::nsx
