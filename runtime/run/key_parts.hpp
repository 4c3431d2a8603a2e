// What a key is made of, one by one, so that `wfc why` can tell what has changed: in memory, in the
// record of a task, and in words.
#pragma once

#include "runtime/plan/plan.hpp"
#include "runtime/plan/state.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wfr {

// One ingredient: "command", "command `threshold`" (a parameter in it), "parameters `low`" (one of
// a kernel), "environment", "outputs", "names", "column `dose`", "step `split`",
// "input `day1/raw.ns5`".
struct KeyPart {
  std::string what;
  std::uint64_t digest = 0;
  // The digest without times, where times are in the other: equal before and after a copy. Else 0.
  std::uint64_t sizes = 0;
  std::string value;  // of a parameter or column, shortened for people
  friend bool operator==(const KeyPart&, const KeyPart&) = default;
};

// What a step itself puts into the keys of its tasks: command, parameters, environment, outputs.
std::vector<KeyPart> step_key_parts(const Tree& tree, const StepSpec& step);

// A column that a step names in its command, inputs, outputs or parameters. No other counts.
struct UsedColumn {
  LevelId level{};
  std::uint32_t column = 0;
  std::string what;  // "column `dose`"; "column `plate.dose`" if columns of two levels are used
  friend bool operator==(const UsedColumn&, const UsedColumn&) = default;
};
std::vector<UsedColumn> used_columns(const Tree& tree, const StepSpec& step);

// In the record of a task that is done, but not in its key: what it made, names and sizes without
// times. `sizes`: FoundOutputs::sizes. If a task is stale only because the fingerprint of its
// outputs differs, and this part is the same, then only times differ.
KeyPart made_part(const Key& sizes);
// For the record: the parts of a key with that part before them.
std::vector<KeyPart> with_made(std::vector<KeyPart> parts, const Key& sizes);

// Whether everything that differs differs in times alone: the parts that a record holds against
// those of now, with the made_part() of what is there now among them (without it outputs are not
// compared). True when nothing differs.
bool only_times_differ(const std::vector<KeyPart>& before, const std::vector<KeyPart>& now);

// The parts as text for the log record of a task, and back. At most 4 KiB: what goes beyond it is
// left out, and a last part "..." says so.
std::string parts_text(const std::vector<KeyPart>& parts);
// nullopt when the text is of something else, or by an earlier version.
std::optional<std::vector<KeyPart>> parse_parts(std::string_view text);
// What differs, in words: "the command changed: `threshold` 4.5 -> 3", "input `raw.h5` changed".
std::vector<std::string> explain_difference(const std::vector<KeyPart>& before,
                                            std::vector<KeyPart> now);

}  // namespace wfr
