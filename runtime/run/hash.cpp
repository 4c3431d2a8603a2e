// XXH3-128, inlined: nothing to link or to carry to the nodes.
#include "runtime/run/hash.hpp"

#include <array>
#include <cstring>

#include <fmt/format.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace wfr {

void Hasher::append(const char* bytes, std::size_t size) {
  if (all_.empty() && size <= first_.size() - size_) {
    std::memcpy(first_.data() + size_, bytes, size);
    size_ += size;
    return;
  }
  if (all_.empty()) all_.assign(first_.data(), size_);
  all_.append(bytes, size);
}

Hasher& Hasher::add(std::string_view bytes) {
  add(static_cast<std::uint64_t>(bytes.size()));
  append(bytes.data(), bytes.size());
  return *this;
}

Hasher& Hasher::add(std::uint64_t number) {
  std::array<char, sizeof number> raw{};
  std::memcpy(raw.data(), &number, sizeof number);
  append(raw.data(), raw.size());
  return *this;
}

Hasher& Hasher::add(const Key& key) {
  return add(key.low).add(key.high);
}

Key Hasher::digest() const {
  const bool few = all_.empty();
  const XXH128_hash_t hash =
      XXH3_128bits(few ? first_.data() : all_.data(), few ? size_ : all_.size());
  return Key{hash.low64, hash.high64};
}

std::string to_hex(const Key& key) {
  return fmt::format("{:016x}{:016x}", key.high, key.low);
}

}  // namespace wfr
