// Data packets: pauses, cuts, widths of timestamps, one sample a packet, corruption.
#include "runtime/kernels/kernel.hpp"
#include "runtime/kernels/nsx/packets.hpp"
#include "tests/unit/kernels/nsx_memory.hpp"

#include <catch2/catch.hpp>

namespace wfr::nsx {
namespace {

struct Read {
  Layout layout;
  std::vector<std::int16_t> first_channel;
  std::vector<Piece> pieces;
  std::string overlap;
};

Read read_all(const ByteSource& source,
              std::size_t buffer,
              bool assume_single = true,
              double gap_s = 0) {
  const Header header = read_header(source);
  Read result{scan_packets(source, header, assume_single), {}, {}, ""};
  PacketReader reader(source, header, result.layout, buffer, gap_s);
  for (auto frames = reader.frames(5); !frames.empty(); frames = reader.frames(5)) {
    for (const std::byte* frame : frames) {
      result.first_channel.push_back(load<std::int16_t>(std::span(frame, header.frame_bytes()), 0));
    }
  }
  result.pieces = reader.pieces().pieces();
  result.overlap = reader.pieces().overlap_warning();
  return result;
}

std::string error_of(std::vector<std::byte> bytes) {
  try {
    read_all(MemorySource(std::move(bytes)), 64);
  } catch (const KernelError& error) {
    return error.what();
  }
  return "";
}

std::vector<std::int16_t> counting(int count) {
  std::vector<std::int16_t> values;
  for (int i = 0; i < count; ++i) {
    values.push_back(static_cast<std::int16_t>(100 * i));
  }
  return values;
}

// Two channels, packets of 7 and 5 samples with a pause of 100 samples between.
std::vector<std::byte> paused(std::uint8_t major, std::size_t timestamp_bytes) {
  std::vector<std::byte> bytes = encode_header(sample_header(2, major, major == 3 ? 0 : 3));
  add_head(bytes, timestamp_bytes, 50, 7);
  add_frames(bytes, 2, 0, 7);
  add_head(bytes, timestamp_bytes, 157, 5);
  add_frames(bytes, 2, 7, 5);
  return bytes;
}

TEST_CASE("packets with a pause, whatever the buffer") {
  const auto buffer = GENERATE(as<std::size_t>{}, 1, 10, 17, 64, 4096);
  const auto [major, width] = GENERATE(table<int, int>({{2, 4}, {3, 4}, {3, 8}}));
  const MemorySource source(
      paused(static_cast<std::uint8_t>(major), static_cast<std::size_t>(width)));
  const Read read = read_all(source, buffer);
  CHECK(read.layout.timestamp_bytes == static_cast<std::size_t>(width));
  CHECK(read.layout.samples == 12);
  CHECK(read.layout.first_timestamp == 50);
  CHECK(read.layout.warnings.empty());
  CHECK_FALSE(read.layout.cut);
  CHECK(read.first_channel == counting(12));
  REQUIRE(read.pieces.size() == 2);
  CHECK(read.pieces[0].count == 7);
  CHECK(read.pieces[1].start == 7);
  CHECK(read.pieces[1].timestamp == 157);
  CHECK(read.pieces[1].count == 5);
  CHECK(read.overlap.empty());
}

TEST_CASE("every byte is read once, but for the heads of packets") {
  std::vector<std::byte> bytes = encode_header(sample_header(10));
  add_head(bytes, 4, 0, 3000);
  add_frames(bytes, 10, 0, 3000);
  const MemorySource source(bytes);
  const Header header = read_header(source);
  const Layout layout = scan_packets(source, header);
  const std::uint64_t before = source.bytes_read();
  PacketReader reader(source, header, layout, 1000);
  while (!reader.frames(7).empty()) {
  }
  CHECK(reader.samples_read() == 3000);
  CHECK(source.bytes_read() - before == bytes.size() - header.header_bytes);
}

TEST_CASE("packets that follow without a pause are one piece") {
  std::vector<std::byte> bytes = encode_header(sample_header(1));
  add_head(bytes, 4, 0, 3);
  add_frames(bytes, 1, 0, 3);
  add_head(bytes, 4, 3, 4);
  add_frames(bytes, 1, 3, 4);
  const Read read = read_all(MemorySource(bytes), 64);
  REQUIRE(read.pieces.size() == 1);
  CHECK(read.pieces[0].count == 7);
}

TEST_CASE("a clock that goes back is told and nothing is lost") {
  std::vector<std::byte> bytes = encode_header(sample_header(1));
  add_head(bytes, 4, 1000, 3);
  add_frames(bytes, 1, 0, 3);
  add_head(bytes, 4, 0, 4);
  add_frames(bytes, 1, 3, 4);
  add_head(bytes, 4, 2, 1);
  add_frames(bytes, 1, 7, 1);
  const Read read = read_all(MemorySource(bytes), 64);
  CHECK(read.first_channel == counting(8));
  CHECK(read.pieces.size() == 3);
  CHECK(read.overlap.find("2 data packets begin before the end in time") != std::string::npos);
  CHECK(read.overlap.find("at byte 395") != std::string::npos);
}

TEST_CASE("a cut last packet keeps its whole samples") {
  std::vector<std::byte> bytes = paused(2, 4);
  bytes.resize(bytes.size() - 5);  // one frame and a byte
  const Read read = read_all(MemorySource(bytes), 64);
  CHECK(read.layout.samples == 10);
  CHECK(read.first_channel == counting(10));
  REQUIRE(read.layout.warnings.size() == 1);
  CHECK(read.layout.warnings[0] ==
        "memory.ns5: at byte 483: the last data packet is cut off: it announces 5 samples, the 3 "
        "whole ones are kept");
  CHECK(read.pieces.back().count == 3);
}

TEST_CASE("a cut head of a packet is left out") {
  std::vector<std::byte> bytes = paused(2, 4);
  add_head(bytes, 4, 900, 5);
  bytes.resize(bytes.size() - 1);
  const Read read = read_all(MemorySource(bytes), 64);
  CHECK(read.first_channel == counting(12));
  REQUIRE(read.layout.warnings.size() == 1);
  CHECK(read.layout.warnings[0].find("the last 8 bytes are not a whole packet") !=
        std::string::npos);
}

TEST_CASE("a packet that was never closed reaches to the end of the file") {
  std::vector<std::byte> bytes = encode_header(sample_header(2));
  add_head(bytes, 4, 0, 0);
  add_frames(bytes, 2, 0, 6);
  const Read read = read_all(MemorySource(bytes), 64);
  CHECK(read.first_channel == counting(6));
  REQUIRE(read.layout.warnings.size() == 1);
  CHECK(read.layout.warnings[0].find("never closed") != std::string::npos);
}

// 1 in the low byte of the first sample looks like the mark of a packet.
TEST_CASE("samples of a packet that was never closed are no packet") {
  const auto width = GENERATE(as<std::size_t>{}, 4, 8);
  const auto first = GENERATE(as<std::vector<std::int16_t>>{},
                              std::vector<std::int16_t>{1, 0, 0, 0, 0, 0, 0, 0},
                              std::vector<std::int16_t>{1, 1, 1, 1, 1, 1, 1, 1},
                              std::vector<std::int16_t>{257, -3, 40, 1, -257, 9, 1, 1},
                              std::vector<std::int16_t>{1, 2, 3, 0, 0, 0, 0, 0});
  std::vector<std::byte> bytes =
      encode_header(sample_header(1, width == 8 ? 3 : 2, width == 8 ? 0 : 3));
  add_head(bytes, width, 60, 3);
  add_frames(bytes, 1, 7, 3);
  add_head(bytes, width, 63, 0);
  for (int i = 0; i < 50; ++i) {
    bytes.resize(bytes.size() + 2);
    store(std::span(bytes).last(2), 0, first[static_cast<std::size_t>(i) % first.size()]);
  }
  const Read read = read_all(MemorySource(bytes), 64);
  CHECK(read.layout.samples == 53);
  REQUIRE(read.first_channel.size() == 53);
  CHECK(std::equal(first.begin(), first.end(), read.first_channel.begin() + 3));
  REQUIRE(read.layout.warnings.size() == 1);
  CHECK(read.layout.warnings[0].find("never closed") != std::string::npos);
}

TEST_CASE("an empty packet before one that is cut off") {
  std::vector<std::byte> bytes = encode_header(sample_header(2));
  add_head(bytes, 4, 30, 0);
  add_head(bytes, 4, 31, 100);
  add_frames(bytes, 2, 0, 6);
  const Read read = read_all(MemorySource(bytes), 64);
  CHECK(read.first_channel == counting(6));
  REQUIRE(read.layout.warnings.size() == 1);
  CHECK(read.layout.warnings[0].find("announces 100 samples") != std::string::npos);
}

TEST_CASE("a header of an old version over packets of a new one") {
  std::vector<std::byte> bytes = paused(3, 8);
  bytes[8] = std::byte{2};
  bytes[9] = std::byte{3};
  CHECK(error_of(bytes) ==
        "memory.ns5: at byte 446: the data packets have timestamps of 64 bits, but the header says "
        "specification 2.3, which has 32: it belongs to another recording");
}

TEST_CASE("a gap joins what a jittered clock puts apart") {
  std::vector<std::byte> bytes = encode_header(sample_header(1));
  for (const auto& [time, first] :
       std::vector<std::pair<std::uint64_t, int>>{{0, 0}, {13, 3}, {11, 6}, {60, 9}}) {
    add_head(bytes, 4, time, 3);
    add_frames(bytes, 1, first, 3);
  }
  const MemorySource source(bytes);
  const Read strict = read_all(source, 64);
  CHECK(strict.pieces.size() == 4);
  CHECK(strict.overlap.find("1 data packet begins before") != std::string::npos);
  // 10 ticks late, 5 early, then 46 late; 10 ticks are 1/3000 s.
  const Read joined = read_all(source, 64, true, 10.0 / 30000);
  REQUIRE(joined.pieces.size() == 2);
  CHECK(joined.pieces[0].count == 9);
  CHECK(joined.pieces[1].timestamp == 60);
  CHECK(joined.overlap.empty());
  CHECK(read_all(source, 64, true, 1).pieces.size() == 1);
}

TEST_CASE("timestamps of 32 bits go on where they wrap") {
  constexpr std::uint64_t kWrap = std::uint64_t{1} << 32U;
  std::vector<std::byte> bytes = encode_header(sample_header(1));
  const std::uint64_t begin = kWrap - 5;
  // On without a pause over the wrap, a pause, another wrap, and a clock that was reset.
  for (const auto& [time, first] :
       std::vector<std::pair<std::uint64_t, int>>{{begin, 0},
                                                  {begin + 3, 3},
                                                  {begin + 6, 6},
                                                  {begin + 1000, 9},
                                                  {2 * kWrap - 200'000'000, 12},
                                                  {2 * kWrap - 100'000'000, 15},
                                                  {2 * kWrap + 7, 18},
                                                  {2'000'000'000, 21},
                                                  {5, 24}}) {
    add_head(bytes, 4, time % kWrap, 3);
    add_frames(bytes, 1, first, 3);
  }
  const Read read = read_all(MemorySource(bytes), 64);
  CHECK(read.first_channel == counting(27));
  std::vector<std::uint64_t> times;
  for (const Piece& piece : read.pieces) {
    times.push_back(piece.timestamp);
  }
  CHECK(times == std::vector<std::uint64_t>{begin,
                                            begin + 1000,
                                            2 * kWrap - 200'000'000,
                                            2 * kWrap - 100'000'000,
                                            2 * kWrap + 7,
                                            2 * kWrap + 2'000'000'000,
                                            5});
  CHECK(read.overlap.find("1 data packet begins before") != std::string::npos);
}

TEST_CASE("empty packets and recordings without samples") {
  std::vector<std::byte> bytes = encode_header(sample_header(2));
  CHECK(read_all(MemorySource(bytes), 64).layout.samples == 0);
  add_head(bytes, 4, 0, 0);
  CHECK(read_all(MemorySource(bytes), 64).layout.samples == 0);
  add_head(bytes, 4, 10, 2);
  add_frames(bytes, 2, 0, 2);
  add_head(bytes, 4, 20, 0);
  const Read read = read_all(MemorySource(bytes), 64);
  CHECK(read.first_channel == counting(2));
  CHECK(read.pieces.size() == 1);
}

// PTP: 64-bit nanoseconds, one sample a packet, 30 kHz with a jitter below a sample.
std::vector<std::byte> single_samples(int count, int pause_after) {
  Header header = sample_header(2, 3, 0);
  header.timestamp_resolution = 1'000'000'000;
  std::vector<std::byte> bytes = encode_header(header);
  std::uint64_t time = 1'700'000'000'000'000'000ULL;
  for (int i = 0; i < count; ++i) {
    add_head(bytes, 8, time + (i % 2 == 0 ? 9000U : 0U), 1);
    add_frames(bytes, 2, i, 1);
    time += i == pause_after ? 1'000'000'000 : 33333;
  }
  return bytes;
}

TEST_CASE("one sample a packet makes few pieces") {
  const auto buffer = GENERATE(as<std::size_t>{}, 1, 18, 50, 4096);
  const bool assume_single = GENERATE(true, false);
  const Read read = read_all(MemorySource(single_samples(40, 24)), buffer, assume_single);
  CHECK(read.layout.single == assume_single);
  CHECK(read.layout.samples == 40);
  CHECK(read.first_channel == counting(40));
  REQUIRE(read.pieces.size() == 2);
  CHECK(read.pieces[0].count == 25);
  CHECK(read.pieces[1].timestamp > 1'700'000'001'000'000'000ULL);
}

TEST_CASE("one sample a packet, cut") {
  std::vector<std::byte> bytes = single_samples(10, 100);
  bytes.resize(bytes.size() - 3);
  const Read read = read_all(MemorySource(bytes), 64);
  CHECK(read.layout.samples == 9);
  REQUIRE(read.layout.warnings.size() == 1);
  CHECK(read.layout.warnings[0].find("the last 14 bytes") != std::string::npos);
}

TEST_CASE("a first packet of one sample does not make the others so") {
  std::vector<std::byte> bytes = encode_header(sample_header(2, 3, 0));
  add_head(bytes, 8, 0, 1);
  add_frames(bytes, 2, 0, 1);
  add_head(bytes, 8, 100, 9);
  add_frames(bytes, 2, 1, 9);
  const MemorySource source(bytes);
  CHECK_THROWS_AS(read_all(source, 64), NotSingle);
  CHECK(read_all(source, 64, false).first_channel == counting(10));
}

TEST_CASE("corrupt packets are refused with offset and reason") {
  std::vector<std::byte> bytes = paused(2, 4);
  bytes[483] = std::byte{0x7F};
  CHECK(error_of(bytes).find("memory.ns5: at byte 483: a data packet begins with the byte 0x7f") ==
        0);
  bytes = paused(2, 4);
  bytes[446] = std::byte{0};
  CHECK(error_of(bytes).find("at byte 446: a data packet begins with the byte 0x00") !=
        std::string::npos);
  // A count that is one too low: the next packet is looked for in the samples.
  bytes = paused(2, 4);
  store(std::span(bytes), 451, std::uint32_t{6});
  CHECK(error_of(bytes).find("counts too many or too few samples") != std::string::npos);
}

TEST_CASE("an absurd count is a cut packet, not an allocation") {
  std::vector<std::byte> bytes = paused(2, 4);
  store(std::span(bytes), 451, std::numeric_limits<std::uint32_t>::max());
  const Layout layout = [&] {
    const MemorySource source(bytes);
    return scan_packets(source, read_header(source));
  }();
  REQUIRE(layout.cut);
  CHECK(layout.samples == (bytes.size() - 455) / 4);
  CHECK(layout.warnings[0].find("announces 4294967295 samples") != std::string::npos);
}

TEST_CASE("more pauses than a recording can have are corruption") {
  PieceList pieces("x.ns5", {});
  for (std::uint64_t i = 0; i < PieceList::kMost; ++i) {
    pieces.add({i, 10 * i, 1});
  }
  CHECK_THROWS_WITH(pieces.add({99, 0, 1}),
                    Catch::Contains("x.ns5: at byte 99: more than 262144 pauses"));
}

}  // namespace
}  // namespace wfr::nsx
