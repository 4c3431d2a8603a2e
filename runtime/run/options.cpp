// Command lines of wfr: written by the compiler, typed by hand only when something is looked into.
#include "runtime/run/options.hpp"

#include <algorithm>
#include <charconv>

namespace wfr {

std::map<std::string, std::string> parse_options(std::span<const std::string> words,
                                                 const std::vector<std::string>& known) {
  std::map<std::string, std::string> options;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    const std::size_t equals = std::min(word.find('='), word.size());
    const std::string name = word.rfind("--", 0) == 0 ? word.substr(2, equals - 2) : "";
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      throw UsageError("`" + word + "` is not an option here");
    }
    if (equals == word.size() && i + 1 == words.size()) {
      throw UsageError("`" + word + "` needs a value");
    }
    const std::string value = equals < word.size() ? word.substr(equals + 1) : words[++i];
    if (!options.emplace(name, value).second) throw UsageError("`--" + name + "` is given twice");
  }
  return options;
}

const std::string& required(const std::map<std::string, std::string>& options,
                            const std::string& name) {
  const auto place = options.find(name);
  if (place == options.end()) throw UsageError("`--" + name + "` is missing");
  return place->second;
}

std::string optional_value(const std::map<std::string, std::string>& options,
                           const std::string& name) {
  const auto place = options.find(name);
  return place == options.end() ? "" : place->second;
}

std::uint32_t number_of(const std::string& name, const std::string& text) {
  std::uint32_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || read.ec != std::errc() || read.ptr != text.data() + text.size()) {
    throw UsageError("`" + name + "` is no number: `" + text + "`");
  }
  return value;
}

}  // namespace wfr
