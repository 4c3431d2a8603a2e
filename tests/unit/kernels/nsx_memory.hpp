// Recordings in memory for the tests of the NSx format.
#pragma once

#include "runtime/kernels/nsx/bytes.hpp"
#include "runtime/kernels/nsx/header.hpp"

#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

namespace wfr::nsx {

class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(std::vector<std::byte> bytes) : bytes_(std::move(bytes)) {}
  [[nodiscard]] std::uint64_t size() const override { return bytes_.size(); }
  std::size_t read(std::uint64_t offset, std::span<std::byte> out) const override {
    if (offset >= bytes_.size()) {
      return 0;
    }
    const std::size_t count = std::min<std::size_t>(out.size(), bytes_.size() - offset);
    std::memcpy(out.data(), bytes_.data() + offset, count);
    bytes_read_ += count;
    return count;
  }
  [[nodiscard]] const std::string& name() const override { return name_; }
  [[nodiscard]] std::uint64_t bytes_read() const { return bytes_read_; }

 private:
  std::vector<std::byte> bytes_;
  std::string name_ = "memory.ns5";
  mutable std::uint64_t bytes_read_ = 0;
};

inline Header sample_header(std::size_t channels, std::uint8_t major = 2, std::uint8_t minor = 3) {
  Header header;
  header.file_type = major == 3 ? "BRSMPGRP" : "NEURALCD";
  header.major = major;
  header.minor = minor;
  header.group = "30 kS/s";
  for (std::size_t i = 0; i < channels; ++i) {
    Channel channel;
    channel.electrode = static_cast<std::uint16_t>(i + 1);
    channel.label = "raw " + std::to_string(i + 1);
    channel.units = "uV";
    channel.connector = static_cast<std::uint8_t>(i / 2);
    channel.digital_min = -32764;
    channel.digital_max = 32764;
    channel.analog_min = -8191;
    channel.analog_max = 8191;
    header.channels.push_back(channel);
  }
  return header;
}

// Appends a packet's header; `claimed` samples whether they follow or not.
inline void add_head(std::vector<std::byte>& bytes,
                     std::size_t timestamp_bytes,
                     std::uint64_t timestamp,
                     std::uint32_t claimed) {
  const std::size_t at = bytes.size();
  bytes.resize(at + 1 + timestamp_bytes + 4);
  const std::span<std::byte> head = std::span(bytes).subspan(at);
  head[0] = std::byte{1};
  if (timestamp_bytes == 8) {
    store(head, 1, timestamp);
  } else {
    store(head, 1, static_cast<std::uint32_t>(timestamp));
  }
  store(head, 1 + timestamp_bytes, claimed);
}

// Appends frames that count upward: sample s of channel c is 100 * s + c.
inline void add_frames(std::vector<std::byte>& bytes, std::size_t channels, int first, int count) {
  for (int s = first; s < first + count; ++s) {
    for (std::size_t c = 0; c < channels; ++c) {
      bytes.resize(bytes.size() + 2);
      store(std::span(bytes).last(2), 0, static_cast<std::int16_t>(100 * s + static_cast<int>(c)));
    }
  }
}

}  // namespace wfr::nsx
