// Header and section table of a plan file.
#include "runtime/plan/plan_format.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstring>
#include <tuple>

#include <xxhash.h>

namespace wfr {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::size_t kAlignment = 8;

std::size_t aligned(std::size_t size) {
  return (size + kAlignment - 1) / kAlignment * kAlignment;
}

std::tuple<std::uint32_t, std::uint32_t, std::uint32_t> place(const SectionEntry& entry) {
  return {entry.kind, entry.first, entry.second};
}

std::uint64_t table_hash(const PlanHeader& header, const char* table) {
  std::string bytes(reinterpret_cast<const char*>(&header), offsetof(PlanHeader, table_hash));
  bytes.append(table, header.sections * sizeof(SectionEntry));
  return XXH3_64bits(bytes.data(), bytes.size());
}

}  // namespace

void SectionWriter::add_bytes(SectionKind kind,
                              std::span<const char> bytes,
                              std::size_t element_size,
                              Owner owner) {
  if (bytes.empty()) return;
  SectionEntry entry;
  entry.kind = static_cast<std::uint32_t>(kind);
  entry.first = owner.first;
  entry.second = owner.second;
  entry.element_size = static_cast<std::uint32_t>(element_size);
  entry.count = bytes.size() / element_size;
  table_.push_back(entry);
  bytes_.push_back(bytes);
}

std::string SectionWriter::finish() const {
  PlanHeader header;
  header.sections = static_cast<std::uint32_t>(table_.size());
  std::vector<SectionEntry> table = table_;
  std::size_t size = sizeof(PlanHeader) + table.size() * sizeof(SectionEntry);
  for (SectionEntry& entry : table) {
    entry.offset = size;
    size = aligned(size + entry.count * entry.element_size);
  }
  std::sort(
      table.begin(), table.end(), [](const auto& a, const auto& b) { return place(a) < place(b); });

  std::string file(size, '\0');
  if (!table.empty()) {
    std::memcpy(
        file.data() + sizeof(PlanHeader), table.data(), table.size() * sizeof(SectionEntry));
  }
  std::size_t offset = sizeof(PlanHeader) + table.size() * sizeof(SectionEntry);
  for (const std::span<const char> bytes : bytes_) {
    std::memcpy(file.data() + offset, bytes.data(), bytes.size());
    offset = aligned(offset + bytes.size());
  }
  std::memcpy(file.data(), &header, sizeof(header));
  seal_plan_bytes(file);
  return file;
}

SectionReader::SectionReader(std::span<const char> bytes) : bytes_(bytes) {
  if (bytes.size() < sizeof(PlanHeader)) throw PlanError("it is too short for a plan");
  std::memcpy(&header_, bytes.data(), sizeof(header_));
  if (header_.magic != kPlanMagic) throw PlanError("it is not a plan");
  if (header_.version != kPlanVersion) {
    throw PlanError("it has format version " + std::to_string(header_.version) +
                    ", this wfr reads version " + std::to_string(kPlanVersion));
  }
  if (header_.file_size != bytes.size()) {
    throw PlanError("it has " + std::to_string(bytes.size()) + " bytes instead of " +
                    std::to_string(header_.file_size));
  }
  if (header_.sections > (bytes.size() - sizeof(PlanHeader)) / sizeof(SectionEntry)) {
    throw PlanError("its section table is longer than the file");
  }
  const char* table = bytes.data() + sizeof(PlanHeader);
  if (header_.table_hash != table_hash(header_, table)) {
    throw PlanError("its header is damaged");
  }
  table_.resize(header_.sections);
  if (!table_.empty()) std::memcpy(table_.data(), table, table_.size() * sizeof(SectionEntry));
  for (const SectionEntry& entry : table_) {
    const bool inside = entry.offset % kAlignment == 0 && entry.offset <= bytes.size() &&
                        entry.element_size > 0 &&
                        entry.count <= (bytes.size() - entry.offset) / entry.element_size;
    if (!inside) throw PlanError("a section lies outside the file");
  }
  const bool ordered =
      std::is_sorted(table_.begin(), table_.end(), [](const auto& a, const auto& b) {
        return place(a) < place(b);
      });
  if (!ordered) throw PlanError("its section table is not in order");
}

std::span<const char> SectionReader::find(SectionKind kind,
                                          std::size_t element_size,
                                          std::size_t first,
                                          std::size_t second) const {
  const std::tuple<std::uint32_t, std::uint32_t, std::uint32_t> wanted(
      static_cast<std::uint32_t>(kind), first, second);
  const auto found = std::lower_bound(
      table_.begin(), table_.end(), wanted, [](const SectionEntry& entry, const auto& value) {
        return place(entry) < value;
      });
  if (found == table_.end() || place(*found) != wanted) return {};
  if (found->element_size != element_size)
    throw PlanError("a section has elements of a wrong size");
  return bytes_.subspan(found->offset, found->count * found->element_size);
}

void seal_plan_bytes(std::string& bytes) {
  PlanHeader header;
  std::memcpy(&header, bytes.data(), sizeof(header));
  header.file_size = bytes.size();
  const char* content = bytes.data() + sizeof(header);
  const XXH128_hash_t hash = XXH3_128bits(content, bytes.size() - sizeof(header));
  header.content_low = hash.low64;
  header.content_high = hash.high64;
  header.table_hash = table_hash(header, content);
  std::memcpy(bytes.data(), &header, sizeof(header));
}

std::string plan_hash_text(const PlanHeader& header) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const std::uint64_t word : {header.content_high, header.content_low}) {
    for (int shift = 60; shift >= 0; shift -= 4) text += kDigits[(word >> shift) & 15U];
  }
  return text;
}

}  // namespace wfr
