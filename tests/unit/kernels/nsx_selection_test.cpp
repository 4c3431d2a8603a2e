// Which channels a split makes, under which names, and which clashes are errors.
#include "runtime/kernels/nsx/selection.hpp"
#include "tests/unit/kernels/nsx_memory.hpp"

#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

namespace wfr::nsx {
namespace {

using nlohmann::json;

std::string names_of(const std::vector<Selected>& selected) {
  std::string text;
  for (const Selected& one : selected) {
    text += one.names[0] + "/" + one.names[1] + " ";
  }
  return text;
}

std::vector<Selected> select(const json& list, std::vector<Recording> recordings) {
  return select_channels(ChannelSet(list), recordings);
}

TEST_CASE("all channels, by the connector and the number in the label") {
  const auto all = select(json::array(), {{"a.ns5", sample_header(4)}});
  CHECK(names_of(all) ==
        "array01/channel001 array01/channel002 array02/channel003 "
        "array02/channel004 ");
  CHECK(all[3].channel == 3);
}

TEST_CASE("names are sorted, whatever the order in the file") {
  Header header = sample_header(2);
  std::swap(header.channels[0], header.channels[1]);
  const auto all = select(json::array(), {{"a.ns5", header}});
  CHECK(names_of(all) == "array01/channel001 array01/channel002 ");
  CHECK(all[0].channel == 1);
}

TEST_CASE("a selection of numbers and ranges") {
  CHECK(names_of(select({"2-3", "1"}, {{"a.ns5", sample_header(4)}})) ==
        "array01/channel001 array01/channel002 array02/channel003 ");
  CHECK_THROWS_WITH(
      select({"2", "7-9"}, {{"a.ns5", sample_header(4)}}),
      "channels: no channel has a number in `7-9`; the 4 channels are numbered 1 to 4");
}

TEST_CASE("a selection that cannot be read") {
  for (const char* text : {"", "x", "1-", "-3", "1-2-3", "1.5", " 1", "99999999999"}) {
    INFO(text);
    CHECK_THROWS_WITH(ChannelSet(json::array({text})),
                      Catch::Contains("neither a number (\"40\") nor a range (\"1-32\")"));
  }
  CHECK_THROWS_WITH(ChannelSet(json::array({"9-3"})),
                    "channels: the range `9-3` ends before it begins");
}

TEST_CASE("two channels of one name are an error that names both") {
  Header header = sample_header(2);
  header.channels[1].label = "hi-res 1";
  CHECK_THROWS_WITH(
      select(json::array(), {{"a.ns5", header}}),
      "two channels have the name array01/channel001: electrode 1 (label `raw 1`, connector 0) of "
      "a.ns5, and electrode 2 (label `hi-res 1`, connector 0) of a.ns5");
  header.channels[1].connector = 7;
  CHECK(names_of(select(json::array(), {{"a.ns5", header}})) ==
        "array01/channel001 array08/channel001 ");
}

TEST_CASE("several recordings must be disjoint") {
  Header second = sample_header(2);
  second.channels[0].label = "raw 11";
  second.channels[1].label = "raw 12";
  CHECK(names_of(select(json::array(), {{"a.ns5", sample_header(2)}, {"b.ns5", second}})) ==
        "array01/channel001 array01/channel002 array01/channel011 array01/channel012 ");
  CHECK_THROWS_WITH(
      select(json::array(), {{"a.ns5", sample_header(2)}, {"b.ns5", sample_header(1)}}),
      Catch::Contains("of a.ns5, and electrode 1") && Catch::Contains("of b.ns5"));
}

TEST_CASE("discover reads headers only") {
  const std::filesystem::path path =
      std::filesystem::temp_directory_path() / "wfc_nsx_selection_test.ns5";
  const std::vector<std::byte> bytes = encode_header(sample_header(3));
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  const KernelDecl* split = find_kernel("nsx.split");
  REQUIRE(split != nullptr);
  json params = {{"channels", {"2-3"}}};
  REQUIRE(complete_params(*split, params).empty());
  const std::vector<std::string> inputs = {path.string()};
  const std::vector<MadeNames> made = split->discover(params, inputs);
  CHECK(made == std::vector<MadeNames>{{"array01", "channel002"}, {"array02", "channel003"}});
  std::filesystem::remove(path);
  CHECK_THROWS_WITH(split->discover(params, inputs), Catch::Contains("cannot open"));
}

}  // namespace
}  // namespace wfr::nsx
