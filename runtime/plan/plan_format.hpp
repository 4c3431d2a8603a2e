// The bytes of plan.wfp: a header, a table of sections, and the sections, each on 8 bytes.
// docs/reference/plan-format.md says the same for readers in other languages.
#pragma once

#include "runtime/plan/plan.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

namespace wfr {

inline constexpr std::uint64_t kPlanMagic =
    0x0a4e4c5052465789;  // "\x89WFRPLN\n" in little-endian order
inline constexpr std::uint32_t kPlanVersion = 6;

// All numbers are little-endian; the machines that Slurm runs on are.
struct PlanHeader {
  std::uint64_t magic = kPlanMagic;
  std::uint32_t version = kPlanVersion;
  std::uint32_t sections = 0;
  std::uint64_t file_size = 0;
  std::uint64_t content_low = 0;  // XXH3-128 of every byte after the header
  std::uint64_t content_high = 0;
  std::array<std::uint64_t, 2> reserved{};
  std::uint64_t table_hash = 0;  // XXH3-64 of the header before this field and of the section table
};
static_assert(sizeof(PlanHeader) == 64 && std::is_trivially_copyable_v<PlanHeader>);

enum class SectionKind : std::uint32_t {
  Head = 1,         // JSON
  LevelNamesBegin,  // u64; first: level
  LevelNames,       // bytes; first: level
  LevelParent,      // u32; first: level
  LevelChildren,    // u32; first: level, second: child level
  ColumnBegin,      // u64; first: level, second: column
  ColumnBytes,      // bytes; first: level, second: column
  InstanceBits,     // u64; first: step
  InstanceRank,     // u32; first: step
  Edges,            // 5 x u32 an edge: from, to, via, kind, 1 if it has pairs
  MapBits,          // u64; first: block map
  MapRank,          // u32; first: block map
  MapBegin,         // u32; first: block map
  ArrayIndices,     // 2 x u32 a range; first: job array
  ProducersBegin,   // u32; first: edge with pairs
  Producers,        // u32; first: edge with pairs
  ConsumersBegin,   // u32; first: edge with pairs
  Consumers,        // u32; first: edge with pairs
  MapOrder,         // u32; first: block map
  MapBlock,         // u32; first: block map
};

struct SectionEntry {
  std::uint32_t kind = 0;
  std::uint32_t first = 0;
  std::uint32_t second = 0;
  std::uint32_t element_size = 0;
  std::uint64_t offset = 0;  // from the start of the file, a multiple of 8
  std::uint64_t count = 0;   // elements
};
static_assert(sizeof(SectionEntry) == 32 && std::is_trivially_copyable_v<SectionEntry>);

// Puts sections together. Empty arrays make no section.
class SectionWriter {
 public:
  template <class T>
  void add(SectionKind kind,
           std::span<const T> values,
           std::size_t first = 0,
           std::size_t second = 0) {
    static_assert(std::is_trivially_copyable_v<T>);
    add_bytes(kind,
              {reinterpret_cast<const char*>(values.data()), values.size_bytes()},
              sizeof(T),
              {static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(second)});
  }
  // Lays the file out and fills in the header.
  [[nodiscard]] std::string finish() const;

 private:
  struct Owner {
    std::uint32_t first = 0;
    std::uint32_t second = 0;
  };
  void add_bytes(SectionKind kind,
                 std::span<const char> bytes,
                 std::size_t element_size,
                 Owner owner);

  std::vector<SectionEntry> table_;           // offsets are set by finish()
  std::vector<std::span<const char>> bytes_;  // of the caller, who keeps them
};

// Finds sections in a file whose header and table have been checked by the constructor.
class SectionReader {
 public:
  // Throws PlanError. `bytes` starts on a multiple of 8.
  explicit SectionReader(std::span<const char> bytes);
  [[nodiscard]] const PlanHeader& header() const { return header_; }
  // Empty when there is no such section.
  template <class T>
  [[nodiscard]] std::span<const T> get(SectionKind kind,
                                       std::size_t first = 0,
                                       std::size_t second = 0) const {
    const std::span<const char> found = find(kind, sizeof(T), first, second);
    return {reinterpret_cast<const T*>(found.data()), found.size() / sizeof(T)};
  }

 private:
  [[nodiscard]] std::span<const char> find(SectionKind kind,
                                           std::size_t element_size,
                                           std::size_t first,
                                           std::size_t second) const;

  std::span<const char> bytes_;
  PlanHeader header_;
  std::vector<SectionEntry> table_;  // sorted by kind, first, second
};

// Sets sizes and hashes of a header whose magic, version and number of sections are right, for the
// bytes that follow it.
void seal_plan_bytes(std::string& bytes);

// The 32 hexadecimal digits of a header.
std::string plan_hash_text(const PlanHeader& header);

}  // namespace wfr
