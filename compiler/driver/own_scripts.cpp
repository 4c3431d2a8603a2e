// A text that names a plan, by its hash of 32 hexadecimal digits.
#include "compiler/driver/own_scripts.hpp"

#include "compiler/driver/read_source.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

namespace wfc {
namespace {

namespace fs = std::filesystem;

bool names_a_plan(std::string_view text) {
  constexpr std::string_view kBefore = "plan";
  constexpr std::string_view kDigits = "0123456789abcdef";
  constexpr std::size_t kHash = 32;
  for (std::size_t at = text.find(kBefore); at != std::string_view::npos;
       at = text.find(kBefore, at + 1)) {
    const std::size_t begin = at + kBefore.size() + 1;
    const bool apart = begin <= text.size() && (text[begin - 1] == ' ' || text[begin - 1] == '=');
    if (apart && std::min(text.find_first_not_of(kDigits, begin), text.size()) == begin + kHash) {
      return true;
    }
  }
  return false;
}

}  // namespace

bool is_own_script(const fs::path& out, const std::string& place) {
  std::error_code error;
  if (!fs::is_regular_file(fs::symlink_status(out / place, error))) return false;
  const std::optional<std::string> text = read_text(out / place);
  if (!text) return false;
  // These are of no plan.
  if (place == "bin/srun-options") return text->starts_with("# Made by wfc: ");
  if (place == "bin/submit") {
    return text->starts_with("#!/bin/bash\n# The submission program of wfc: ");
  }
  if (!names_a_plan(*text)) return false;
  if (place == "submit.sh") return true;
  // Ours begin with a number; a copy by another name is somebody's.
  const std::string stem = fs::path(place).stem().string();
  if (stem.find_first_of("0123456789") != 0) return false;
  if (!place.ends_with(".tasks")) return text->find(stem) != std::string::npos;
  return text->starts_with("# The array tasks of jobs/" + stem + ".sbatch, plan ");
}

std::string taken_place(const OutputTree& tree, const fs::path& out) {
  for (const auto& [place, file] : tree.files) {
    if (place.starts_with("plan/")) continue;
    std::error_code error;
    const fs::file_status there = fs::symlink_status(out / place, error);
    if (!fs::exists(there) || is_own_script(out, place)) continue;
    if (!fs::is_regular_file(there) || read_text(out / place) != file.bytes) return place;
  }
  return {};
}

}  // namespace wfc
