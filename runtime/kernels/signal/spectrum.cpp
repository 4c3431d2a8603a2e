// signal.spectrum: Welch's method over every piece of a signal file.
#include "runtime/kernels/signal/bodies.hpp"
#include "runtime/kernels/signal/source.hpp"
#include "runtime/kernels/signal/welch.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace wfr::signal {
namespace {

constexpr std::size_t kBlock = hdf5::kSignalChunk;
// FFTW takes a length as an int and may double it inside.
constexpr double kLongestSegment = 1 << 29;

WelchSpec specify(const KernelTask& task, const Source& source) {
  const auto seconds = task.params.at("segment_s").get<double>();
  const double rate = source.info().rate;
  const double wanted = std::round(seconds * rate);
  if (!(wanted >= 1 && wanted <= kLongestSegment)) {
    throw KernelError(
        fmt::format("`segment_s` is {:g} s, which is {:g} samples at {:g} Hz; a segment "
                    "has 1 to {:g}",
                    seconds,
                    wanted,
                    rate,
                    kLongestSegment));
  }
  const std::uint64_t longest = source.longest_piece();
  if (longest == 0) {
    throw KernelError(fmt::format("{}: /data is empty", source.path()));
  }
  auto length = static_cast<std::size_t>(wanted);
  if (length > longest) {
    task.warn(
        fmt::format("{}: a segment of {} samples is longer than the longest piece; one of {} is "
                    "used, so the frequency step is {:g} Hz",
                    source.path(),
                    length,
                    longest,
                    rate / static_cast<double>(longest)));
    length = static_cast<std::size_t>(longest);
  }
  const double share = task.params.at("overlap").get<double>();
  const auto overlap = static_cast<std::size_t>(share * static_cast<double>(length));
  return {length,
          std::min(overlap, length - 1),
          rate,
          task.params.at("window").get_ref<const std::string&>(),
          task.params.at("detrend") == "constant",
          task.params.at("scaling") == "density"};
}

std::string power_units(const std::string& units, bool density) {
  const std::string squared = units.empty() ? "1" : units + "^2";
  return density ? squared + "/Hz" : squared;
}

void write(const KernelTask& task,
           const Source& source,
           const WelchSpec& spec,
           const Welch& welch) {
  hdf5::File file = hdf5::File::create(task.outputs.front().path);
  hdf5::Dataset frequency = file.write_dataset<double>("frequency", welch.frequencies());
  frequency.set_attribute("units", std::string_view("Hz"));
  frequency.close();
  hdf5::Dataset power = file.write_dataset<double>("psd", welch.power());
  const std::string units = power_units(source.info().units, spec.density);
  power.set_attribute("units", std::string_view(units));
  power.set_attribute("rate", spec.rate);
  power.set_attribute("channel", source.info().channel);
  power.set_attribute("label", std::string_view(source.info().label));
  power.set_attribute("segments", static_cast<std::int64_t>(welch.segments()));
  power.set_attribute("segment_samples", static_cast<std::int64_t>(spec.length));
  power.set_attribute("overlap_samples", static_cast<std::int64_t>(spec.overlap));
  power.set_attribute("window", spec.window);
  power.set_attribute("provenance", std::string_view(provenance_text(task)));
  power.close();
  file.close();
}

}  // namespace

void run_spectrum(const KernelTask& task) {
  Source source(task);
  const WelchSpec spec = specify(task, source);
  // FFTW's own tables and work space: about two more transforms.
  check_budget(task,
               Welch::bytes(spec.length) + 4 * spec.length * sizeof(double) +
                   kBlock * Source::kBytesPerSample,
               fmt::format("{}: a segment of {} samples", source.path(), spec.length));
  Welch welch(spec);
  for (const hdf5::Segment& piece : source.segments().pieces) {
    source.read(piece, kBlock, [&](std::span<const double> in) { welch.push(in); });
    welch.interrupt();
  }
  write(task, source, spec, welch);
}

}  // namespace wfr::signal
