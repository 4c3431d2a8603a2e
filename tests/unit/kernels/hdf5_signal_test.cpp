// Signal files: what a writer says is what a reader hears.
#include "runtime/kernels/hdf5/signal.hpp"
#include "runtime/kernels/kernel.hpp"

#include <filesystem>

#include <catch2/catch.hpp>
#include <unistd.h>

namespace wfr::hdf5 {
namespace {

namespace fs = std::filesystem;

struct TemporaryFile {
  std::string path =
      (fs::temp_directory_path() / ("wfc_signal_test." + std::to_string(::getpid()))).string();
  ~TemporaryFile() { fs::remove(path); }
};

SignalInfo sample_info() {
  SignalInfo info;
  info.rate = 30000;
  info.units = "uV";
  info.channel = 9;
  info.label = "raw 9";
  info.scale = 0.25;
  info.offset = -1;
  info.start_sample = 12345678901;
  info.provenance = R"({"kernel":"nsx.split"})";
  return info;
}

const std::vector<std::int16_t> kSamples = {-8, 0, 4, 32767, -32768};

void write_sample(const std::string& path, const Segments& segments) {
  SignalWriter writer(path, Element::Int16, sample_info());
  writer.append(std::span<const std::int16_t>(kSamples));
  writer.finish(segments);
}

TEST_CASE("a signal reads back with all that is known about it") {
  const TemporaryFile file;
  write_sample(file.path, {{{0, 100, 2}, {2, 500, 3}}, 1e9});
  const SignalReader reader(file.path);
  const SignalInfo expected = sample_info();
  CHECK(reader.info().rate == expected.rate);
  CHECK(reader.info().units == expected.units);
  CHECK(reader.info().channel == expected.channel);
  CHECK(reader.info().label == expected.label);
  CHECK(reader.info().scale == expected.scale);
  CHECK(reader.info().offset == expected.offset);
  CHECK(reader.info().start_sample == expected.start_sample);
  CHECK(reader.info().provenance == expected.provenance);
  REQUIRE(reader.segments().pieces.size() == 2);
  CHECK(reader.segments().pieces[1].start == 2);
  CHECK(reader.segments().pieces[1].timestamp == 500);
  CHECK(reader.segments().pieces[1].count == 3);
  CHECK(reader.segments().timestamp_rate == 1e9);
}

TEST_CASE("values are physical or as stored") {
  const TemporaryFile file;
  write_sample(file.path, {{{0, 0, 5}}, 30000});
  const SignalReader reader(file.path);
  std::vector<float> physical(5);
  reader.read(0, std::span(physical));
  CHECK(physical == std::vector<float>{-3, -1, 0, 8190.75, -8193});
  std::vector<double> last(1);
  reader.read(4, std::span(last));
  CHECK(last[0] == -8193);
  std::vector<std::int16_t> raw(5);
  reader.read_raw(0, std::span(raw));
  CHECK(raw == kSamples);
}

TEST_CASE("without a table of segments the signal is one piece") {
  const TemporaryFile path;
  {
    File file = File::create(path.path);
    Dataset data = file.create_dataset("data", Element::Int16, 10);
    data.set_attribute("rate", 1000.0);
    data.append(std::span<const std::int16_t>(kSamples));
    data.close();
    file.close();
  }
  const SignalReader reader(path.path);
  REQUIRE(reader.segments().pieces.size() == 1);
  CHECK(reader.segments().pieces[0].count == 5);
  CHECK(reader.segments().timestamp_rate == 1000);
  CHECK(reader.info().scale == 1);
}

TEST_CASE("segments that do not fit the data are refused") {
  const TemporaryFile file;
  const Segments segments = GENERATE(Segments{{{0, 0, 4}}, 30000},
                                     Segments{{{0, 0, 6}}, 30000},
                                     Segments{{{1, 0, 4}}, 30000},
                                     Segments{{{0, 0, 3}, {2, 9, 2}}, 30000},
                                     Segments{{{0, 0, ~0ULL}}, 30000},
                                     Segments{{{0, 0, 5}}, 0});
  write_sample(file.path, segments);
  CHECK_THROWS_AS(SignalReader(file.path), KernelError);
}

TEST_CASE("what is no signal is refused") {
  const TemporaryFile path;
  {
    File file = File::create(path.path);
    Dataset data = file.create_dataset("data", Element::Int16, 10);
    data.close();
    file.close();
  }
  CHECK_THROWS_WITH(SignalReader(path.path), Catch::Contains("no attribute `rate` [Hz] above 0"));
  File::create(path.path).close();
  CHECK_THROWS_WITH(SignalReader(path.path), Catch::Contains("there is no dataset /data"));
}

}  // namespace
}  // namespace wfr::hdf5
