// The workflow file as written: tables, keys and values with their places, in the order of the
// file. Knows TOML's types but not the language's keys.
#pragma once

#include "compiler/diagnostics/source.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace wfc::ast {

struct Value;
struct Entry;

using Array = std::vector<Value>;
struct Table {
  std::vector<Entry> entries;  // in the order of the file
  [[nodiscard]] const Entry* find(std::string_view key) const;
};

struct Value {
  // A TOML date or time is kept as its text, with `is_date` set.
  std::variant<bool, std::int64_t, double, std::string, Array, Table> data;
  Span span;
  bool is_date = false;
};

struct Entry {
  std::string key;
  Span key_span;
  Value value;
};

struct Document {
  std::shared_ptr<const SourceFile> source;
  Table root;  // [[step]] is an entry "step" with an Array of Tables; [site.x] nests
};

}  // namespace wfc::ast
