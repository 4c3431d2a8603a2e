// Cleans and cuts the two parts of a job's name.
#include "runtime/plan/job_name.hpp"

#include <algorithm>
#include <cstdint>

#include <fmt/format.h>
#include <xxhash.h>

namespace wfr {
namespace {

constexpr std::size_t kMostOfWorkflow = 30;
constexpr std::size_t kMostOfStep = 50;

bool is_safe(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

std::string cleaned(std::string_view text, std::size_t most) {
  std::string name;
  bool safe = true;
  for (const char c : text) {
    const bool was_safe = safe;
    safe = is_safe(c);
    if (safe || was_safe) name += safe ? c : '_';
  }
  // An option's value that begins with `-` would look like another option.
  if (!name.empty() && name.front() == '-') name.front() = '_';
  return name.substr(0, most);
}

// What letters that are left out leave alike: "-1a2b3c" of the whole name; "" where there are none.
std::string mark_of(std::string_view workflow) {
  const bool ascii = std::all_of(workflow.begin(), workflow.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x80;
  });
  if (ascii) return "";
  const std::uint64_t hash = XXH3_64bits(workflow.data(), workflow.size());
  return fmt::format("-{:06x}", hash & 0xffffffU);
}

}  // namespace

std::string job_name(std::string_view workflow, std::string_view script) {
  // "02-split.1": the position, the step, the chunk.
  const std::size_t dash = script.find('-');
  const std::string_view step = dash == std::string_view::npos ? script : script.substr(dash + 1);
  const std::size_t dot = std::min(step.find('.'), step.size());
  return cleaned(workflow, kMostOfWorkflow) + mark_of(workflow) + "." +
         cleaned(step.substr(0, dot), kMostOfStep) + std::string(step.substr(dot));
}

}  // namespace wfr
