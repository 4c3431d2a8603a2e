// Files beside the workflow that a step uses: scripts and settings, by their content.
#pragma once

#include "runtime/plan/plan.hpp"
#include "runtime/run/key_parts.hpp"
#include "runtime/run/path_state.hpp"

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace wfr {

// The first file that a step lists and that is not there, as a sentence; "" when all are.
std::string missing_use(const Plan& plan, Task task, const std::string& workflow_dir);

// For any thread. A file is looked at once a second at most, however many tasks use it.
class UsedFiles {
 public:
  UsedFiles(const Plan& plan, std::string workflow_dir, ContentOf content);
  // A part for each file, "`scripts/model.py`"; with many files one for all.
  void add_parts(Task task, std::vector<KeyPart>& parts) const;

 private:
  struct Seen {
    std::int64_t looked_ns = 0;
    bool file = false;
    Key digest;
  };
  [[nodiscard]] Seen look_at(const std::string& path) const;
  // Relative to the workflow's directory, bytewise sorted.
  [[nodiscard]] std::vector<std::string> files_of(const UseSpec& use, Task task) const;

  const Plan& plan_;
  std::string workflow_dir_;
  ContentOf content_;
  mutable std::mutex mutex_;
  mutable std::map<std::string, Seen> seen_;
  mutable std::map<std::string, std::pair<std::int64_t, std::vector<std::string>>> globs_;
};

}  // namespace wfr
