// The headers of Blackrock and Ripple continuous recordings (.ns1 to .ns9), without their samples.
//
// Source: Blackrock Neurotech, "NEV and NSx file specification", revisions 2.2, 2.3 and 3.0,
// and Ripple, "NEVspec 2.2", which comes with Trellis. All numbers are little endian.
//
//   offset  basic header, 314 bytes              offset  extended header "CC", 66 bytes a channel
//        0  char[8]  NEURALCD or BRSMPGRP             0  char[2]  CC
//        8  u8[2]    major, minor                     2  u16      electrode id
//       10  u32      bytes in all headers             4  char[16] label
//       14  char[16] label of the sampling group     20  u8       physical connector
//       30  char[256] comment                        21  u8       connector pin
//      286  u32      period, in 1/30000 s            22  i16[4]   digital min, max; analog min, max
//      290  u32      timestamp ticks a second        30  char[16] units of the analog range
//      294  u16[8]   time origin (UTC)               46  ...      corners of the filters
//      310  u32      number of channels
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wfr::nsx {

inline constexpr std::size_t kBasicHeaderBytes = 314;
inline constexpr std::size_t kChannelHeaderBytes = 66;
inline constexpr std::size_t kMaxChannels = 65535;  // electrode ids are u16
inline constexpr std::size_t kMaxHeaderBytes =
    kBasicHeaderBytes + kMaxChannels * kChannelHeaderBytes;

struct Channel {
  std::uint16_t electrode = 0;
  std::string label;  // "raw 9"
  std::string units;  // "uV"
  std::uint8_t connector = 0;
  std::uint8_t pin = 0;
  std::int16_t digital_min = 0;
  std::int16_t digital_max = 0;
  std::int16_t analog_min = 0;
  std::int16_t analog_max = 0;

  // Physical value [units] = scale * raw + offset.
  [[nodiscard]] double scale() const;
  [[nodiscard]] double offset() const;
  // The last number in the label ("raw 9" -> 9); the electrode id where the label has none.
  [[nodiscard]] std::uint32_t number() const;
  [[nodiscard]] std::string array_name() const;    // "array01": connector + 1
  [[nodiscard]] std::string channel_name() const;  // "channel009": number()
};

struct Header {
  std::string file_type;  // "NEURALCD" or "BRSMPGRP"
  std::uint8_t major = 0;
  std::uint8_t minor = 0;
  std::uint32_t header_bytes = 0;  // the first data packet begins here
  std::string group;
  std::string comment;
  std::uint32_t period = 1;                    // [1/30000 s] between samples
  std::uint32_t timestamp_resolution = 30000;  // [Hz]
  std::array<std::uint16_t, 8> time_origin = {};
  std::vector<Channel> channels;

  [[nodiscard]] double rate() const;              // [Hz]
  [[nodiscard]] double ticks_per_sample() const;  // of the timestamps
  [[nodiscard]] std::size_t frame_bytes() const;  // one sample of every channel
};

// A file, or a piece of memory in tests: bytes by offset.
class ByteSource {
 public:
  ByteSource() = default;
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;
  virtual ~ByteSource() = default;
  [[nodiscard]] virtual std::uint64_t size() const = 0;
  // Fills `out` from `offset` on; less than asked only at the end. Returns how much.
  virtual std::size_t read(std::uint64_t offset, std::span<std::byte> out) const = 0;
  [[nodiscard]] virtual const std::string& name() const = 0;
};

class FileSource final : public ByteSource {
 public:
  explicit FileSource(std::string path);
  ~FileSource() override;
  [[nodiscard]] std::uint64_t size() const override { return size_; }
  std::size_t read(std::uint64_t offset, std::span<std::byte> out) const override;
  [[nodiscard]] const std::string& name() const override { return path_; }

 private:
  std::string path_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

// Checks everything that later arithmetic relies on. Throws KernelError: file, byte offset, reason.
Header read_header(const ByteSource& source);

// The same header as bytes, for writing a recording; `header_bytes` is computed.
std::vector<std::byte> encode_header(const Header& header);

}  // namespace wfr::nsx
