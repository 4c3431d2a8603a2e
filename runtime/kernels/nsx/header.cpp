// Reads and checks NSx headers; see header.hpp for the layout.
#include "runtime/kernels/nsx/header.hpp"

#include "runtime/files/read_file.hpp"
#include "runtime/kernels/kernel.hpp"
#include "runtime/kernels/nsx/bytes.hpp"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <limits>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace wfr::nsx {
namespace {

constexpr double kBaseRate = 30000;  // the specification counts periods in its ticks

[[noreturn]] void fail(const ByteSource& source, std::uint64_t offset, std::string_view reason) {
  throw KernelError(fmt::format("{}: at byte {}: {}", source.name(), offset, reason));
}

// A fixed field up to its first NUL; trailing blanks are padding of some writers.
std::string text_field(std::span<const std::byte> bytes, std::size_t offset, std::size_t size) {
  std::string text;
  for (const std::byte byte : bytes.subspan(offset, size)) {
    if (byte == std::byte{0}) {
      break;
    }
    text.push_back(static_cast<char>(byte));
  }
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

void store_text(std::span<std::byte> bytes,
                std::size_t offset,
                std::size_t size,
                std::string_view text) {
  const std::size_t length = std::min(size, text.size());
  std::memcpy(bytes.subspan(offset, length).data(), text.data(), length);
}

// What the file says it is, shown safely: it may be anything at all.
std::string printable(std::string_view text) {
  std::string shown;
  for (const char c : text) {
    shown += std::isprint(static_cast<unsigned char>(c)) != 0 ? c : '?';
  }
  return shown;
}

void check_type(const ByteSource& source, const Header& header) {
  if (header.file_type == "NEURALSG") {
    fail(source,
         0,
         "file type NEURALSG (specification 2.1) is not supported: it holds no scales and no "
         "timestamps; convert it with the vendor's tools to 2.2 or later");
  }
  if (header.file_type != "NEURALCD" && header.file_type != "BRSMPGRP") {
    fail(source,
         0,
         fmt::format("file type `{}` is none of NEURALCD, BRSMPGRP: not an NSx recording",
                     printable(header.file_type)));
  }
  const bool known = (header.major == 2 && (header.minor == 2 || header.minor == 3)) ||
                     (header.major == 3 && header.minor == 0);
  if (!known) {
    fail(source,
         8,
         fmt::format("specification {}.{} is none of 2.2, 2.3, 3.0", header.major, header.minor));
  }
}

// Leaves `count` checked against the size of the headers, which is checked against the file.
std::size_t check_sizes(const ByteSource& source, const Header& header, std::uint32_t count) {
  if (header.period == 0) {
    fail(source, 286, "the sampling period is 0");
  }
  if (header.timestamp_resolution == 0) {
    fail(source, 290, "the resolution of timestamps is 0 ticks a second");
  }
  if (count == 0 || count > kMaxChannels) {
    fail(source, 310, fmt::format("{} channels: it must be 1 to {}", count, kMaxChannels));
  }
  const std::size_t needed = kBasicHeaderBytes + count * kChannelHeaderBytes;
  if (header.header_bytes < needed) {
    fail(source,
         10,
         fmt::format("the headers are said to take {} bytes, but those of {} channels take {}",
                     header.header_bytes,
                     count,
                     needed));
  }
  if (header.header_bytes > source.size()) {
    fail(source,
         10,
         fmt::format("the headers are said to take {} bytes, but the file has {}",
                     header.header_bytes,
                     source.size()));
  }
  return needed;
}

Channel read_channel(const ByteSource& source,
                     std::span<const std::byte> bytes,
                     std::size_t index) {
  const std::size_t at = kBasicHeaderBytes + index * kChannelHeaderBytes;
  const std::span<const std::byte> field = bytes.subspan(at, kChannelHeaderBytes);
  if (text_field(field, 0, 2) != "CC") {
    fail(source,
         at,
         fmt::format("the header of channel {} of the file begins with `{}` instead of `CC`",
                     index + 1,
                     printable(text_field(field, 0, 2))));
  }
  Channel channel;
  channel.electrode = load<std::uint16_t>(field, 2);
  channel.label = text_field(field, 4, 16);
  channel.connector = load<std::uint8_t>(field, 20);
  channel.pin = load<std::uint8_t>(field, 21);
  channel.digital_min = load<std::int16_t>(field, 22);
  channel.digital_max = load<std::int16_t>(field, 24);
  channel.analog_min = load<std::int16_t>(field, 26);
  channel.analog_max = load<std::int16_t>(field, 28);
  channel.units = text_field(field, 30, 16);
  if (channel.digital_max <= channel.digital_min) {
    fail(source,
         at + 22,
         fmt::format("electrode {} has the digital range {} to {}: its scale cannot be computed",
                     channel.electrode,
                     channel.digital_min,
                     channel.digital_max));
  }
  return channel;
}

}  // namespace

double Channel::scale() const {
  return static_cast<double>(analog_max - analog_min) /
         static_cast<double>(digital_max - digital_min);
}

double Channel::offset() const {
  return static_cast<double>(analog_min) - static_cast<double>(digital_min) * scale();
}

std::uint32_t Channel::number() const {
  const std::size_t last = label.find_last_of("0123456789");
  if (last == std::string::npos) {
    return electrode;
  }
  const std::size_t before = label.find_last_not_of("0123456789", last);
  const std::size_t first = before == std::string::npos ? 0 : before + 1;
  // Nine digits always fit; a longer run of digits is no channel number.
  return last - first < 9
             ? static_cast<std::uint32_t>(std::stoul(label.substr(first, last - first + 1)))
             : electrode;
}

std::string Channel::array_name() const {
  return fmt::format("array{:02}", connector + 1);
}
std::string Channel::channel_name() const {
  return fmt::format("channel{:03}", number());
}

double Header::rate() const {
  return kBaseRate / period;
}
double Header::ticks_per_sample() const {
  return timestamp_resolution / rate();
}
std::size_t Header::frame_bytes() const {
  return channels.size() * sizeof(std::int16_t);
}

FileSource::FileSource(std::string path) : path_(std::move(path)) {
  std::string why;
  Descriptor file = open_to_read(path_, "", kAnySize, why);
  struct stat status = {};
  if (!file || ::fstat(file.get(), &status) != 0) {
    throw KernelError(fmt::format("cannot open {}: {}", path_, why));
  }
  descriptor_ = file.release();
  size_ = static_cast<std::uint64_t>(status.st_size);
  static_cast<void>(::posix_fadvise(descriptor_, 0, 0, POSIX_FADV_SEQUENTIAL));
}

FileSource::~FileSource() {
  ::close(descriptor_);
}

std::size_t FileSource::read(std::uint64_t offset, std::span<std::byte> out) const {
  std::size_t done = 0;
  while (done < out.size()) {
    const ssize_t got = ::pread(
        descriptor_, out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      throw KernelError(
          fmt::format("cannot read {} at byte {}: {}", path_, offset + done, std::strerror(errno)));
    }
    if (got == 0) {
      break;
    }
    done += static_cast<std::size_t>(got);
  }
  return done;
}

Header read_header(const ByteSource& source) {
  std::vector<std::byte> bytes(kBasicHeaderBytes);
  const std::size_t got = source.read(0, bytes);
  if (got < bytes.size()) {
    fail(source,
         got,
         fmt::format("the file ends inside its basic header of {} bytes", bytes.size()));
  }
  Header header;
  header.file_type = text_field(bytes, 0, 8);
  header.major = load<std::uint8_t>(bytes, 8);
  header.minor = load<std::uint8_t>(bytes, 9);
  check_type(source, header);
  header.header_bytes = load<std::uint32_t>(bytes, 10);
  header.group = text_field(bytes, 14, 16);
  header.comment = text_field(bytes, 30, 256);
  header.period = load<std::uint32_t>(bytes, 286);
  header.timestamp_resolution = load<std::uint32_t>(bytes, 290);
  for (std::size_t i = 0; i < header.time_origin.size(); ++i) {
    header.time_origin[i] = load<std::uint16_t>(bytes, 294 + 2 * i);
  }
  const auto count = load<std::uint32_t>(bytes, 310);
  bytes.resize(check_sizes(source, header, count));
  if (source.read(0, bytes) < bytes.size()) {
    fail(source, bytes.size(), "the file became shorter while it was read");
  }
  header.channels.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    header.channels.push_back(read_channel(source, bytes, i));
  }
  return header;
}

