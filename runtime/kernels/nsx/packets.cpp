// Walks the data packets of a recording, first by their headers, then with their samples.
#include "runtime/kernels/nsx/packets.hpp"

#include "runtime/kernels/kernel.hpp"
#include "runtime/kernels/nsx/bytes.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include <fmt/format.h>

namespace wfr::nsx {
namespace {

constexpr std::byte kPacketMark{0x01};
constexpr std::size_t kMostHeaderBytes = 13;

std::size_t packet_header_bytes(std::size_t timestamp_bytes) {
  return 1 + timestamp_bytes + 4;
}

[[noreturn]] void fail(const ByteSource& source, std::uint64_t offset, std::string_view reason) {
  throw KernelError(fmt::format("{}: at byte {}: {}", source.name(), offset, reason));
}

[[noreturn]] void fail_mark(const ByteSource& source, std::uint64_t offset, std::byte found) {
  fail(source,
       offset,
       fmt::format("a data packet begins with the byte 0x{:02x} instead of 0x01: the header of the "
                   "packet before it counts too many or too few samples, or the file is corrupt",
                   std::to_integer<unsigned>(found)));
}

Packet decode(std::span<const std::byte> bytes, std::size_t timestamp_bytes, std::uint64_t offset) {
  const std::uint64_t timestamp =
      timestamp_bytes == 8 ? load<std::uint64_t>(bytes, 1) : load<std::uint32_t>(bytes, 1);
  return {offset, timestamp, load<std::uint32_t>(bytes, 1 + timestamp_bytes)};
}

// How far a walk over the packet headers comes under one width of timestamps.
struct Walk {
  bool clean = true;  // every mark right, and the last packet ends where the file does
  std::size_t packets = 0;
};

Walk walk(const ByteSource& source,
          const Header& header,
          std::size_t timestamp_bytes,
          std::uint64_t offset) {
  constexpr std::size_t kEnough = 16;
  const std::size_t head = packet_header_bytes(timestamp_bytes);
  std::array<std::byte, kMostHeaderBytes> bytes = {};
  Walk result;
  while (offset < source.size() && result.packets < kEnough) {
    const bool whole = source.read(offset, std::span(bytes).first(head)) == head;
    if (!whole || bytes[0] != kPacketMark) {
      return {false, result.packets};
    }
    const Packet packet = decode(bytes, timestamp_bytes, offset);
    const std::uint64_t length = packet.samples * header.frame_bytes();
    if (length > source.size() - offset - head) {
      return {false, result.packets};
    }
    offset += head + length;
    ++result.packets;
  }
  return result;
}

// Specification 3.0 has timestamps of 64 bits, but recordings with 32 exist under its number. A
// walk that fits the file to its end decides. If neither or both do (a cut file), the width for
// which the first timestamp is sensible: 2^32 ticks are a day and a half unless ticks are
// nanoseconds.
std::size_t find_timestamp_bytes(const ByteSource& source, const Header& header) {
  const Walk narrow = walk(source, header, 4, header.header_bytes);
  const Walk wide = walk(source, header, 8, header.header_bytes);
  if (header.major < 3) {
    // So many marks in their places are no samples that look like them.
    constexpr std::size_t kNoChance = 3;
    if (!narrow.clean && (wide.clean || wide.packets >= kNoChance)) {
      fail(source,
           header.header_bytes,
           fmt::format("the data packets have timestamps of 64 bits, but the header says "
                       "specification {}.{}, which has 32: it belongs to another recording",
                       header.major,
                       header.minor));
    }
    return 4;
  }
  if (wide.clean != narrow.clean) {
    return wide.clean ? 8 : 4;
  }
  constexpr std::uint32_t kNanoseconds = 1'000'000'000;
  std::array<std::byte, kMostHeaderBytes> bytes = {};
  if (wide.clean || header.timestamp_resolution == kNanoseconds ||
      source.read(header.header_bytes, bytes) < bytes.size()) {
    return 8;
  }
  return load<std::uint32_t>(bytes, 5) == 0 ? 8 : 4;
}

void note_trailing(const ByteSource& source, Layout& layout, std::uint64_t offset) {
  layout.warnings.push_back(
      fmt::format("{}: at byte {}: the last {} bytes are not a whole packet and are left out",
                  source.name(),
                  offset,
                  source.size() - offset));
}

// Only the first header is read: the size of the file tells how many packets of one sample it
// holds.
Layout scan_single(const ByteSource& source, const Header& header, Layout layout) {
  const std::uint64_t packet = packet_header_bytes(layout.timestamp_bytes) + header.frame_bytes();
  const std::uint64_t bytes = source.size() - header.header_bytes;
  layout.single = true;
  layout.samples = bytes / packet;
  if (bytes % packet != 0) {
    note_trailing(source, layout, header.header_bytes + layout.samples * packet);
  }
  return layout;
}

// The packet at `packet.offset` claims more than is there, or nothing although more follows.
void cut_packet(const ByteSource& source,
                const Header& header,
                const Packet& packet,
                Layout& layout) {
  const std::uint64_t begin = packet.offset + packet_header_bytes(layout.timestamp_bytes);
  const std::uint64_t left = source.size() - begin;
  const std::uint64_t whole = left / header.frame_bytes();
  layout.cut = Layout::Cut{packet.offset, whole};
  layout.samples += whole;
  if (packet.samples == 0) {
    layout.warnings.push_back(
        fmt::format("{}: at byte {}: the last data packet was never closed (its number of samples "
                    "is 0); the {} "
                    "whole samples up to the end of the file are kept",
                    source.name(),
                    packet.offset,
                    whole));
  } else {
    layout.warnings.push_back(fmt::format(
        "{}: at byte {}: the last data packet is cut off: it announces {} samples, the {} "
        "whole ones are kept",
        source.name(),
        packet.offset,
        packet.samples,
        whole));
  }
}

// A packet of no samples that more follows. A recorder that died left it so, and samples follow;
// or it is empty, and another packet follows. A sample may look like that one's mark, so the rest
// of the file must fit; where it was cut off, the next packet begins within a minute.
bool is_unclosed(const ByteSource& source,
                 const Header& header,
                 const Packet& packet,
                 std::size_t timestamp_bytes) {
  constexpr std::uint64_t kMinute = 60;
  const std::size_t head = packet_header_bytes(timestamp_bytes);
  const std::uint64_t begin = packet.offset + head;
  if (walk(source, header, timestamp_bytes, begin).clean) {
    return false;
  }
  std::array<std::byte, kMostHeaderBytes> bytes = {};
  if (source.read(begin, std::span(bytes).first(head)) < head || bytes[0] != kPacketMark) {
    return true;
  }
  const std::uint64_t next = decode(bytes, timestamp_bytes, begin).timestamp;
  return next <= packet.timestamp ||
         next - packet.timestamp > kMinute * header.timestamp_resolution;
}

}  // namespace

Layout scan_packets(const ByteSource& source, const Header& header, bool assume_single) {
  Layout layout;
  layout.timestamp_bytes = find_timestamp_bytes(source, header);
  const std::size_t head = packet_header_bytes(layout.timestamp_bytes);
  std::array<std::byte, kMostHeaderBytes> bytes = {};
  std::uint64_t offset = header.header_bytes;
  for (bool first = true; offset < source.size(); first = false) {
    if (source.read(offset, std::span(bytes).first(head)) < head) {
      note_trailing(source, layout, offset);
      break;
    }
    if (bytes[0] != kPacketMark) {
      fail_mark(source, offset, bytes[0]);
    }
    const Packet packet = decode(bytes, layout.timestamp_bytes, offset);
    if (first) {
      layout.first_timestamp = packet.timestamp;
      if (packet.samples == 1 && assume_single && header.major >= 3) {
        return scan_single(source, header, layout);
      }
    }
    const std::uint64_t left = source.size() - offset - head;
    const std::uint64_t length = packet.samples * header.frame_bytes();
    const bool unclosed = packet.samples == 0 && left > 0 &&
                          is_unclosed(source, header, packet, layout.timestamp_bytes);
    if (length > left || unclosed) {
      cut_packet(source, header, packet, layout);
      break;
    }
    layout.samples += packet.samples;
    offset += head + length;
  }
  if (layout.samples == 0) {
    layout.warnings.push_back(fmt::format("{}: there are no samples", source.name()));
  }
  return layout;
}

Clock clock_of(const Header& header, const Layout& layout, double gap_s) {
  constexpr double kHour = 3600;
  constexpr double kMost = 1U << 30U;  // a quarter of what 32 bits count
  const double resolution = header.timestamp_resolution;
  const double hour = layout.timestamp_bytes == 4 ? std::min(kHour * resolution, kMost) : 0;
  return {header.ticks_per_sample(), gap_s * resolution, static_cast<std::int32_t>(hour)};
}

// The timestamp as if it had 64 bits. It has wrapped where it then lies within an hour of the end
// of the packet before; one that lies elsewhere and before is that of a clock that was reset.
std::uint64_t PieceList::time_of(const Packet& packet, double expected) const {
  constexpr double kFar = std::uint64_t{1} << 62U;  // beyond which no sum here is exact
  const bool far = static_cast<double>(last_.timestamp) + expected > kFar;
  if (clock_.hour == 0 || pieces_.empty() || far) {
    return packet.timestamp;
  }
  const std::uint64_t end = last_.timestamp + static_cast<std::uint64_t>(std::llround(expected));
  const auto off = static_cast<std::int32_t>(static_cast<std::uint32_t>(packet.timestamp - end));
  const std::int64_t time = static_cast<std::int64_t>(end) + off;
  if (time >= 0 && std::abs(std::int64_t{off}) <= clock_.hour) {
    return static_cast<std::uint64_t>(time);
  }
  const std::uint64_t unwrapped = (last_.timestamp >> 32U << 32U) + packet.timestamp;
  return unwrapped >= last_.timestamp ? unwrapped : packet.timestamp;
}

void PieceList::add(const Packet& packet) {
  if (packet.samples == 0) {
    return;
  }
  const double expected = static_cast<double>(last_.samples) * clock_.ticks_per_sample;
  const std::uint64_t time = time_of(packet, expected);
  // The difference of the timestamps is exact; the timestamps themselves need not be as doubles.
  const auto gone = static_cast<double>(static_cast<std::int64_t>(time - last_.timestamp));
  const double late = gone - expected;
  const bool follows = !pieces_.empty() &&
                       (std::abs(late) < clock_.ticks_per_sample || std::abs(late) <= clock_.gap);
  if (!pieces_.empty() && !follows && late < 0) {
    first_overlap_ = overlaps_ == 0 ? packet.offset : first_overlap_;
    ++overlaps_;
  }
  if (follows) {
    pieces_.back().count += packet.samples;
  } else {
    if (pieces_.size() == kMost) {
      throw KernelError(fmt::format(
          "{}: at byte {}: more than {} pauses: the timestamps of its packets are corrupt",
          name_,
          packet.offset,
          kMost));
    }
    pieces_.push_back({samples_, time, packet.samples});
  }
  samples_ += packet.samples;
  last_ = packet;
  last_.timestamp = time;
}

std::string PieceList::overlap_warning() const {
  return overlaps_ == 0
             ? ""
             : fmt::format(
                   "{}: {} data packet{} before the end in time of the one before (the first at "
                   "byte {}): the clock was reset, or the recordings overlap; all samples "
                   "are kept, in the order of the file",
                   name_,
                   overlaps_,
                   overlaps_ == 1 ? " begins" : "s begin",
                   first_overlap_);
}

PacketReader::PacketReader(const ByteSource& source,
                           const Header& header,
                           const Layout& layout,
                           std::size_t buffer_bytes,
                           double gap_s)
    : source_(source),
      header_(header),
      layout_(layout),
      pieces_(source.name(), clock_of(header, layout, gap_s)),
      buffer_(std::max(buffer_bytes, header.frame_bytes() + kMostHeaderBytes)),
      file_offset_(header.header_bytes) {}

// Makes at least `bytes` available at begin_; false when the file has no more.
bool PacketReader::hold(std::size_t bytes) {
  if (end_ - begin_ >= bytes) {
    return true;
  }
  std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  end_ += source_.read(file_offset_ + end_, std::span(buffer_).subspan(end_));
  return end_ >= bytes;
}

// Steps onto the next packet, which may hold no samples; false at the end of the recording.
bool PacketReader::next_packet() {
  const std::size_t head = packet_header_bytes(layout_.timestamp_bytes);
  if (samples_read_ == layout_.samples) {
    return false;
  }
  if (!hold(head)) {
    fail(source_, file_offset_, "the file became shorter while it was read");
  }
  const std::span<const std::byte> bytes = std::span(buffer_).subspan(begin_, head);
  Packet packet = decode(bytes, layout_.timestamp_bytes, file_offset_);
  if (layout_.single && (bytes[0] != kPacketMark || packet.samples != 1)) {
    throw NotSingle{};
  }
  if (bytes[0] != kPacketMark) {
    fail_mark(source_, file_offset_, bytes[0]);
  }
  if (layout_.cut && layout_.cut->offset == packet.offset) {
    packet.samples = layout_.cut->samples;
  }
  if (packet.samples > layout_.samples - samples_read_) {
    fail(source_, packet.offset, "the file changed while it was read");
  }
  begin_ += head;
  file_offset_ += head;
  in_packet_ = packet.samples;
  pieces_.add(packet);
  return true;
}

const std::vector<const std::byte*>& PacketReader::frames(std::size_t most) {
  const std::size_t frame = header_.frame_bytes();
  const std::size_t head = packet_header_bytes(layout_.timestamp_bytes);
  frames_.clear();
  while (frames_.size() < most) {
    // Filling the buffer again would move the frames that are already pointed at.
    const std::size_t needed = in_packet_ == 0 ? head : frame;
    if (!frames_.empty() && end_ - begin_ < needed) {
      break;
    }
    if (in_packet_ == 0) {
      if (!next_packet()) {
        break;
      }
      continue;
    }
    if (!hold(frame)) {
      fail(source_, file_offset_, "the file became shorter while it was read");
    }
    const auto taken =
        std::min<std::uint64_t>({in_packet_, (end_ - begin_) / frame, most - frames_.size()});
    for (std::uint64_t i = 0; i < taken; ++i) {
      frames_.push_back(buffer_.data() + begin_ + i * frame);
    }
    begin_ += taken * frame;
    file_offset_ += taken * frame;
    in_packet_ -= taken;
    samples_read_ += taken;
  }
  return frames_;
}

}  // namespace wfr::nsx
