// NSx headers: what is read, and what is said about corrupt ones.
#include "runtime/kernels/kernel.hpp"
#include "tests/unit/kernels/nsx_memory.hpp"

#include <catch2/catch.hpp>

namespace wfr::nsx {
namespace {

std::string error_of(std::vector<std::byte> bytes) {
  try {
    read_header(MemorySource(std::move(bytes)));
  } catch (const KernelError& error) {
    return error.what();
  }
  return "";
}

// The header of two channels with one field changed.
template <typename T>
std::string error_with(std::size_t offset, T value) {
  std::vector<std::byte> bytes = encode_header(sample_header(2));
  store(std::span(bytes), offset, value);
  return error_of(std::move(bytes));
}

TEST_CASE("a header reads back as it was written") {
  Header header = sample_header(3, 3, 0);
  header.comment = "a comment";
  header.period = 30;
  header.timestamp_resolution = 1'000'000'000;
  header.time_origin = {2018, 11, 1, 5, 9, 30, 15, 250};
  header.channels[2].label = "sixteen bytes ok";
  header.channels[2].connector = 255;
  const Header read = read_header(MemorySource(encode_header(header)));
  CHECK(read.file_type == "BRSMPGRP");
  CHECK(read.major == 3);
  CHECK(read.header_bytes == 314 + 3 * 66);
  CHECK(read.group == header.group);
  CHECK(read.comment == header.comment);
  CHECK(read.time_origin == header.time_origin);
  CHECK(read.rate() == 1000);
  CHECK(read.ticks_per_sample() == 1e6);
  CHECK(read.frame_bytes() == 6);
  REQUIRE(read.channels.size() == 3);
  CHECK(read.channels[2].label == "sixteen bytes ok");
  CHECK(read.channels[2].electrode == 3);
  CHECK(read.channels[2].units == "uV");
  CHECK(read.channels[2].array_name() == "array256");
}

TEST_CASE("the scale follows from the digital and analog ranges") {
  Channel channel = sample_header(1).channels[0];
  CHECK(channel.scale() == 8191.0 / 32764.0);
  CHECK(channel.offset() == 0);
  channel.digital_min = 0;
  channel.digital_max = 1000;
  channel.analog_min = -5000;
  channel.analog_max = 5000;
  CHECK(channel.scale() == 10);
  CHECK(channel.offset() == -5000);
}

TEST_CASE("the channel's number is the last one in its label, else the electrode's") {
  Channel channel;
  channel.electrode = 77;
  const auto number = [&](const char* label) {
    channel.label = label;
    return channel.number();
  };
  CHECK(number("raw 9") == 9);
  CHECK(number("raw 009") == 9);
  CHECK(number("elec1-32") == 32);
  CHECK(number("chan12") == 12);
  CHECK(number("12") == 12);
  CHECK(number("ainp") == 77);
  CHECK(number("") == 77);
  CHECK(number("9999999999") == 77);
  CHECK(number("x999999999") == 999999999);
  channel.label = "raw 9";
  CHECK(channel.channel_name() == "channel009");
  channel.label = "raw 1024";
  CHECK(channel.channel_name() == "channel1024");
}

TEST_CASE("what is no recording is refused with its file, offset and reason") {
  CHECK(error_of({}) ==
        "memory.ns5: at byte 0: the file ends inside its basic header of 314 bytes");
  CHECK(error_of(std::vector<std::byte>(313)) ==
        "memory.ns5: at byte 313: the file ends inside its basic header of 314 bytes");
  CHECK(error_of(std::vector<std::byte>(400)).find("file type `` is none of") != std::string::npos);
  CHECK(error_with<std::uint8_t>(0, 0x1B).find("file type `?EURALCD`") != std::string::npos);
  CHECK(error_with<std::uint8_t>(8, 4) ==
        "memory.ns5: at byte 8: specification 4.3 is none of 2.2, 2.3, 3.0");
}

TEST_CASE("the old NEURALSG type is named as such") {
  std::vector<std::byte> bytes = encode_header(sample_header(1));
  bytes[6] = std::byte{'S'};
  bytes[7] = std::byte{'G'};
  CHECK(error_of(bytes).find("NEURALSG (specification 2.1) is not supported") != std::string::npos);
}

TEST_CASE("absurd sizes and counts are refused") {
  CHECK(error_with<std::uint32_t>(310, 0) ==
        "memory.ns5: at byte 310: 0 channels: it must be 1 to 65535");
  CHECK(error_with<std::uint32_t>(310, 0xFFFFFFFFU).find("4294967295 channels") !=
        std::string::npos);
  CHECK(error_with<std::uint32_t>(310, 3) ==
        "memory.ns5: at byte 10: the headers are said to take 446 bytes, but those of 3 channels "
        "take 512");
  CHECK(error_with<std::uint32_t>(10, 447) ==
        "memory.ns5: at byte 10: the headers are said to take 447 bytes, but the file has 446");
  CHECK(error_with<std::uint32_t>(10, 0).find("take 0 bytes") != std::string::npos);
  CHECK(error_with<std::uint32_t>(286, 0).find("the sampling period is 0") != std::string::npos);
  CHECK(error_with<std::uint32_t>(290, 0).find("resolution of timestamps is 0") !=
        std::string::npos);
}

TEST_CASE("a channel's header is checked where it stands") {
  CHECK(error_with<std::uint8_t>(380, 'X') ==
        "memory.ns5: at byte 380: the header of channel 2 of the file begins with `XC` instead of "
        "`CC`");
  CHECK(error_with<std::int16_t>(314 + 24, -32764) ==
        "memory.ns5: at byte 336: electrode 1 has the digital range -32764 to -32764: its scale "
        "cannot be computed");
}

TEST_CASE("headers may be longer than their channels need") {
  std::vector<std::byte> bytes = encode_header(sample_header(1));
  store(std::span(bytes), 10, static_cast<std::uint32_t>(bytes.size() + 20));
  bytes.resize(bytes.size() + 20);
  CHECK(read_header(MemorySource(bytes)).header_bytes == 400);
}

TEST_CASE("files that cannot be read are named") {
  CHECK_THROWS_WITH(FileSource("/nonexistent/a.ns5"),
                    "cannot open /nonexistent/a.ns5: No such file or directory");
  CHECK_THROWS_WITH(FileSource("/"), "cannot open /: it is a directory, not a file");
}

}  // namespace
}  // namespace wfr::nsx
