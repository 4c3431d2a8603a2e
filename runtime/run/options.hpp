// The words after a command of wfr: `--name value` pairs and flags, with errors that name the word.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace wfr {

class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Names without their dashes. Throws UsageError for a word that is not in `known`, for one that is
// given twice, and for one without its value.
std::map<std::string, std::string> parse_options(std::span<const std::string> words,
                                                 const std::vector<std::string>& known);
// Throws UsageError when it is not there.
const std::string& required(const std::map<std::string, std::string>& options,
                            const std::string& name);
// "" when it is not there.
std::string optional_value(const std::map<std::string, std::string>& options,
                           const std::string& name);
// Throws UsageError when it is no decimal number of 32 bits.
std::uint32_t number_of(const std::string& name, const std::string& text);

}  // namespace wfr
