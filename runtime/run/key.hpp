// The key of a task: everything that its result depends on. Resources never enter.
#pragma once

#include "runtime/plan/plan.hpp"
#include "runtime/plan/state.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wfr {

// One ingredient, so that `wfc why` can tell what has changed: "command", "parameters",
// "environment", "outputs", "names", "step `split`", "input `day1/raw.ns5`".
struct KeyPart {
  std::string what;
  std::uint64_t digest = 0;
  friend bool operator==(const KeyPart&, const KeyPart&) = default;
};

struct TaskKey {
  Key key;
  std::vector<KeyPart> parts;
};

struct ProducerDigest {
  StepId step{};
  Key digest;
};

struct OutsideInput {
  std::string path;  // absolute
  std::string name;  // relative to the root
};

// What a step itself puts into the keys of its tasks: command, parameters, environment, outputs.
std::vector<KeyPart> step_key_parts(const Tree& tree, const StepSpec& step);

class KeyMaker {
 public:
  explicit KeyMaker(const Plan& plan);
  // Stats the inputs.
  [[nodiscard]] TaskKey make(Task task,
                             const std::vector<ProducerDigest>& producers,
                             const std::vector<OutsideInput>& inputs) const;

 private:
  const Plan& plan_;
  std::vector<std::vector<KeyPart>> step_parts_;  // by StepId
};

// The parts as text for the log record of a task, and back. At most 4 KiB: with many inputs they
// are one part.
std::string parts_text(const std::vector<KeyPart>& parts);
// nullopt when the text is of something else.
std::optional<std::vector<KeyPart>> parse_parts(std::string_view text);
// What differs, in words: "the command has changed", "input `raw.h5` has changed".
std::vector<std::string> explain_difference(const std::vector<KeyPart>& before,
                                            const std::vector<KeyPart>& now);

}  // namespace wfr
