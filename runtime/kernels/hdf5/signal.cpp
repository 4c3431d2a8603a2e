// The layout of a signal file, in the terms of file.hpp.
#include "runtime/kernels/hdf5/signal.hpp"

#include "runtime/kernels/kernel.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string_view>

#include <fmt/format.h>

namespace wfr::hdf5 {
namespace {

constexpr const char* kData = "data";
constexpr const char* kSegments = "segments";
constexpr std::array<std::string_view, 3> kColumns = {"start", "timestamp", "count"};

File with_signal(File file) {
  if (!file.has(kData)) {
    throw KernelError(fmt::format("{}: there is no dataset /data: not a signal file", file.path()));
  }
  return file;
}

std::int64_t whole_attribute(const Dataset& data, std::string_view name, const std::string& path) {
  const double value = data.number_attribute(name).value_or(0);
  // 2^53: beyond it a double no longer tells neighbouring samples apart.
  if (!(std::abs(value) <= 9007199254740992.0)) {
    throw KernelError(fmt::format("{}: the attribute `{}` of /data is {}", path, name, value));
  }
  return std::llround(value);
}

// Pieces must lie one behind the other and cover /data, or a kernel would filter across a pause.
void check_segments(const Segments& segments, std::uint64_t size, const std::string& path) {
  std::uint64_t expected = 0;
  for (const Segment& piece : segments.pieces) {
    if (piece.start != expected || piece.count > size - expected) {
      throw KernelError(
          fmt::format("{}: /segments does not fit /data: a piece of {} samples at {}, "
                      "but {} of {} samples are accounted for",
                      path,
                      piece.count,
                      piece.start,
                      expected,
                      size));
    }
    expected += piece.count;
  }
  if (expected != size) {
    throw KernelError(fmt::format(
        "{}: /segments accounts for {} of the {} samples in /data", path, expected, size));
  }
}

template <typename T>
void to_physical(const SignalInfo& info, std::span<T> values) {
  if (info.scale == 1 && info.offset == 0) {
    return;
  }
  for (T& value : values) {
    value = static_cast<T>(info.scale * static_cast<double>(value) + info.offset);
  }
}

}  // namespace

void write_segments(File& file, const Segments& segments) {
  std::vector<std::uint64_t> cells;
  cells.reserve(segments.pieces.size() * kColumns.size());
  for (const Segment& piece : segments.pieces) {
    cells.insert(cells.end(), {piece.start, piece.timestamp, piece.count});
  }
  file.write_table(kSegments, kColumns, cells);
  file.set_attribute(kSegments, "timestamp_rate", segments.timestamp_rate);
}

Segments read_segments(const File& file) {
  const Dataset data = file.open_dataset(kData);
  const SignalInfo info = read_info(file, data);
  if (!file.has(kSegments)) {
    const auto start = static_cast<std::uint64_t>(std::max<std::int64_t>(info.start_sample, 0));
    return {{{0, start, data.size()}}, info.rate};
  }
  Segments segments;
  segments.timestamp_rate = file.number_attribute(kSegments, "timestamp_rate").value_or(info.rate);
  if (!(segments.timestamp_rate > 0)) {
    throw KernelError(fmt::format("{}: the attribute `timestamp_rate` of /segments is {}",
                                  file.path(),
                                  segments.timestamp_rate));
  }
  const std::vector<std::uint64_t> cells = file.read_table(kSegments, kColumns);
  segments.pieces.reserve(cells.size() / kColumns.size());
  for (std::size_t i = 0; i + 2 < cells.size(); i += kColumns.size()) {
    segments.pieces.push_back({cells[i], cells[i + 1], cells[i + 2]});
  }
  check_segments(segments, data.size(), file.path());
  return segments;
}

void write_info(Dataset& data, const SignalInfo& info) {
  data.set_attribute("rate", info.rate);
  data.set_attribute("units", std::string_view(info.units));
  data.set_attribute("channel", info.channel);
  data.set_attribute("label", std::string_view(info.label));
  data.set_attribute("scale", info.scale);
  data.set_attribute("offset", info.offset);
  data.set_attribute("start_sample", info.start_sample);
  data.set_attribute("provenance", std::string_view(info.provenance));
}

SignalInfo read_info(const File& file, const Dataset& data) {
  SignalInfo info;
  info.rate = data.number_attribute("rate").value_or(0);
  if (!(info.rate > 0) || !std::isfinite(info.rate)) {
    throw KernelError(fmt::format("{}: /data has no attribute `rate` [Hz] above 0", file.path()));
  }
  info.units = data.text_attribute("units").value_or("");
  info.channel = whole_attribute(data, "channel", file.path());
  info.label = data.text_attribute("label").value_or("");
  info.scale = data.number_attribute("scale").value_or(1);
  info.offset = data.number_attribute("offset").value_or(0);
  info.start_sample = whole_attribute(data, "start_sample", file.path());
  info.provenance = data.text_attribute("provenance").value_or("");
  return info;
}

SignalWriter::SignalWriter(const std::string& path, Element element, const SignalInfo& info)
    : file_(File::create(path)), data_(file_.create_dataset(kData, element, kSignalChunk)) {
  write_info(data_, info);
}

void SignalWriter::finish(const Segments& segments) {
  data_.flush();
  write_segments(file_, segments);
  data_.close();
  file_.close();
}

SignalReader::SignalReader(const std::string& path)
    : file_(with_signal(File::open(path))),
      data_(file_.open_dataset(kData)),
      info_(read_info(file_, data_)),
      segments_(read_segments(file_)) {}

void SignalReader::read(std::uint64_t begin, std::span<float> out) const {
  data_.read(begin, out);
  to_physical(info_, out);
}

void SignalReader::read(std::uint64_t begin, std::span<double> out) const {
  data_.read(begin, out);
  to_physical(info_, out);
}

}  // namespace wfr::hdf5
