// The small part of a plan as JSON.
#include "runtime/plan/plan_head.hpp"

#include "runtime/plan/step_fields.hpp"

namespace wfr {

template <class Archive>
void describe(Archive& archive, SetHead& set) {
  archive("level", set.level);
  archive("nodes", set.nodes);
  archive("count", set.count);
}

template <class Archive>
void describe(Archive& archive, LevelHead& level) {
  archive("name", level.name);
  archive("under", level.under);
  archive("children", level.children);
  archive("columns", level.columns);
}

template <class Archive>
void describe(Archive& archive, Family& family) {
  archive("steps", family.steps);
  archive("block_map", family.block_map);
  archive("job", family.job);
}

template <class Archive>
void describe(Archive& archive, Dependency& dependency) {
  archive.enumeration("kind", dependency.kind, Dep::AfterCorrOrAny);
  archive("on", dependency.on);
}

template <class Archive>
void describe(Archive& archive, JobArray& array) {
  archive("name", array.name);
  archive("family", array.family);
  archive("first_block", array.first_block);
  archive("plain", array.plain);
  archive("depth", array.depth);
  archive("limit", array.limit);
  archive("after", array.after);
  archive("pass", array.pass);
  if (array.pass > 1) archive("job", array.job);
}

template <class Archive>
void describe(Archive& archive, PlanHead& head) {
  archive("workflow", head.workflow);
  archive("root", head.root);
  archive("workflow_dir", head.workflow_dir);
  archive("site", head.site);
  archive("wfc_version", head.wfc_version);
  archive("settle_s", head.settle_s);
  archive("levels", head.levels);
  archive("instances", head.instances);
  archive("steps", head.steps);
  archive("order", head.order);
  archive("map_nodes", head.map_nodes);
  archive("map_levels", head.map_levels);
  archive("families", head.families);
  archive("arrays", head.arrays);
}

namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

bool is_utf8(const std::string& text) {
  // The library's own check is what decides whether it would refuse to write the text.
  try {
    static_cast<void>(Json(text).dump());
    return true;
  } catch (const Json::exception&) {
    return false;
  }
}

unsigned hex_value(char digit) {
  const std::size_t value = kHexDigits.find(digit);
  if (value == std::string_view::npos) throw PlanError("a hexadecimal digit is expected");
  return static_cast<unsigned>(value);
}

}  // namespace

Json text_to_json(const std::string& text) {
  if (is_utf8(text)) return text;
  std::string hex;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    hex += kHexDigits[byte >> 4U];
    hex += kHexDigits[byte & 15U];
  }
  return Json{{"hex", hex}};
}

std::string text_from_json(const Json& json) {
  if (json.is_string()) return json.get<std::string>();
  if (!json.is_object() || json.size() != 1 || !json.contains("hex") || !json["hex"].is_string()) {
    throw PlanError("a text is expected");
  }
  const auto& hex = json["hex"].get_ref<const std::string&>();
  if (hex.size() % 2 != 0) throw PlanError("an even number of hexadecimal digits is expected");
  std::string text;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    text += static_cast<char>(hex_value(hex[i]) * 16 + hex_value(hex[i + 1]));
  }
  return text;
}

std::string head_to_json(const PlanHead& head) {
  Json json;
  JsonWriter writer(json);
  PlanHead copy = head;
  describe(writer, copy);
  return json.dump();
}

PlanHead head_from_json(std::string_view text) {
  // A depth limit keeps a hostile text from exhausting the stack: the deepest honest one has 9.
  constexpr int kMaxDepth = 32;
  const auto limit = [](int depth, Json::parse_event_t /*event*/, Json& /*parsed*/) {
    if (depth > kMaxDepth) throw PlanError("the plan's JSON part is nested too deeply");
    return true;
  };
  try {
    const Json json = Json::parse(text.begin(), text.end(), limit);
    PlanHead head;
    JsonReader reader(json);
    describe(reader, head);
    return head;
  } catch (const Json::exception& error) {
    throw PlanError(std::string("the plan's JSON part is damaged: ") + error.what());
  }
}

}  // namespace wfr
