// The language as JSON Schema, from the key tables.
#include "compiler/workflow/schema.hpp"

#include "compiler/workflow/keys.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace wfc {
namespace {

using nlohmann::ordered_json;

ordered_json table_schema(const TableSpec& spec);

ordered_json of_type(const char* type) {
  return {{"type", type}};
}

ordered_json either(std::vector<ordered_json> options) {
  return {{"anyOf", std::move(options)}};
}

ordered_json list_of(ordered_json items) {
  return {{"type", "array"}, {"items", std::move(items)}};
}

ordered_json map_of(ordered_json values) {
  return {{"type", "object"}, {"additionalProperties", std::move(values)}};
}

ordered_json text_schema(const KeySpec& key) {
  ordered_json text = of_type("string");
  if (!key.choices.empty()) text["enum"] = key.choices;
  return text;
}

ordered_json integer_from(int least) {
  return {{"type", "integer"}, {"minimum", least}};
}

ordered_json scalar() {
  return either({of_type("string"), of_type("number"), of_type("boolean")});
}

ordered_json text_or_list(const KeySpec& key) {
  return either({text_schema(key), list_of(text_schema(key))});
}

ordered_json simple_schema(const KeySpec& key) {
  switch (key.shape) {
    case Shape::Flag:
      return of_type("boolean");
    case Shape::Natural:
      return integer_from(0);
    case Shape::Count:
      return integer_from(1);
    case Shape::Integer:
      return of_type("integer");
    case Shape::Amount: {
      ordered_json number = of_type("number");
      number["minimum"] = 0;
      return number;
    }
    case Shape::Seconds:
      return either({integer_from(0), of_type("string")});
    case Shape::Time:
    case Shape::Memory:
    case Shape::Gpus:
      return either({integer_from(1), of_type("string")});
    case Shape::Condition:
      return either({of_type("boolean"), of_type("string")});
    default:
      return text_schema(key);
  }
}

ordered_json shape_schema(const KeySpec& key) {
  switch (key.shape) {
    case Shape::TextList:
      return list_of(text_schema(key));
    case Shape::TextOrList:
      return text_or_list(key);
    case Shape::Paths:
      return list_of(either({of_type("string"), table_schema(*key.table)}));
    case Shape::NamedPaths: {
      const ordered_json path = either({of_type("string"), table_schema(*key.table)});
      return either({list_of(path), map_of(path)});
    }
    case Shape::Needs:
      return list_of(either({of_type("string"), table_schema(*key.table)}));
    case Shape::Where:
      return map_of(either({text_or_list(key), map_of(text_or_list(key))}));
    case Shape::Variables:
      return map_of(scalar());
    case Shape::Params:
      // A table is a secret parameter.
      return map_of(either({scalar(), map_of(scalar())}));
    case Shape::KernelParams:
      return of_type("object");
    case Shape::Table:
      return table_schema(*key.table);
    case Shape::TableList:
      return list_of(table_schema(*key.table));
    case Shape::TableMap:
      return map_of(table_schema(*key.table));
    default:
      return simple_schema(key);
  }
}

ordered_json table_schema(const TableSpec& spec) {
  ordered_json schema = of_type("object");
  schema["additionalProperties"] = false;
  schema["properties"] = ordered_json::object();
  ordered_json required = ordered_json::array();
  for (const KeySpec& key : spec.keys) {
    ordered_json property = shape_schema(key);
    property["description"] =
        key.instead.empty() ? std::string(key.help)
                            : fmt::format("{} (not supported yet: {})", key.help, key.instead);
    schema["properties"][std::string(key.name)] = std::move(property);
    if (key.required) required.push_back(key.name);
  }
  if (!required.empty()) schema["required"] = std::move(required);
  return schema;
}

}  // namespace

std::string language_schema() {
  ordered_json schema;
  schema["$schema"] = "http://json-schema.org/draft-07/schema#";
  schema["title"] = "wfc workflow";
  schema.update(table_schema(document_keys()));
  return schema.dump(2);
}

}  // namespace wfc
