// What a step itself puts into the keys of its tasks.
#include "runtime/plan/any_piece.hpp"
#include "runtime/run/hash.hpp"
#include "runtime/run/key_parts.hpp"

#include <algorithm>
#include <map>

#include <nlohmann/json.hpp>

namespace wfr {
namespace {

bool is_parameter(const Piece& piece) {
  return piece.kind == PieceKind::Value && !piece.output.empty();
}

// A template as it is written: placeholders by kind, so that {cpus} and its like never expand here.
// Levels, columns and steps enter by name: their numbers change with the rest of the workflow.
// Values of parameters enter on their own, to be told by name.
void add_template(const Tree& tree, const Template& text, const StepSpec& step, Hasher& hasher) {
  hasher.add(text.pieces.size());
  for (const Piece& piece : text.pieces) {
    hasher.add(static_cast<std::uint64_t>(piece.kind));
    hasher.add(is_parameter(piece) ? "" : piece.text).add(piece.output);
    const bool column = piece.kind == PieceKind::LevelColumn;
    const Level& level = tree.level(piece.level);
    hasher.add(level.name).add(column ? level.columns[piece.column].name : "");
    const bool need = piece.kind == PieceKind::Need || piece.kind == PieceKind::NeedOutput ||
                      piece.kind == PieceKind::NeedList;
    if (need) hasher.add(step.needs[piece.need].step_name);
  }
}

KeyPart part(std::string what, const Hasher& hasher, std::string value = {}) {
  return {std::move(what), hasher.digest().low, 0, std::move(value)};
}

void add_command(const Tree& tree, const StepSpec& step, std::vector<KeyPart>& parts) {
  Hasher command;
  command.add(static_cast<std::uint64_t>(step.command)).add(step.kernel).add(step.kernel_version);
  add_template(tree, step.run, step, command);
  for (const Template& word : step.argv) add_template(tree, word, step, command);
  command.add(step.scratch_cwd ? 1 : 0);
  parts.push_back(part("command", command));
  std::map<std::string, std::string> values;
  any_piece(step, [&](const Piece& piece) {
    if (is_parameter(piece)) values.emplace(piece.output, piece.text);
    return false;
  });
  for (const auto& [name, value] : values) {
    parts.push_back(part("command `" + name + "`", Hasher().add(value), value));
  }
}

void add_kernel_params(const Tree& tree, const StepSpec& step, std::vector<KeyPart>& parts) {
  if (step.params_json.empty() && step.param_templates.empty()) return;
  const nlohmann::json params = nlohmann::json::parse(step.params_json, nullptr, false);
  if (!params.is_object() || !step.param_templates.empty()) {
    Hasher whole;
    whole.add(step.params_json);
    for (const auto& [name, text] : step.param_templates) {
      whole.add(name);
      add_template(tree, text, step, whole);
    }
    parts.push_back(part("parameters", whole));
    return;
  }
  for (const auto& [name, value] : params.items()) {
    const std::string text = value.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
    parts.push_back(part("parameters `" + name + "`", Hasher().add(text), text));
  }
}

}  // namespace

std::vector<KeyPart> step_key_parts(const Tree& tree, const StepSpec& step) {
  std::vector<KeyPart> parts;
  add_command(tree, step, parts);
  add_kernel_params(tree, step, parts);
  Hasher environment;
  for (const auto& [name, value] : step.environment.variables) environment.add(name).add(value);
  environment.add(step.environment.variables.size());
  for (const std::string& module : step.environment.modules) environment.add(module);
  environment.add(step.environment.conda).add(step.environment.setup);
  parts.push_back(part("environment", environment));

  Hasher outputs;
  for (const OutputSpec& output : step.outputs) {
    outputs.add(output.name).add(static_cast<std::uint64_t>(output.kind));
    add_template(tree, output.path, step, outputs);
  }
  parts.push_back(part("outputs", outputs));
  return parts;
}

std::vector<UsedColumn> used_columns(const Tree& tree, const StepSpec& step) {
  std::vector<UsedColumn> used;
  const auto note = [&](const Piece& piece) {
    if (piece.kind != PieceKind::LevelColumn) return false;
    UsedColumn column{
        piece.level, piece.column, tree.level(piece.level).columns[piece.column].name};
    if (std::find(used.begin(), used.end(), column) == used.end()) used.push_back(column);
    return false;
  };
  any_piece(step, note);
  for (const InputSpec& input : step.inputs) {
    for (const Piece& piece : input.path.pieces) note(piece);
  }
  for (const OutputSpec& output : step.outputs) {
    for (const Piece& piece : output.path.pieces) note(piece);
  }
  // By name, so that another order in the command is no other order of parts.
  std::sort(used.begin(), used.end(), [](const UsedColumn& a, const UsedColumn& b) {
    return a.what != b.what ? a.what < b.what : a.level < b.level;
  });
  std::vector<std::string> names;
  for (const UsedColumn& one : used) names.push_back(one.what);
  for (std::size_t i = 0; i < used.size(); ++i) {
    const bool shared = std::count(names.begin(), names.end(), names[i]) > 1;
    used[i].what =
        "column `" + (shared ? tree.level(used[i].level).name + "." : "") + names[i] + "`";
  }
  return used;
}

}  // namespace wfr