std::vector<std::byte> encode_header(const Header& header) {
  const std::size_t size = kBasicHeaderBytes + header.channels.size() * kChannelHeaderBytes;
  std::vector<std::byte> bytes(size);
  store_text(bytes, 0, 8, header.file_type);
  store(bytes, 8, header.major);
  store(bytes, 9, header.minor);
  store(bytes, 10, static_cast<std::uint32_t>(size));
  store_text(bytes, 14, 16, header.group);
  store_text(bytes, 30, 256, header.comment);
  store(bytes, 286, header.period);
  store(bytes, 290, header.timestamp_resolution);
  for (std::size_t i = 0; i < header.time_origin.size(); ++i) {
    store(bytes, 294 + 2 * i, header.time_origin[i]);
  }
  store(bytes, 310, static_cast<std::uint32_t>(header.channels.size()));
  for (std::size_t i = 0; i < header.channels.size(); ++i) {
    const Channel& channel = header.channels[i];
    const auto field =
        std::span(bytes).subspan(kBasicHeaderBytes + i * kChannelHeaderBytes, kChannelHeaderBytes);
    store_text(field, 0, 2, "CC");
    store(field, 2, channel.electrode);
    store_text(field, 4, 16, channel.label);
    store(field, 20, channel.connector);
    store(field, 21, channel.pin);
    store(field, 22, channel.digital_min);
    store(field, 24, channel.digital_max);
    store(field, 26, channel.analog_min);
    store(field, 28, channel.analog_max);
    store_text(field, 30, 16, channel.units);
  }
  return bytes;
}

}  // namespace wfr::nsx
