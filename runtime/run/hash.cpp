// XXH3-128, inlined: nothing to link or to carry to the nodes.
#include "runtime/run/hash.hpp"

#include <fmt/format.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace wfr {

// The state must be aligned to 64 bytes, which `new` of an aligned type sees to.
struct Hasher::State {
  XXH3_state_t xxh;
};

Hasher::Hasher() : state_(std::make_unique<State>()) { XXH3_128bits_reset(&state_->xxh); }
Hasher::~Hasher() = default;
Hasher::Hasher(const Hasher& other) : state_(std::make_unique<State>()) {
  XXH3_copyState(&state_->xxh, &other.state_->xxh);
}

Hasher& Hasher::add(std::string_view bytes) {
  add(static_cast<std::uint64_t>(bytes.size()));
  XXH3_128bits_update(&state_->xxh, bytes.data(), bytes.size());
  return *this;
}

Hasher& Hasher::add(std::uint64_t number) {
  XXH3_128bits_update(&state_->xxh, &number, sizeof number);
  return *this;
}

Hasher& Hasher::add(const Key& key) { return add(key.low).add(key.high); }

Key Hasher::digest() const {
  const XXH128_hash_t hash = XXH3_128bits_digest(&state_->xxh);
  return Key{hash.low64, hash.high64};
}

std::string to_hex(const Key& key) { return fmt::format("{:016x}{:016x}", key.high, key.low); }

}  // namespace wfr
