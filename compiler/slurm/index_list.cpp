// Renders and compares index lists.
#include "compiler/slurm/index_list.hpp"

#include <iterator>

#include <fmt/format.h>

namespace wfc {
namespace {

std::size_t digits(std::uint32_t number) {
  std::size_t count = 1;
  while ((number /= 10) > 0) ++count;
  return count;
}

}  // namespace

std::string index_list(const std::vector<wfr::Range>& indices) {
  std::string text;
  for (const wfr::Range& range : indices) {
    if (!text.empty()) text += ',';
    fmt::format_to(std::back_inserter(text), "{}", range.begin);
    if (range.size() > 1) fmt::format_to(std::back_inserter(text), "-{}", range.end - 1);
  }
  return text;
}

bool uses_table(const wfr::JobArray& array) {
  if (array.plain) return false;
  if (array.depth) return array.indices != std::vector<wfr::Range>{{0, array.size()}};
  // Counted, not written: a list may have a million ranges, and this is asked for every pair.
  std::size_t bytes = 0;
  for (const wfr::Range& range : array.indices) {
    bytes += (bytes > 0 ? 1U : 0U) + digits(range.begin);
    if (range.size() > 1) bytes += 1 + digits(range.end - 1);
    if (bytes > kMaxIndexListBytes) return true;
  }
  return false;
}

std::string array_spec(const wfr::JobArray& array) {
  std::string text =
      uses_table(array) ? fmt::format("0-{}", array.size() - 1) : index_list(array.indices);
  if (array.limit > 0) text += fmt::format("%{}", array.limit);
  return text;
}

std::string table_path(const std::string& plan_hash, const wfr::JobArray& array) {
  return "plan/" + plan_hash + "/tables/" + array.name + ".u32";
}

std::string table_bytes(const std::vector<wfr::Range>& indices) {
  std::string bytes;
  for (const wfr::Range& range : indices) {
    for (std::uint32_t index = range.begin; index < range.end; ++index) {
      for (unsigned shift = 0; shift < 32; shift += 8) {
        bytes += static_cast<char>(static_cast<unsigned char>(index >> shift));
      }
    }
  }
  return bytes;
}

bool is_subset(const std::vector<wfr::Range>& inner, const std::vector<wfr::Range>& outer) {
  std::size_t at = 0;
  for (const wfr::Range& range : inner) {
    while (at < outer.size() && outer[at].end < range.end) ++at;
    if (at == outer.size() || range.begin < outer[at].begin) return false;
  }
  return true;
}

}  // namespace wfc
