// Ingredients of a key, digested one by one.
#include "runtime/run/key.hpp"

#include "runtime/plan/expand.hpp"
#include "runtime/run/hash.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <sys/stat.h>

namespace wfr {
namespace {

constexpr std::size_t kMostInputParts = 16;
constexpr std::string_view kPartsHeader = "key 1\n";

// A template as it is written: placeholders by kind, so that {cpus} and its like never expand here.
// Levels, columns and steps enter by name: their numbers change with the rest of the workflow.
void add_template(const Tree& tree, const Template& text, const StepSpec& step, Hasher& hasher) {
  hasher.add(text.pieces.size());
  for (const Piece& piece : text.pieces) {
    hasher.add(static_cast<std::uint64_t>(piece.kind)).add(piece.text).add(piece.output);
    const bool column = piece.kind == PieceKind::LevelColumn;
    const Level& level = tree.level(piece.level);
    hasher.add(level.name).add(column ? level.columns[piece.column].name : "");
    const bool need = piece.kind == PieceKind::Need || piece.kind == PieceKind::NeedOutput ||
                      piece.kind == PieceKind::NeedList;
    if (need) hasher.add(step.needs[piece.need].step_name);
  }
}

KeyPart part(std::string what, const Hasher& hasher) {
  return {std::move(what), hasher.digest().low};
}

void add_columns(const Plan& plan, Task task, Hasher& hasher) {
  const InstanceSet& set = plan.graph.tasks(task.step);
  const Ordinal node = set.node_at(task.index);
  const Tree& tree = plan.graph.tree;
  // Every value of the task's own directories: a changed sample sheet row is a changed task.
  for (LevelId level = set.level; level != kRootLevel; level = tree.level(level).under) {
    const Ordinal own = tree.ancestor(set.level, node, level);
    for (const Column& column : tree.level(level).columns) {
      hasher.add(column.name).add(column.values.at(own));
    }
  }
}

void add_stat(const OutsideInput& input, Hasher& hasher) {
  struct stat info {};
  hasher.add(input.name);
  if (stat(input.path.c_str(), &info) != 0) {
    hasher.add("absent");
    return;
  }
  hasher.add(static_cast<std::uint64_t>(info.st_size));
  hasher.add(static_cast<std::uint64_t>(info.st_mtim.tv_sec));
  hasher.add(static_cast<std::uint64_t>(info.st_mtim.tv_nsec));
}

void add_inputs(const std::vector<OutsideInput>& inputs, std::vector<KeyPart>& parts) {
  if (inputs.size() > kMostInputParts) {
    Hasher all;
    for (const OutsideInput& input : inputs) add_stat(input, all);
    parts.push_back(part(fmt::format("inputs ({} files)", inputs.size()), all));
    return;
  }
  for (const OutsideInput& input : inputs) {
    Hasher one;
    add_stat(input, one);
    parts.push_back(part("input `" + input.name + "`", one));
  }
}

}  // namespace

std::vector<KeyPart> step_key_parts(const Tree& tree, const StepSpec& step) {
  Hasher command;
  command.add(static_cast<std::uint64_t>(step.command)).add(step.kernel).add(step.kernel_version);
  add_template(tree, step.run, step, command);
  for (const Template& word : step.argv) add_template(tree, word, step, command);
  command.add(step.scratch_cwd ? 1 : 0);

  Hasher params;
  params.add(step.params_json);
  for (const auto& [name, text] : step.param_templates) {
    params.add(name);
    add_template(tree, text, step, params);
  }
  Hasher environment;
  for (const auto& [name, value] : step.environment.variables) environment.add(name).add(value);
  environment.add(step.environment.variables.size());
  for (const std::string& module : step.environment.modules) environment.add(module);
  environment.add(step.environment.conda).add(step.environment.setup);

  Hasher outputs;
  for (const OutputSpec& output : step.outputs) {
    outputs.add(output.name).add(static_cast<std::uint64_t>(output.kind));
    add_template(tree, output.path, step, outputs);
  }
  return {part("command", command),
          part("parameters", params),
          part("environment", environment),
          part("outputs", outputs)};
}

KeyMaker::KeyMaker(const Plan& plan) : plan_(plan) {
  for (const StepSpec& step : plan.steps) {
    step_parts_.push_back(step_key_parts(plan.graph.tree, step));
  }
}

TaskKey KeyMaker::make(Task task,
                       const std::vector<ProducerDigest>& producers,
                       const std::vector<OutsideInput>& inputs) const {
  TaskKey result;
  result.parts = step_parts_[index_of(task.step)];
  Hasher names;
  names.add(task_directory(plan_, task));
  add_columns(plan_, task, names);
  result.parts.push_back(part("names", names));
  for (const ProducerDigest& producer : producers) {
    result.parts.push_back({"step `" + plan_.step(producer.step).name + "`", producer.digest.low});
  }
  add_inputs(inputs, result.parts);
  Hasher whole;
  for (const KeyPart& one : result.parts) whole.add(one.what).add(one.digest);
  result.key = whole.digest();
  return result;
}

std::string parts_text(const std::vector<KeyPart>& parts) {
  std::string text(kPartsHeader);
  for (const KeyPart& one : parts) {
    std::string what = one.what;
    std::replace(what.begin(), what.end(), '\n', '?');
    text += fmt::format("{:016x} {}\n", one.digest, what);
  }
  constexpr std::size_t kMost = 4096;
  if (text.size() > kMost) text.resize(text.rfind('\n', kMost - 1) + 1);
  return text;
}

std::optional<std::vector<KeyPart>> parse_parts(std::string_view text) {
  if (text.substr(0, kPartsHeader.size()) != kPartsHeader) return std::nullopt;
  text.remove_prefix(kPartsHeader.size());
  std::vector<KeyPart> parts;
  constexpr std::size_t kDigits = 16;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    KeyPart one;
    if (line.size() <= kDigits) return std::nullopt;
    const auto read = std::from_chars(line.data(), line.data() + kDigits, one.digest, 16);
    if (read.ptr != line.data() + kDigits) return std::nullopt;
    one.what = line.substr(kDigits + 1);
    parts.push_back(std::move(one));
  }
  return parts;
}

std::vector<std::string> explain_difference(const std::vector<KeyPart>& before,
                                            const std::vector<KeyPart>& now) {
  const auto in = [](const std::vector<KeyPart>& parts, const std::string& what) {
    return std::find_if(
        parts.begin(), parts.end(), [&](const KeyPart& p) { return p.what == what; });
  };
  std::vector<std::string> texts;
  for (const KeyPart& one : now) {
    const auto old = in(before, one.what);
    const bool step = one.what.rfind("step ", 0) == 0;
    const bool input = one.what.rfind("input", 0) == 0;
    const std::string what = step || input ? one.what : "its " + one.what;
    if (old == before.end()) {
      texts.push_back(what + " is new");
    } else if (old->digest != one.digest) {
      texts.push_back(step ? "the outputs of " + what + " have changed" : what + " changed");
    }
  }
  for (const KeyPart& one : before) {
    if (in(now, one.what) == now.end()) texts.push_back(one.what + " is no longer read");
  }
  return texts;
}

}  // namespace wfr
