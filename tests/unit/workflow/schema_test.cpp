// The JSON Schema says what `resolve` accepts.
#include "compiler/workflow/schema.hpp"

#include "compiler/workflow/keys.hpp"

#include <algorithm>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

namespace wfc {
namespace {

using nlohmann::json;

// Only what this schema uses: type, enum, minimum, properties, items, anyOf.
bool matches(const json& schema, const json& value) {
  if (schema.contains("anyOf")) {
    const json& options = schema["anyOf"];
    return std::any_of(
        options.begin(), options.end(), [&](const json& option) { return matches(option, value); });
  }
  const std::string type = schema.value("type", "");
  if (type == "string" && !value.is_string()) return false;
  if (type == "boolean" && !value.is_boolean()) return false;
  if (type == "integer" && !value.is_number_integer()) return false;
  if (type == "number" && !value.is_number()) return false;
  if (schema.contains("enum") &&
      std::find(schema["enum"].begin(), schema["enum"].end(), value) == schema["enum"].end()) {
    return false;
  }
  if (schema.contains("minimum") && value.get<double>() < schema["minimum"].get<double>())
    return false;
  if (type == "array") {
    return value.is_array() && std::all_of(value.begin(), value.end(), [&](const json& item) {
             return matches(schema["items"], item);
           });
  }
  if (type != "object") return true;
  if (!value.is_object()) return false;
  for (const json& key : schema.value("required", json::array())) {
    if (!value.contains(key.get<std::string>())) return false;
  }
  for (const auto& [key, item] : value.items()) {
    const bool known = schema.contains("properties") && schema["properties"].contains(key);
    const json& rest =
        schema.contains("additionalProperties") ? schema["additionalProperties"] : json(true);
    if (!known && rest == false) return false;
    if (known && !matches(schema["properties"][key], item)) return false;
    if (!known && rest.is_object() && !matches(rest, item)) return false;
  }
  return true;
}

json hippocampus() {
  return json::parse(R"({
    "workflow": {"name": "hippocampus", "root": "data"},
    "params": {"sort": true},
    "level": [{"name": "session", "match": "session*"}, {"name": "array", "match": "array*", "made_by": "split"}],
    "defaults": {"time": "1h", "mem": "4G"},
    "step": [
      {"name": "split", "each": "session", "kernel": "nsx.split", "inputs": ["*.ns5"], "outputs": ["{array}/raw.h5"]},
      {"name": "sort", "each": "array", "when": "{params.sort}", "where": {"session": "s0*"},
       "needs": ["split", {"step": "split", "via": "session"}], "run": "x", "outputs": {"a": "b"}, "cpus": 5,
       "retry": {"times": 2, "mem": "x2", "on": ["oom", "timeout", "node_fail"]}}],
    "jobs": {"per": "array"},
    "site": {"aws": {"partition": "queue1", "memory": "cpus", "limits": {"max_time": "1d"}}}
  })");
}

TEST_CASE("the schema takes a whole workflow") {
  const json schema = json::parse(language_schema());
  CHECK(matches(schema, hippocampus()));
}

TEST_CASE("the schema refuses what resolve refuses") {
  const json schema = json::parse(language_schema());
  const auto refuses = [&schema](const char* pointer, json value) {
    json file = hippocampus();
    file[json::json_pointer(pointer)] = std::move(value);
    return !matches(schema, file);
  };
  CHECK(refuses("/step/0/outptus", json::array()));
  CHECK(refuses("/step/0/outputs", "x"));
  CHECK(refuses("/step/0/cpus", 0));
  CHECK(refuses("/step/1/retry/on/0", "sometimes"));
  CHECK(refuses("/level/0/match", 5));
  CHECK(refuses("/site/aws/memory", "all"));
  CHECK(refuses("/workflow", json::object()));
}

TEST_CASE("every key has a description, and says so when it is not supported yet") {
  const json schema = json::parse(language_schema());
  const json& step = schema["properties"]["step"]["items"]["properties"];
  CHECK(step.size() == step_keys().keys.size());
  for (const KeySpec& key : step_keys().keys) {
    const std::string text = step[std::string(key.name)]["description"];
    INFO(key.name);
    CHECK_FALSE(text.empty());
    CHECK((text.find("not supported yet") != std::string::npos) == !key.instead.empty());
  }
}

}  // namespace
}  // namespace wfc
