// Structures to JSON and back from one list of fields, so that the two directions cannot disagree.
// A field that is zero, false or empty is left out; a field that is missing reads as that.
#pragma once

#include "runtime/plan/plan.hpp"

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace wfr {

using Json = nlohmann::json;

// JSON text is UTF-8, names and --set values need not be: such a string becomes {"hex": "c3..."}.
Json text_to_json(const std::string& text);
std::string text_from_json(const Json& json);

class JsonWriter {
 public:
  explicit JsonWriter(Json& object) : object_(object) { object_ = Json::object(); }

  template <class T>
  void operator()(const char* key, const T& value) {
    Json json = convert(value);
    if (!is_zero(json)) object_[key] = std::move(json);
  }
  // `last` is for the reader.
  template <class Enum>
  void enumeration(const char* key, const Enum& value, Enum /*last*/) {
    (*this)(key, static_cast<std::underlying_type_t<Enum>>(value));
  }
  template <class Enum>
  void enumerations(const char* key, const std::vector<Enum>& values, Enum /*last*/) {
    std::vector<std::uint32_t> numbers;
    numbers.reserve(values.size());
    for (const Enum value : values) numbers.push_back(static_cast<std::uint32_t>(value));
    (*this)(key, numbers);
  }

 private:
  static bool is_zero(const Json& json) {
    if (json.is_boolean()) return !json.get<bool>();
    if (json.is_number()) return json == 0;
    if (json.is_string()) return json.get_ref<const std::string&>().empty();
    return json.empty();
  }
  static Json convert(const std::string& text) { return text_to_json(text); }
  template <class T>
  static Json convert(const T& value) {
    if constexpr (std::is_enum_v<T>) {
      return static_cast<std::underlying_type_t<T>>(value);
    } else if constexpr (std::is_arithmetic_v<T>) {
      return value;
    } else {
      Json json;
      JsonWriter writer(json);
      // describe() is one template for both directions; the writer changes nothing.
      describe(writer, const_cast<T&>(value));  // NOLINT(cppcoreguidelines-pro-type-const-cast)
      return json;
    }
  }
  template <class T>
  static Json convert(const std::vector<T>& values) {
    Json json = Json::array();
    for (const T& value : values) json.push_back(convert(value));
    return json;
  }
  static Json convert(const std::map<std::string, std::string>& values) {
    Json json = Json::array();
    for (const auto& [key, value] : values) {
      json.push_back(Json::array({convert(key), convert(value)}));
    }
    return json;
  }
  template <class T>
  static Json convert(const std::pair<std::string, T>& value) {
    return Json::array({convert(value.first), convert(value.second)});
  }

  Json& object_;
};

// Throws PlanError for a wrong type or a number out of its field's range.
class JsonReader {
 public:
  explicit JsonReader(const Json& object) : object_(object) {
    if (!object.is_object()) throw PlanError("an object is expected");
  }

  template <class T>
  void operator()(const char* key, T& value) {
    const auto found = object_.find(key);
    value = T{};
    if (found == object_.end()) return;
    try {
      convert(*found, value);
    } catch (const PlanError& error) {
      throw PlanError(std::string(key) + ": " + error.what());
    }
  }
  template <class Enum>
  void enumeration(const char* key, Enum& value, Enum last) {
    std::underlying_type_t<Enum> number = 0;
    (*this)(key, number);
    if (number > static_cast<std::underlying_type_t<Enum>>(last)) {
      throw PlanError(std::string(key) + ": no such value");
    }
    value = static_cast<Enum>(number);
  }
  template <class Enum>
  void enumerations(const char* key, std::vector<Enum>& values, Enum last) {
    std::vector<std::uint32_t> numbers;
    (*this)(key, numbers);
    values.clear();
    for (const std::uint32_t number : numbers) {
      if (number > static_cast<std::uint32_t>(last)) {
        throw PlanError(std::string(key) + ": no such value");
      }
      values.push_back(static_cast<Enum>(number));
    }
  }

 private:
  static void convert(const Json& json, std::string& text) { text = text_from_json(json); }
  static void convert(const Json& json, bool& value) {
    if (!json.is_boolean()) throw PlanError("true or false is expected");
    value = json.get<bool>();
  }
  template <class T>
  static void convert(const Json& json, T& value) {
    if constexpr (std::is_enum_v<T>) {
      std::underlying_type_t<T> number = 0;
      convert(json, number);
      value = static_cast<T>(number);
    } else if constexpr (std::is_unsigned_v<T>) {
      if (!json.is_number_unsigned()) throw PlanError("a natural number is expected");
      const auto number = json.get<std::uint64_t>();
      if (number > std::numeric_limits<T>::max()) throw PlanError("the number is too large");
      value = static_cast<T>(number);
    } else {
      JsonReader reader(json);
      describe(reader, value);
    }
  }
  template <class T>
  static void convert(const Json& json, std::vector<T>& values) {
    values.reserve(elements(json).size());
    for (const Json& element : json) convert(element, values.emplace_back());
  }
  static void convert(const Json& json, std::map<std::string, std::string>& values) {
    for (const Json& element : elements(json)) {
      std::pair<std::string, std::string> entry;
      convert(element, entry);
      values.insert(std::move(entry));
    }
  }
  template <class T>
  static void convert(const Json& json, std::pair<std::string, T>& value) {
    if (elements(json).size() != 2) throw PlanError("a pair is expected");
    convert(json[0], value.first);
    convert(json[1], value.second);
  }
  static const Json& elements(const Json& json) {
    if (!json.is_array()) throw PlanError("a list is expected");
    return json;
  }

  const Json& object_;
};

}  // namespace wfr
