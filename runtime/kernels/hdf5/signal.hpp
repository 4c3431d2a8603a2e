// One recorded channel as kernels hand it to each other: dataset /data with its attributes, and
// /segments, the uninterrupted pieces it consists of.
#pragma once

#include "runtime/kernels/hdf5/file.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace wfr::hdf5 {

// The attributes of /data.
struct SignalInfo {
  double rate = 0;           // samples a second [Hz], above 0
  std::string units;         // of scale * raw + offset: "uV"
  std::int64_t channel = 0;  // the number in its directory's name
  std::string label;         // as the recording system calls it: "raw 9"
  double scale = 1;          // physical value = scale * stored value + offset
  double offset = 0;
  std::int64_t start_sample = 0;  // of the first sample, on the recording's clock, at `rate`
  std::string provenance;         // JSON text: workflow, step, kernel, version, parameters
};

// An uninterrupted piece: samples [start, start + count) of /data.
struct Segment {
  std::uint64_t start;
  std::uint64_t timestamp;  // of its first sample, in ticks of `timestamp_rate`
  std::uint64_t count;
};

struct Segments {
  std::vector<Segment> pieces;
  double timestamp_rate = 0;  // ticks a second [Hz]
};

// /segments is a table with the columns start, timestamp and count (uint64) and the attribute
// timestamp_rate.
void write_segments(File& file, const Segments& segments);
// Without the table: one piece as long as /data that begins at start_sample.
Segments read_segments(const File& file);

void write_info(Dataset& data, const SignalInfo& info);
// Units default to "", scale to 1, offset and start_sample to 0; a missing or impossible rate is an
// error.
SignalInfo read_info(const File& file, const Dataset& data);

// A signal file being written from its first sample to its last.
class SignalWriter {
 public:
  // `element` is Int16 for raw values or Float32 for physical ones (scale 1, offset 0).
  SignalWriter(const std::string& path, Element element, const SignalInfo& info);
  template <typename T>
  void append(std::span<const T> values) {
    data_.append(values);
  }
  // Completes the file, with the pieces it consists of.
  void finish(const Segments& segments);

 private:
  File file_;
  Dataset data_;
};

// A signal file being read, from anywhere in it.
class SignalReader {
 public:
  explicit SignalReader(const std::string& path);
  [[nodiscard]] const SignalInfo& info() const { return info_; }
  [[nodiscard]] const Segments& segments() const { return segments_; }
  [[nodiscard]] std::uint64_t size() const { return data_.size(); }
  [[nodiscard]] Element element() const { return data_.element(); }
  // Physical values of samples [begin, begin + out.size()): scale * stored + offset, in `units`.
  void read(std::uint64_t begin, std::span<float> out) const;
  void read(std::uint64_t begin, std::span<double> out) const;
  // Stored values as they are.
  void read_raw(std::uint64_t begin, std::span<std::int16_t> out) const { data_.read(begin, out); }

 private:
  File file_;
  Dataset data_;
  SignalInfo info_;
  Segments segments_;
};

}  // namespace wfr::hdf5
