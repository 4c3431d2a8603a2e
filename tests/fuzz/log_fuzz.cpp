// libFuzzer: whatever is in a log, every whole record in it is found and nothing else, also behind
// damage, and a slot may point anywhere. Half of the inputs are payloads that this test frames.
#include "runtime/plan/record_bytes.hpp"
#include "runtime/plan/state.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <unistd.h>
#include <xxhash.h>

namespace {

namespace fs = std::filesystem;

struct Place {
  fs::path dir;
  Place() {
    std::string name = (fs::temp_directory_path() / "wfc-fuzz-log-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) std::abort();
    dir = name;
  }
  ~Place() {
    std::error_code ignored;
    fs::remove_all(dir, ignored);
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
};

std::string framed(const std::string& payload) {
  const std::uint32_t frame[2] = {static_cast<std::uint32_t>(payload.size()),
                                  XXH32(payload.data(), payload.size(), 0)};
  return std::string(reinterpret_cast<const char*>(frame), sizeof(frame)) + payload;
}

// Pieces of a record's least length and a little more, each framed, some cut short; `whole` counts
// those that a reader must find.
std::string framed_pieces(const std::string& input, std::size_t& whole) {
  constexpr std::size_t kFixed = 96;
  std::string bytes;
  for (std::size_t at = 0; at + 1 < input.size();) {
    const auto how = static_cast<std::uint8_t>(input[at]);
    const std::string payload = input.substr(at + 1, kFixed + how % 32U);
    at += 1 + payload.size();
    const std::string piece = framed(payload);
    if (how >= 128) {
      bytes += piece.substr(0, piece.size() / 2);
    } else {
      bytes += piece;
      const auto record = wfr::record_from_bytes(payload);
      // Parts of lists are seen with the record that names them only.
      if (record && record->kind != wfr::RecordKind::Files) ++whole;
    }
  }
  return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Place place;
  const std::string input(reinterpret_cast<const char*>(data), size);
  std::size_t whole = 0;
  const bool frames = size > 0 && data[0] % 2 == 1;
  const std::string bytes = frames ? framed_pieces(input.substr(1), whole) : input;
  std::ofstream(place.dir / "host-boot", std::ios::binary | std::ios::trunc) << bytes;
  std::size_t found = 0;
  wfr::read_logs(place.dir, [&](const wfr::Record& record) {
    ++found;
    // What was read is written and read again.
    const auto again = wfr::record_from_bytes(wfr::record_to_bytes(record));
    if (!again || again->message != record.message || again->node != record.node ||
        again->owned != record.owned || again->before != record.before) {
      std::abort();
    }
  });
  if (found < whole) std::abort();
  wfr::Slot slot;
  const std::string name = place.dir.parent_path().filename().string() + "/host-boot";
  slot.log_file = XXH32(name.data(), name.size(), 0);
  for (const std::uint64_t offset :
       {std::uint64_t{0}, std::uint64_t{size / 2}, ~std::uint64_t{0}}) {
    slot.log_offset = offset;
    static_cast<void>(wfr::read_record(place.dir, slot));
  }
  return 0;
}
