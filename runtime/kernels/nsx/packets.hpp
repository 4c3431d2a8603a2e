// The data packets of an NSx recording: where they lie, what is whole, where the pauses are.
//
// A packet is a byte 0x01, a timestamp (u32; u64 in specification 3.0), a u32 number of samples and
// that many frames; a frame is one i16 for each channel in the order of the headers. A pause of the
// recording begins a new packet. Systems synchronised by PTP write 3.0 with one sample a packet and
// timestamps in nanoseconds.
#pragma once

#include "runtime/kernels/nsx/header.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace wfr::nsx {

// What a look at the packet headers tells before any sample is read.
struct Layout {
  std::size_t timestamp_bytes = 4;
  std::uint64_t samples = 0;          // whole frames in the file
  std::uint64_t first_timestamp = 0;  // [ticks]
  // Set when every packet is taken to hold one sample: then only the first header has been read,
  // and PacketReader verifies the others as they pass.
  bool single = false;
  // Of the last packet, when it does not hold what its header says.
  struct Cut {
    std::uint64_t offset;   // of the packet
    std::uint64_t samples;  // whole frames that are there
  };
  std::optional<Cut> cut;
  std::vector<std::string> warnings;  // for the log: what was missing or strange
};

// Hops from header to header. Throws KernelError (file, byte offset, reason) on what is no packet.
// `assume_single` as in Layout; without it every header is read.
Layout scan_packets(const ByteSource& source, const Header& header, bool assume_single = true);

struct Packet {
  std::uint64_t offset;
  std::uint64_t timestamp;  // [ticks]
  std::uint64_t samples;    // whole frames, after any cut
};

// An uninterrupted piece of the recording.
struct Piece {
  std::uint64_t start;      // sample in the file, pauses not counted
  std::uint64_t timestamp;  // [ticks]
  std::uint64_t count;      // [samples]
};

// How the timestamps of a recording are to be read.
struct Clock {
  double ticks_per_sample = 1;
  double gap = 0;         // [ticks] packets this much early or late are no pause
  std::int32_t hour = 0;  // [ticks] of timestamps of 32 bits; 0: they have 64 and never wrap
};

// `gap_s`: as the parameter `gap` of nsx.split.
Clock clock_of(const Header& header, const Layout& layout, double gap_s);

// Joins packets that follow each other without a pause: closer than one sample to where the one
// before ended (the clock of PTP systems jitters), or than the clock's gap. Timestamps of 32 bits
// wrap (after 39.8 h at 30 kHz): the pieces' go on. Bounded: more pauses than kMost are corruption.
class PieceList {
 public:
  static constexpr std::size_t kMost = 1U << 18U;

  // `name` of the recording, for messages.
  PieceList(std::string name, Clock clock) : name_(std::move(name)), clock_(clock) {}
  // Throws KernelError when there are more than kMost.
  void add(const Packet& packet);
  [[nodiscard]] const std::vector<Piece>& pieces() const { return pieces_; }
  // Packets that begin before the one before them ended; empty if there are none.
  [[nodiscard]] std::string overlap_warning() const;

 private:
  [[nodiscard]] std::uint64_t time_of(const Packet& packet, double expected) const;

  std::string name_;
  Clock clock_;
  std::uint64_t samples_ = 0;
  Packet last_ = {};
  std::vector<Piece> pieces_;
  std::uint64_t overlaps_ = 0;
  std::uint64_t first_overlap_ = 0;
};

// Reads a recording once, from its first packet to its last, in big sequential pieces.
class PacketReader {
 public:
  // `buffer_bytes` is raised to hold one frame and a packet's header.
  PacketReader(const ByteSource& source,
               const Header& header,
               const Layout& layout,
               std::size_t buffer_bytes,
               double gap_s = 0);

  // Up to `most` frames that lie in the buffer, as pointers to their first byte; they are valid
  // until the next call. Fewer at the end of what is buffered, none at the end of the recording.
  // Throws KernelError on what is no packet; NotSingle when Layout::single was an error.
  const std::vector<const std::byte*>& frames(std::size_t most);
  [[nodiscard]] const PieceList& pieces() const { return pieces_; }
  [[nodiscard]] std::uint64_t samples_read() const { return samples_read_; }

 private:
  bool next_packet();
  bool hold(std::size_t bytes);

  const ByteSource& source_;
  const Header& header_;
  const Layout& layout_;
  PieceList pieces_;
  std::vector<std::byte> buffer_;
  std::vector<const std::byte*> frames_;
  std::uint64_t file_offset_;    // of buffer_[begin_]
  std::size_t begin_ = 0;        // of what is not used yet
  std::size_t end_ = 0;          // of what is filled
  std::uint64_t in_packet_ = 0;  // frames left in the current packet
  std::uint64_t samples_read_ = 0;
};

// The recording does not have one sample a packet after all: scan every header, then read again.
struct NotSingle {};

}  // namespace wfr::nsx
