// state/attic: what is known of tasks that the last plan does not contain, sorted by step and
// directory. Narrowing a workflow and widening it again finds it there.
#pragma once

#include "runtime/plan/state.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace wfr {

// Whether one slot of a task tells of something later than another. A record's slot becomes "none"
// when the next attempt begins, and keeps its record and time.
inline bool is_newer(const Slot& slot, const Slot& other) {
  if (slot.time_ns != other.time_ns) return slot.time_ns > other.time_ns;
  return slot.verdict == Verdict::None && other.verdict != Verdict::None;
}

// A task by its directory (see node_path) and its newest slot.
struct AtticItem {
  std::string path;
  Slot slot;
};
using AtticItems = std::vector<AtticItem>;
// Both ascending by path; of a path in both the newer slot. Linear.
AtticItems merge_items(AtticItems a, AtticItems b);

class Attic {
 public:
  struct Step {
    std::string_view name;
    std::uint64_t count = 0;
    std::string_view items;
  };

  // A missing file is an empty attic. Throws std::runtime_error when it is damaged.
  explicit Attic(const std::filesystem::path& file);
  [[nodiscard]] const std::vector<Step>& steps() const { return steps_; }
  // Its tasks, ascending by path.
  static void visit(const Step& step,
                    const std::function<void(std::string_view path, const Slot& slot)>& use);

 private:
  std::string bytes_;
  std::vector<Step> steps_;
};

// Writes an attic: steps in ascending order of name, then close().
class AtticWriter {
 public:
  void add(std::string_view step, const AtticItems& items);  // nothing without items
  // The whole file at once; none, where there is nothing in it. On the disk when it returns.
  void close(const std::filesystem::path& file);
  [[nodiscard]] std::uint64_t count() const { return count_; }

 private:
  std::string bytes_;
  std::uint64_t count_ = 0;
};

}  // namespace wfr
