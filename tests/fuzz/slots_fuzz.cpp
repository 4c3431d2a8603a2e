// libFuzzer: whatever is in a file of slots, a slot is believed only with its checksum, one by one
// and in ranges alike, and what is written is read back.
#include "runtime/plan/state.hpp"
#include "tests/fuzz/memory_file.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <cstring>

#include <xxhash.h>

namespace {

using wfr::Slot;

bool same(const Slot& a, const Slot& b) {
  return std::memcmp(&a, &b, sizeof(Slot)) == 0;
}

// The first byte says which slots get the right checksum: without it all would be refused.
void seal(std::vector<std::uint8_t>& bytes, std::uint8_t which) {
  for (std::size_t i = 0; (i + 1) * sizeof(Slot) <= bytes.size(); ++i) {
    if (((std::uint32_t{which} >> (i % 8U)) & 1U) == 0) continue;
    std::uint8_t* const slot = bytes.data() + i * sizeof(Slot);
    const std::uint32_t checksum = XXH32(slot, offsetof(Slot, checksum), 0);
    std::memcpy(slot + offsetof(Slot, checksum), &checksum, sizeof(checksum));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const wfr::test::MemoryFile file;
  std::vector<std::uint8_t> bytes(data + std::min<std::size_t>(size, 1), data + size);
  seal(bytes, size > 0 ? data[0] : std::uint8_t{0});
  file.fill(bytes.data(), bytes.size());
  // Beyond the end of the file there are tasks too.
  const auto count = static_cast<std::uint32_t>(bytes.size() / sizeof(Slot) + 3);
  const wfr::SlotFile slots(file.path(), count, false);
  const std::vector<Slot> all = slots.read_range({0, count});
  for (std::uint32_t i = 0; i < count; ++i) {
    const Slot slot = slots.read(i);
    if (!same(slot, all[i])) std::abort();
    if (slot.verdict > wfr::Verdict::Cancelled) std::abort();
    if (same(slot, Slot{})) continue;
    if (slot.checksum != XXH32(&slot, offsetof(Slot, checksum), 0)) std::abort();
  }
  wfr::SlotFile writable(file.path(), count, true);
  Slot slot = all[0];
  slot.verdict = wfr::Verdict::Done;
  writable.write_many({{0, slot}, {count - 1, slot}});
  if (slots.read(0).verdict != wfr::Verdict::Done ||
      slots.read(count - 1).verdict != wfr::Verdict::Done) {
    std::abort();
  }
  return 0;
}
