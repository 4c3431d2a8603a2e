// Reads values of the ast.
#include "compiler/workflow/values.hpp"

#include "compiler/workflow/units.hpp"

namespace wfc {

const std::string* as_text(const ast::Value& value) {
  return value.is_date ? nullptr : std::get_if<std::string>(&value.data);
}

const bool* as_flag(const ast::Value& value) {
  return std::get_if<bool>(&value.data);
}

const std::int64_t* as_integer(const ast::Value& value) {
  return std::get_if<std::int64_t>(&value.data);
}

const double* as_real(const ast::Value& value) {
  return std::get_if<double>(&value.data);
}

const ast::Array* as_array(const ast::Value& value) {
  return std::get_if<ast::Array>(&value.data);
}

const ast::Table* as_table(const ast::Value& value) {
  return std::get_if<ast::Table>(&value.data);
}

std::vector<const ast::Value*> texts_of(const ast::Value& value) {
  std::vector<const ast::Value*> texts;
  if (as_text(value) != nullptr) texts.push_back(&value);
  if (const ast::Array* array = as_array(value)) {
    for (const ast::Value& item : *array) {
      if (as_text(item) != nullptr) texts.push_back(&item);
    }
  }
  return texts;
}

std::vector<std::string> strings_of(const ast::Value& value) {
  std::vector<std::string> strings;
  for (const ast::Value* text : texts_of(value)) strings.push_back(*as_text(*text));
  return strings;
}

std::optional<std::uint64_t> seconds_of(const ast::Value& value) {
  constexpr std::uint64_t kMinute = 60;
  if (const std::int64_t* minutes = as_integer(value); minutes != nullptr && *minutes >= 0) {
    return static_cast<std::uint64_t>(*minutes) * kMinute;
  }
  const std::string* text = as_text(value);
  return text == nullptr ? std::nullopt : parse_time(*text);
}

std::optional<std::uint64_t> megabytes_of(const ast::Value& value) {
  if (const std::int64_t* number = as_integer(value); number != nullptr && *number >= 0) {
    return static_cast<std::uint64_t>(*number);
  }
  const std::string* text = as_text(value);
  return text == nullptr ? std::nullopt : parse_memory(*text);
}

std::optional<double> amount_of(const ast::Value& value) {
  if (const std::int64_t* number = as_integer(value)) return static_cast<double>(*number);
  if (const double* real = as_real(value)) return *real;
  return std::nullopt;
}

const std::string* text_at(const ast::Table& table, std::string_view key) {
  const ast::Entry* entry = table.find(key);
  return entry == nullptr ? nullptr : as_text(entry->value);
}

Span span_at(const ast::Table& table, std::string_view key, const Span& otherwise) {
  const ast::Entry* entry = table.find(key);
  return entry == nullptr ? otherwise : entry->value.span;
}

}  // namespace wfc
