// XXH3-128, inlined: nothing to link or to carry to the nodes.
#include "runtime/run/hash.hpp"

#include <array>
#include <cstring>

#include <fmt/format.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace wfr {

Hasher& Hasher::add(std::string_view bytes) {
  add(static_cast<std::uint64_t>(bytes.size()));
  bytes_ += bytes;
  return *this;
}

Hasher& Hasher::add(std::uint64_t number) {
  std::array<char, sizeof number> raw{};
  std::memcpy(raw.data(), &number, sizeof number);
  bytes_.append(raw.data(), raw.size());
  return *this;
}

Hasher& Hasher::add(const Key& key) {
  return add(key.low).add(key.high);
}

Key Hasher::digest() const {
  const XXH128_hash_t hash = XXH3_128bits(bytes_.data(), bytes_.size());
  return Key{hash.low64, hash.high64};
}

std::string to_hex(const Key& key) {
  return fmt::format("{:016x}{:016x}", key.high, key.low);
}

}  // namespace wfr
