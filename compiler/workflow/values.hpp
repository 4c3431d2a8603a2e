// Reads values of the ast. A value of another type reads as absent: check_table() has reported it.
#pragma once

#include "compiler/syntax/ast.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace wfc {

// nullptr when the value is something else.
const std::string* as_text(const ast::Value& value);
const bool* as_flag(const ast::Value& value);
const std::int64_t* as_integer(const ast::Value& value);
const double* as_real(const ast::Value& value);
const ast::Array* as_array(const ast::Value& value);
const ast::Table* as_table(const ast::Value& value);

// The strings of a string or a list of strings, each with its value (for its span).
std::vector<const ast::Value*> texts_of(const ast::Value& value);
std::vector<std::string> strings_of(const ast::Value& value);
// A time in seconds: minutes as a number, or a text. nullopt when it cannot be read.
std::optional<std::uint64_t> seconds_of(const ast::Value& value);
// Megabytes: a number, or a text. nullopt when it cannot be read.
std::optional<std::uint64_t> megabytes_of(const ast::Value& value);

// A number, whole or not. nullopt when it is something else.
std::optional<double> amount_of(const ast::Value& value);

// The text of a key; nullptr when the key is absent or not a text.
const std::string* text_at(const ast::Table& table, std::string_view key);
// The span of a key's value, else `otherwise`.
Span span_at(const ast::Table& table, std::string_view key, const Span& otherwise);

}  // namespace wfc
