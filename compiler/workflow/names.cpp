// What names may look like.
#include "compiler/workflow/names.hpp"

#include <algorithm>
#include <array>

namespace wfc {
namespace {

bool is_letter(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

bool is_digit(char byte) {
  return byte >= '0' && byte <= '9';
}

template <class First, class Rest>
bool spelled(std::string_view name, const First& first, const Rest& rest) {
  return !name.empty() && first(name.front()) && std::all_of(name.begin(), name.end(), rest);
}

}  // namespace

bool is_step_name(std::string_view name) {
  return name.size() <= kLongestStepName &&
         spelled(
             name,
             [](char byte) { return is_letter(byte) || is_digit(byte); },
             [](char byte) {
               return is_letter(byte) || is_digit(byte) || byte == '_' || byte == '-' ||
                      byte == '.';
             });
}

bool is_word(std::string_view name) {
  return spelled(
      name,
      [](char byte) { return is_letter(byte) || byte == '_'; },
      [](char byte) { return is_letter(byte) || is_digit(byte) || byte == '_' || byte == '-'; });
}

bool is_variable_name(std::string_view name) {
  return is_word(name) && name.find('-') == std::string_view::npos;
}

bool is_reserved(std::string_view name) {
  constexpr std::array<std::string_view, 10> kWords = {"params",
                                                       "needs",
                                                       "inputs",
                                                       "outputs",
                                                       "cpus",
                                                       "mem_mb",
                                                       "scratch",
                                                       "hostfile",
                                                       "root",
                                                       "list"};
  return std::find(kWords.begin(), kWords.end(), name) != kWords.end();
}

std::string directory_name_problem(std::string_view name) {
  constexpr std::size_t kLongest = 255;  // NAME_MAX of every file system in use
  if (name.empty()) return "is empty";
  if (name == "." || name == "..") return "is not a directory of its own";
  if (name.find('/') != std::string_view::npos) return "contains a `/`";
  if (name.find('\0') != std::string_view::npos) return "contains a NUL character";
  if (name.size() > kLongest) return "is longer than 255 bytes";
  return "";
}

}  // namespace wfc
