// Runs a fuzz target over the files that are given, without libFuzzer: the kept corpus, and a fixed
// number of edits of each of its files, the same every time.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

namespace fs = std::filesystem;

std::string bytes_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

void run(const std::string& bytes) {
  // A copy of its own size, so that the sanitizers see what is read behind the end.
  const std::vector<std::uint8_t> copy(bytes.begin(), bytes.end());
  LLVMFuzzerTestOneInput(copy.data(), copy.size());
}

// Overwrites, inserts, removes or repeats a few bytes.
std::string edited(std::string bytes, std::mt19937& random) {
  const auto below = [&](std::size_t end) { return static_cast<std::size_t>(random()) % end; };
  for (std::size_t edits = 1 + below(4); edits > 0; --edits) {
    if (bytes.empty()) return std::string(1, static_cast<char>(below(256)));
    const std::size_t at = below(bytes.size());
    const std::size_t length = 1 + below(std::min<std::size_t>(bytes.size() - at, 16));
    switch (below(4)) {
      case 0:
        bytes[at] = static_cast<char>(below(256));
        break;
      case 1:
        bytes.insert(at, 1, static_cast<char>(below(256)));
        break;
      case 2:
        bytes.erase(at, length);
        break;
      default:
        bytes.insert(below(bytes.size()), bytes.substr(at, length));
        break;
    }
  }
  return bytes;
}

}  // namespace

int main(int count, char** words) {
  const char* const wish = std::getenv("WFC_FUZZ_EDITS");
  const int edits = wish != nullptr ? std::atoi(wish) : 20;
  constexpr unsigned kSeed = 1;
  std::vector<fs::path> files;
  for (int i = 1; i < count; ++i) {
    for (const fs::directory_entry& entry : fs::directory_iterator(words[i])) {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  std::mt19937 random(kSeed);
  for (const fs::path& file : files) {
    const std::string bytes = bytes_of(file);
    run(bytes);
    for (int i = 0; i < edits; ++i) run(edited(bytes, random));
  }
  std::printf("%zu files, %d edits of each, seed %u\n", files.size(), edits, kSeed);
  // An empty corpus is a mistake in the call.
  return files.empty() ? 1 : 0;
}
