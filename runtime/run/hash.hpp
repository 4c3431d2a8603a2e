// XXH3-128 over a sequence of values, each delimited, so that ("ab", "c") is not ("a", "bc").
#pragma once

#include "runtime/plan/state.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace wfr {

// Collects the bytes and hashes them once: what a task's key is made of is short.
class Hasher {
 public:
  Hasher& add(std::string_view bytes);  // its length, then the bytes
  Hasher& add(std::uint64_t number);
  Hasher& add(const Key& key);
  [[nodiscard]] Key digest() const;

 private:
  void append(const char* bytes, std::size_t size);

  // The first bytes are kept here: most keys and fingerprints are no longer.
  std::array<char, 256> first_;
  std::size_t size_ = 0;  // of those, until there are more
  std::string all_;       // once there are
};

// 32 hexadecimal digits, high half first.
std::string to_hex(const Key& key);

}  // namespace wfr
