// Checks a document against the key tables.
#include "compiler/workflow/shape.hpp"

#include "compiler/workflow/units.hpp"
#include "compiler/workflow/values.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace wfc {
namespace {

bool is_text(const ast::Value& value) {
  return as_text(value) != nullptr;
}

// No path, word or option can hold it, and C strings end at it.
bool holds_nul(const ast::Value& value) {
  if (const std::string* text = as_text(value)) return text->find('\0') != std::string::npos;
  if (const ast::Array* array = as_array(value)) {
    return std::any_of(array->begin(), array->end(), holds_nul);
  }
  const ast::Table* table = as_table(value);
  return table != nullptr &&
         std::any_of(table->entries.begin(), table->entries.end(), [](const ast::Entry& entry) {
           return entry.key.find('\0') != std::string::npos || holds_nul(entry.value);
         });
}

bool all_texts(const ast::Value& value) {
  const auto* array = as_array(value);
  return array != nullptr && std::all_of(array->begin(), array->end(), is_text);
}

template <class Predicate>
bool all_entries(const ast::Value& value, const Predicate& predicate) {
  const ast::Table* table = as_table(value);
  return table != nullptr &&
         std::all_of(table->entries.begin(), table->entries.end(), [&](const ast::Entry& entry) {
           return predicate(entry.value);
         });
}

bool is_scalar(const ast::Value& value) {
  return is_text(value) || as_flag(value) != nullptr || as_integer(value) != nullptr ||
         as_real(value) != nullptr;
}

bool text_or_list(const ast::Value& value) {
  return is_text(value) || all_texts(value);
}

bool is_need(const ast::Value& value) {
  return is_text(value) || as_table(value) != nullptr;
}

// LEVEL = "x", or LEVEL.COLUMN = "x", which TOML nests.
bool is_where(const ast::Value& value) {
  return text_or_list(value) || all_entries(value, text_or_list);
}

bool is_path(const ast::Value& value) {
  return is_text(value) || as_table(value) != nullptr;
}

bool all_paths(const ast::Value& value) {
  const auto* array = as_array(value);
  return array != nullptr && std::all_of(array->begin(), array->end(), is_path);
}

bool is_table_list(const ast::Value& value) {
  const auto* array = as_array(value);
  return array != nullptr && std::all_of(array->begin(), array->end(), [](const ast::Value& item) {
           return as_table(item) != nullptr;
         });
}

bool fits_list(const ast::Value& value, Shape shape) {
  switch (shape) {
    case Shape::TextList:
      return all_texts(value);
    case Shape::TextOrList:
      return text_or_list(value);
    case Shape::Paths:
      return all_paths(value);
    case Shape::NamedPaths:
      return all_paths(value) || all_entries(value, is_path);
    case Shape::Needs: {
      const auto* array = as_array(value);
      return array != nullptr && std::all_of(array->begin(), array->end(), is_need);
    }
    case Shape::Where:
      return all_entries(value, is_where);
    case Shape::Variables:
      return all_entries(value, is_scalar);
    case Shape::TableList:
      return is_table_list(value);
    case Shape::TableMap:
      return all_entries(value, [](const ast::Value& item) { return as_table(item) != nullptr; });
    default:
      return as_table(value) != nullptr;
  }
}

// Texts that must be readable as a unit: reported once, at their place.
void check_unit(const ast::Entry& entry, Shape shape, Sink& sink) {
  const std::string* text = as_text(entry.value);
  if (text == nullptr) return;
  if (shape == Shape::Growth && !parse_factor(*text)) {
    sink.report(Kind::BadUnit,
                entry.value.span,
                fmt::format("`{}` is not a factor from 1 to 1000", *text),
                "write \"x2\"");
  }
  const bool time = shape == Shape::Time || shape == Shape::Seconds;
  if (!time && shape != Shape::Memory) return;
  const std::optional<std::uint64_t> amount = time ? parse_time(*text) : parse_memory(*text);
  if (amount == 0U && shape != Shape::Seconds) {
    sink.report(Kind::OutOfRange,
                entry.value.span,
                fmt::format("`{}` is zero", entry.key),
                "leave the key out to request nothing");
    return;
  }
  if (amount) return;
  const char* what = time ? "a time" : "a memory size";
  const char* help = shape == Shape::Seconds ? R"(write "30s", "2m", or seconds as a number)"
                     : time ? R"(write "90s", "1h30m", "2d", "1-12:00:00", or minutes as a number)"
                            : R"(write "4G", "500M", or megabytes as a number)";
  sink.report(Kind::BadUnit, entry.value.span, fmt::format("`{}` is not {}", *text, what), help);
}

void check_number(const ast::Entry& entry, Shape shape, Sink& sink) {
  const std::int64_t* number = as_integer(entry.value);
  if (number == nullptr) return;
  constexpr std::int64_t kMost = 1'000'000'000;
  const bool bounded = shape == Shape::Count || shape == Shape::Natural || shape == Shape::Time ||
                       shape == Shape::Memory || shape == Shape::Integer || shape == Shape::Gpus ||
                       shape == Shape::Seconds;
  if (!bounded) return;
  const bool natural = shape == Shape::Natural || shape == Shape::Seconds;
  const std::int64_t least = natural ? 0 : shape == Shape::Integer ? -kMost : 1;
  if (*number < least) {
    sink.report(Kind::OutOfRange,
                entry.value.span,
                fmt::format("`{}` is {}, but the minimum is {}", entry.key, *number, least),
                least == 1 && *number == 0 ? "leave the key out to request nothing" : "");
  } else if (*number > kMost) {
    sink.report(Kind::OutOfRange,
                entry.value.span,
                fmt::format("`{}` is {}, but the maximum is {}", entry.key, *number, kMost));
  }
}

void check_amount(const ast::Entry& entry, Shape shape, Sink& sink) {
  if (shape != Shape::Amount) return;
  const std::optional<double> amount = amount_of(entry.value);
  if (!amount || (std::isfinite(*amount) && *amount >= 0)) return;
  sink.report(Kind::OutOfRange,
              entry.value.span,
              fmt::format("`{}` is {}, but the minimum is 0", entry.key, *amount));
}

void check_choice(const ast::Value& value, const KeySpec& key, Sink& sink) {
  if (key.choices.empty()) return;
  if (const auto* array = as_array(value)) {
    for (const ast::Value& item : *array) check_choice(item, key, sink);
    return;
  }
  const std::string* text = as_text(value);
  if (text == nullptr) return;
  const std::vector<std::string> choices(key.choices.begin(), key.choices.end());
  if (std::find(choices.begin(), choices.end(), *text) != choices.end()) return;
  std::string help = did_you_mean(*text, choices);
  if (help.empty()) help = fmt::format("one of: `{}`", fmt::join(choices, "`, `"));
  sink.report(Kind::BadChoice,
              value.span,
              fmt::format("`{}` is not a value of `{}`", *text, key.name),
              std::move(help));
}

void check_nested(const ast::Entry& entry, const KeySpec& key, Sink& sink) {
  if (key.table == nullptr) return;
  if (const ast::Table* table = as_table(entry.value)) {
    if (key.shape == Shape::Table) {
      check_table(*table, entry.key_span, *key.table, sink);
    } else if (key.shape == Shape::TableMap) {
      for (const ast::Entry& inner : table->entries) {
        check_table(*as_table(inner.value), inner.key_span, *key.table, sink);
      }
    } else if (key.shape == Shape::NamedPaths) {
      for (const ast::Entry& inner : table->entries) {
        if (const ast::Table* path = as_table(inner.value)) {
          check_table(*path, inner.key_span, *key.table, sink);
        }
      }
    }
  }
  if (const auto* array = as_array(entry.value)) {
    for (const ast::Value& item : *array) {
      if (const ast::Table* table = as_table(item))
        check_table(*table, item.span, *key.table, sink);
    }
  }
}

void report_wrong_type(const ast::Entry& entry, const KeySpec& key, Sink& sink) {
  std::string help;
  const bool wants_list = key.shape == Shape::TextList || key.shape == Shape::Paths ||
                          key.shape == Shape::NamedPaths || key.shape == Shape::Needs;
  if (wants_list && is_text(entry.value)) {
    help = fmt::format("write {} = [\"{}\"]", entry.key, *as_text(entry.value));
  } else if (key.shape == Shape::TableList && as_table(entry.value) != nullptr) {
    help = fmt::format("write `[[{}]]`: there may be several", entry.key);
  } else if (key.shape == Shape::TableMap && as_table(entry.value) != nullptr) {
    help = fmt::format("write `[{}.NAME]`", entry.key);
  }
  if (const ast::Array* array = as_array(entry.value);
      array != nullptr && key.shape != Shape::TableList) {
    // The first element that is wrong is a narrower place than the list.
    const bool tables = key.shape == Shape::Paths || key.shape == Shape::NamedPaths;
    const auto wrong = std::find_if_not(array->begin(), array->end(), tables ? is_path : is_text);
    if (wrong != array->end()) {
      sink.report(
          Kind::WrongType,
          wrong->span,
          fmt::format("an element of `{}` is {}, not a string", entry.key, describe(*wrong)));
      return;
    }
  }
  sink.report(
      Kind::WrongType,
      entry.value.span,
      fmt::format("`{}` is {}, not {}", entry.key, describe(key.shape), describe(entry.value)),
      std::move(help));
}

}  // namespace

