// XXH3-128 over a sequence of values, each delimited, so that ("ab", "c") is not ("a", "bc").
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "runtime/plan/state.hpp"

namespace wfr {

class Hasher {
 public:
  Hasher();
  ~Hasher();
  Hasher(const Hasher& other);
  Hasher& operator=(const Hasher&) = delete;

  Hasher& add(std::string_view bytes);  // its length, then the bytes
  Hasher& add(std::uint64_t number);
  Hasher& add(const Key& key);
  [[nodiscard]] Key digest() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// 32 hexadecimal digits, high half first.
std::string to_hex(const Key& key);

}  // namespace wfr
