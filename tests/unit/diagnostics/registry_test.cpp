// Every kind of diagnostic has a code of its own, a golden case and a page entry.
#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/diagnostics/explain.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <catch2/catch.hpp>

namespace wfc {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return std::move(text).str();
}

TEST_CASE("codes are unique and find their kind") {
  std::set<std::string> codes;
  for (const KindInfo& info : all_kinds()) {
    const std::string code = kind_code(info.kind);
    INFO(code);
    CHECK(codes.insert(code).second);
    CHECK(parse_kind(code) == info.kind);
    CHECK(kind_info(info.kind).name == info.name);
    CHECK_FALSE(info.title.empty());
  }
  CHECK(parse_kind("wfc2001") == Kind::UnknownKey);
  CHECK(parse_kind("2001") == Kind::UnknownKey);
  for (const char* wrong : {"", "WFC", "WFC0", "WFC2001x", "2001 ", "-1"}) {
    CHECK_FALSE(parse_kind(wrong).has_value());
  }
}

TEST_CASE("every kind has a golden case that prints it") {
  std::set<std::string> shown;
  const fs::path cases = fs::path(WFC_SOURCE_DIR) / "tests/golden/diagnostics";
  for (const fs::directory_entry& entry : fs::directory_iterator(cases)) {
    const std::string name = entry.path().filename().string();
    constexpr std::size_t kPrefix = 4;  // "bad_"
    constexpr std::size_t kCode = 7;    // "WFCnnnn"
    if (name.compare(0, kPrefix, "bad_") != 0) continue;
    const std::string code = name.substr(kPrefix, kCode);
    INFO(name);
    CHECK(parse_kind(code).has_value());
    CHECK_THAT(read(entry.path() / "expected.txt"), Catch::Contains("[" + code + "]"));
    shown.insert(code);
  }
  for (const KindInfo& info : all_kinds()) {
    INFO(kind_code(info.kind) << " " << info.name << " has no folder bad_" << kind_code(info.kind)
                              << "_*");
    CHECK(shown.count(kind_code(info.kind)) == 1);
  }
}

TEST_CASE("every kind has a page entry with its title, and every entry a kind") {
  std::set<std::string> headings;
  for (const std::string_view page : diagnostic_pages()) {
    std::istringstream lines{std::string(page)};
    for (std::string line; std::getline(lines, line);) {
      if (line.compare(0, 6, "## WFC") == 0) CHECK(headings.insert(line).second);
    }
  }
  CHECK(headings.size() == all_kinds().size());
  for (const KindInfo& info : all_kinds()) {
    const std::string heading = "## " + kind_code(info.kind) + " " + std::string(info.title);
    INFO(heading);
    CHECK(headings.count(heading) == 1);
    const std::string text = explanation(info.kind);
    CHECK_THAT(text, Catch::StartsWith(kind_code(info.kind) + " "));
    CHECK(std::count(text.begin(), text.end(), '\n') > 2);
  }
}

}  // namespace
}  // namespace wfc