bool fits(const ast::Value& value, const KeySpec& key) {
  switch (key.shape) {
    case Shape::Text:
    case Shape::Growth:
      return is_text(value);
    case Shape::Flag:
      return as_flag(value) != nullptr;
    case Shape::Natural:
    case Shape::Count:
    case Shape::Integer:
      return as_integer(value) != nullptr;
    case Shape::Amount:
      return as_integer(value) != nullptr || as_real(value) != nullptr;
    case Shape::Time:
    case Shape::Seconds:
    case Shape::Memory:
    case Shape::Gpus:
      return as_integer(value) != nullptr || is_text(value);
    case Shape::Condition:
      return as_flag(value) != nullptr || is_text(value);
    default:
      return fits_list(value, key.shape);
  }
}

std::string describe(Shape shape) {
  switch (shape) {
    case Shape::Text:
      return "a string";
    case Shape::Flag:
      return "true or false";
    case Shape::Natural:
    case Shape::Count:
    case Shape::Integer:
      return "an integer";
    case Shape::Amount:
      return "a number";
    case Shape::Time:
      return "a time (a string or minutes)";
    case Shape::Seconds:
      return "a time (a string or seconds)";
    case Shape::Memory:
      return "a memory size (a string or megabytes)";
    case Shape::Growth:
      return "a factor such as \"x2\"";
    case Shape::Gpus:
      return "a number or a string such as \"a100:2\"";
    case Shape::TextList:
      return "a list of strings";
    case Shape::TextOrList:
      return "a string or a list of strings";
    case Shape::Paths:
      return "a list of strings and tables";
    case Shape::NamedPaths:
      return "a list of strings or a table of names";
    case Shape::Condition:
      return "true, false or a string such as \"{params.X}\"";
    case Shape::Needs:
      return "a list of step names and tables";
    case Shape::Where:
      return "a table of patterns by level";
    case Shape::Variables:
      return "a table of strings";
    case Shape::TableList:
      return "an array of tables";
    case Shape::TableMap:
      return "a table of tables";
    case Shape::Params:
    case Shape::KernelParams:
    case Shape::Table:
      break;
  }
  return "a table";
}

