// The proof shares no code with what it proves.
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include <catch2/catch.hpp>

namespace wfc {
namespace {

namespace fs = std::filesystem;

// Headers of the project that a file includes, directly or through others.
void collect(const fs::path& root, const fs::path& file, std::set<std::string>& found) {
  std::ifstream stream(root / file);
  REQUIRE(stream.good());
  for (std::string line; std::getline(stream, line);) {
    constexpr std::string_view kInclude = "#include \"";
    if (!line.starts_with(kInclude)) continue;
    const std::string header = line.substr(kInclude.size(), line.rfind('"') - kInclude.size());
    // kinds.def, and what is included below another name.
    if (!fs::exists(root / header) || !found.insert(header).second) continue;
    collect(root, header, found);
  }
}

}  // namespace

TEST_CASE("verify includes nothing of the emitter") {
  const fs::path root = WFC_SOURCE_DIR;
  std::set<std::string> found;
  std::size_t files = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator(root / "compiler/slurm")) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with("verify")) continue;
    ++files;
    collect(root, fs::path("compiler/slurm") / name, found);
  }
  CHECK(files > 10);
  for (const std::string& header : found) {
    INFO(header);
    const bool own = header.starts_with("compiler/slurm/verify");
    const bool plan = header.starts_with("runtime/plan/");
    CHECK((own || plan || header.starts_with("compiler/diagnostics/")));
  }
}

}  // namespace wfc
