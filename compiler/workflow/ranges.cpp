// "channel{001..124}": names from ranges and lists in braces.
#include "compiler/workflow/ranges.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/format.h>

namespace wfc {
namespace {

constexpr std::size_t kMostNames = 10'000'000;

std::optional<std::uint64_t> number(std::string_view digits) {
  constexpr std::size_t kMostDigits = 18;
  std::uint64_t value = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value);
  if (digits.empty() || digits.size() > kMostDigits || error != std::errc{} || stop != end) {
    return std::nullopt;
  }
  return value;
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(separator, begin), text.size());
    parts.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

// The words that one pair of braces stands for.
Expansion expand_content(std::string_view content) {
  const std::size_t dots = content.find("..");
  if (dots == std::string_view::npos) {
    if (content.find(',') == std::string_view::npos) {
      return {{},
              fmt::format("`{{{}}}` is neither a range `{{1..9}}` nor a list `{{a,b}}`", content)};
    }
    return {split(content, ','), ""};
  }
  const std::string_view first = content.substr(0, dots);
  const std::string_view last = content.substr(dots + 2);
  const auto begin = number(first);
  const auto end = number(last);
  if (!begin || !end) return {{}, fmt::format("`{{{}}}` has an end that is not a number", content)};
  if (*begin > *end) return {{}, fmt::format("`{{{}}}` goes backwards", content)};
  if (*end - *begin >= kMostNames) return {{}, fmt::format("`{{{}}}` is too long", content)};
  const bool padded =
      (first.size() > 1 && first.front() == '0') || (last.size() > 1 && last.front() == '0');
  const std::size_t width = padded ? std::max(first.size(), last.size()) : 0;
  Expansion words;
  for (std::uint64_t value = *begin; value <= *end; ++value) {
    words.names.push_back(fmt::format("{:0{}}", value, width));
  }
  return words;
}

}  // namespace

Expansion expand_braces(std::string_view text) {
  Expansion result{{""}, ""};
  while (!text.empty()) {
    const std::size_t open = std::min(text.find('{'), text.size());
    for (std::string& name : result.names) name += text.substr(0, open);
    if (open == text.size()) break;
    const std::size_t close = text.find('}', open);
    if (close == std::string_view::npos) return {{}, "a `{` is not closed"};
    Expansion words = expand_content(text.substr(open + 1, close - open - 1));
    if (!words.problem.empty()) return words;
    if (result.names.size() * words.names.size() > kMostNames) {
      return {{}, fmt::format("it stands for more than {} names", kMostNames)};
    }
    std::vector<std::string> longer;
    longer.reserve(result.names.size() * words.names.size());
    for (const std::string& name : result.names) {
      for (const std::string& word : words.names) longer.push_back(name + word);
    }
    result.names = std::move(longer);
    text.remove_prefix(close + 1);
  }
  return result;
}

}  // namespace wfc