std::string describe(const ast::Value& value) {
  if (value.is_date) return "a date or time";
  if (is_text(value)) return "a string";
  if (as_flag(value) != nullptr) return "a bool";
  if (as_integer(value) != nullptr) return "an integer";
  if (as_real(value) != nullptr) return "a number";
  if (as_table(value) != nullptr) return "a table";
  return "a list";
}

void check_table(const ast::Table& table, const Span& place, const TableSpec& spec, Sink& sink) {
  std::vector<std::string> known;
  for (const KeySpec& key : spec.keys) known.emplace_back(key.name);
  for (const ast::Entry& entry : table.entries) {
    const KeySpec* key = spec.find(entry.key);
    if (key == nullptr) {
      std::string help = did_you_mean(entry.key, known);
      // `memory` for `mem`.
      constexpr std::size_t kShortest = 3;
      const auto stem = std::find_if(known.begin(), known.end(), [&](const std::string& one) {
        return one.size() >= kShortest && entry.key.starts_with(one);
      });
      if (help.empty() && stem != known.end()) help = fmt::format("did you mean `{}`?", *stem);
      constexpr std::size_t kMost = 12;
      if (help.empty()) {
        help = known.size() > kMost
                   ? "`wfc schema` prints all keys"
                   : fmt::format("the keys of {} are: {}", spec.title, fmt::join(known, ", "));
      }
      sink.report(Kind::UnknownKey,
                  entry.key_span,
                  fmt::format("unknown key `{}` in {}", entry.key, spec.title),
                  std::move(help));
      continue;
    }
    if (!fits(entry.value, *key)) {
      report_wrong_type(entry, *key, sink);
      continue;
    }
    const bool texts =
        key->table == nullptr || key->shape == Shape::Paths || key->shape == Shape::NamedPaths;
    if (texts && holds_nul(entry.value)) {
      sink.report(Kind::WrongType,
                  entry.value.span,
                  fmt::format("`{}` contains a NUL character", entry.key),
                  "remove the \\u0000");
      continue;
    }
    check_unit(entry, key->shape, sink);
    check_number(entry, key->shape, sink);
    check_amount(entry, key->shape, sink);
    check_choice(entry.value, *key, sink);
    check_nested(entry, *key, sink);
    if (!key->instead.empty()) {
      sink.report(Kind::NotSupportedYet,
                  entry.key_span,
                  fmt::format("`{}` is not supported yet", entry.key),
                  std::string(key->instead));
    }
  }
  for (const KeySpec& key : spec.keys) {
    if (!key.required || table.find(key.name) != nullptr) continue;
    const bool several = key.shape == Shape::TableList;
    sink.report(Kind::MissingKey,
                place,
                fmt::format("{} needs {}`{}{}{}`",
                            spec.title,
                            several ? "at least one " : "",
                            several ? "[[" : "",
                            key.name,
                            several ? "]]" : ""),
                fmt::format("{}: {}", key.name, key.help));
  }
}

}  // namespace wfc
