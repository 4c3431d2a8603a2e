// Little-endian numbers in raw bytes, unaligned, whatever the machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

namespace wfr::nsx {

template <typename T>
T load(std::span<const std::byte> bytes, std::size_t offset) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    value |= static_cast<std::uint64_t>(bytes[offset + i]) << (8 * i);
  }
  return static_cast<T>(value);
}

template <typename T>
void store(std::span<std::byte> bytes, std::size_t offset, T value) {
  const auto bits = static_cast<std::uint64_t>(static_cast<std::make_unsigned_t<T>>(value));
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    bytes[offset + i] = static_cast<std::byte>((bits >> (8 * i)) & 0xFFU);
  }
}

}  // namespace wfr::nsx
