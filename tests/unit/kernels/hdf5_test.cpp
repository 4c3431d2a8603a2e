// HDF5 files: streaming, conversion, attributes, tables, same bytes, and error texts.
#include "runtime/kernels/hdf5/file.hpp"
#include "runtime/kernels/kernel.hpp"

#include <filesystem>
#include <fstream>
#include <numeric>
#include <sstream>

#include <catch2/catch.hpp>
#include <unistd.h>

namespace wfr::hdf5 {
namespace {

namespace fs = std::filesystem;

struct Folder {
  fs::path path = fs::temp_directory_path() / ("wfc_hdf5_test." + std::to_string(::getpid()));
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
  [[nodiscard]] std::string operator/(const char* name) const { return (path / name).string(); }
};

std::string bytes_of(const std::string& path) {
  std::ostringstream bytes;
  bytes << std::ifstream(path, std::ios::binary).rdbuf();
  return bytes.str();
}

std::vector<float> ramp(std::size_t count) {
  std::vector<float> values(count);
  std::iota(values.begin(), values.end(), 0.5F);
  return values;
}

// Writes `values` cut into pieces of `piece`.
void write_pieces(const std::string& path, const std::vector<float>& values, std::size_t piece) {
  File file = File::create(path);
  Dataset data = file.create_dataset("data", Element::Float32, 100);
  data.set_attribute("units", std::string_view("uV"));
  for (std::size_t at = 0; at < values.size(); at += piece) {
    data.append(std::span<const float>(values).subspan(at, std::min(piece, values.size() - at)));
  }
  data.close();
  file.close();
}

TEST_CASE("what is appended in pieces reads back from anywhere") {
  const Folder folder;
  const auto piece = GENERATE(as<std::size_t>{}, 1, 7, 100, 250, 1000, 5000);
  const std::vector<float> values = ramp(1234);
  write_pieces(folder / "a.h5", values, piece);
  const File file = File::open(folder / "a.h5");
  const Dataset data = file.open_dataset("data");
  REQUIRE(data.size() == 1234);
  CHECK(data.element() == Element::Float32);
  std::vector<float> read(1234);
  data.read(0, std::span(read));
  CHECK(read == values);
  std::vector<double> some(3);
  data.read(1231, std::span(some));
  CHECK(some == std::vector<double>{1231.5, 1232.5, 1233.5});
  CHECK_THROWS_WITH(data.read(1232, std::span(some)),
                    Catch::Contains("dataset `data` has 1234 values: 3 from 1232 on"));
}

TEST_CASE("the bytes depend neither on time nor on the pieces") {
  const Folder folder;
  const std::vector<float> values = ramp(1234);
  write_pieces(folder / "a.h5", values, 1234);
  const std::string first = bytes_of(folder / "a.h5");
  for (const std::size_t piece : {1U, 99U, 640U}) {
    write_pieces(folder / "other_name.h5", values, piece);
    CHECK(bytes_of(folder / "other_name.h5") == first);
  }
}

TEST_CASE("attributes of each kind, replaced and missing") {
  const Folder folder;
  {
    File file = File::create(folder / "a.h5");
    Dataset data = file.create_dataset("data", Element::Int16, 10);
    data.set_attribute("rate", 30000.5);
    data.set_attribute("rate", 1000.25);
    data.set_attribute("channel", std::int64_t{-9});
    data.set_attribute("label", std::string_view(""));
    data.set_attribute("long", std::string_view(std::string(100'000, 'x')));
    data.set_attribute("bytes", std::string_view("\xff\xfe caf\xc3\xa9"));
    data.close();
    file.close();
  }
  const File file = File::open(folder / "a.h5");
  const Dataset data = file.open_dataset("data");
  CHECK(data.number_attribute("rate") == 1000.25);
  CHECK(data.number_attribute("channel") == -9);
  CHECK(data.text_attribute("label") == "");
  CHECK(data.text_attribute("long") == std::string(100'000, 'x'));
  CHECK(data.text_attribute("bytes") == "\xff\xfe caf\xc3\xa9");
  CHECK_FALSE(data.number_attribute("none"));
  CHECK_FALSE(data.text_attribute("none"));
  CHECK_THROWS_WITH(data.number_attribute("label"), Catch::Contains("is not one number"));
  CHECK_THROWS_WITH(data.text_attribute("rate"), Catch::Contains("is not one text"));
}

TEST_CASE("tables keep their columns by name") {
  const Folder folder;
  const std::vector<std::string_view> columns = {"start", "count"};
  {
    File file = File::create(folder / "a.h5");
    file.write_table("t", columns, std::vector<std::uint64_t>{0, 10, 10, 20, ~0ULL, 5});
    file.set_attribute("t", "rate", 2.5);
    file.write_table("empty", columns, {});
    file.close();
  }
  const File file = File::open(folder / "a.h5");
  CHECK(file.number_attribute("t", "rate") == 2.5);
  CHECK(file.read_table("t", std::vector<std::string_view>{"count"}) ==
        std::vector<std::uint64_t>{10, 20, 5});
  CHECK(file.read_table("t", std::vector<std::string_view>{"count", "start"}) ==
        std::vector<std::uint64_t>{10, 0, 20, 10, 5, ~0ULL});
  CHECK(file.read_table("empty", columns).empty());
  CHECK_THROWS_WITH(file.read_table("t", std::vector<std::string_view>{"none"}),
                    Catch::Contains("it has no column `none`"));
  CHECK(file.has("t"));
  CHECK_FALSE(file.has("u"));
}

TEST_CASE("a dataset with its chunks placed is filled by plain writes") {
  const Folder folder;
  const auto size = GENERATE(as<std::uint64_t>{}, 0, 5, 64, 130, 6400);
  const std::string path = folder / "a.h5";
  std::vector<ChunkPlace> places;
  {
    File file = File::create(path);
    Dataset data = file.allocate_dataset("data", Element::Int16, size, 64);
    places = data.places();
    data.close();
    file.close();
  }
  REQUIRE(places.size() == (size + 63) / 64);
  std::fstream raw(path, std::ios::binary | std::ios::in | std::ios::out);
  for (std::uint64_t i = 0; i < size; ++i) {
    const ChunkPlace& place = places[i / 64];
    raw.seekp(static_cast<std::streamoff>(place.file_offset + 2 * (i - place.begin)));
    const auto value = static_cast<std::int16_t>(3 * i);
    raw.write(reinterpret_cast<const char*>(&value), 2);
  }
  raw.close();
  const File file = File::open(path);
  std::vector<std::int16_t> read(size);
  file.open_dataset("data").read(0, std::span(read));
  for (std::uint64_t i = 0; i < size; ++i) {
    REQUIRE(read[i] == static_cast<std::int16_t>(3 * i));
  }
}

TEST_CASE("errors name the file and HDF5's reason") {
  const Folder folder;
  CHECK_THROWS_WITH(File::open(folder / "none.h5"),
                    "cannot open " + (folder / "none.h5") + ": No such file or directory");
  CHECK_THROWS_WITH(File::create("/nonexistent/x.h5"),
                    "cannot create /nonexistent/x.h5: No such file or directory");
  std::ofstream(folder / "text.h5") << "not hdf5, but long enough to be looked at";
  CHECK_THROWS_WITH(File::open(folder / "text.h5"), Catch::Contains("file signature not found"));
  write_pieces(folder / "a.h5", ramp(10), 10);
  CHECK_THROWS_WITH(File::open(folder / "a.h5").open_dataset("other"),
                    Catch::Contains("a.h5: cannot open dataset `other`: "));
}

TEST_CASE("a truncated file is an error, not a crash") {
  const Folder folder;
  write_pieces(folder / "a.h5", ramp(5000), 5000);
  fs::resize_file(folder / "a.h5", fs::file_size(folder / "a.h5") / 2);
  CHECK_THROWS_AS(File::open(folder / "a.h5"), KernelError);
}

}  // namespace
}  // namespace wfr::hdf5
