// Builds small plans as a test writes them down, without the compiler.
#pragma once

#include "runtime/plan/plan.hpp"
#include "runtime/run/job.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace wfr::test {

// A directory that is removed at its end, with `data` and `out` in it.
class Workspace {
 public:
  Workspace();
  ~Workspace();
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;
  [[nodiscard]] std::filesystem::path data() const { return dir_ / "data"; }
  [[nodiscard]] std::filesystem::path out() const { return dir_ / "out"; }

 private:
  std::filesystem::path dir_;
};

void write_text(const std::filesystem::path& file, const std::string& text);
std::string read_text(const std::filesystem::path& file);

struct TestStep {
  std::string name;
  std::string each;  // level name; "" for once
  std::string run;   // placeholders as in a workflow file
  std::vector<std::string> needs;
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;  // "x/" a directory, "*" a glob
  std::function<void(StepSpec&)> more = nullptr;
};

class WorkflowBuilder {
 public:
  // Directory names below each node of the level before: the same for every parent.
  WorkflowBuilder& level(const std::string& name, const std::vector<std::string>& names);
  WorkflowBuilder& step(const TestStep& step);
  // `root`: absolute. Makes the data directories too.
  [[nodiscard]] Plan build(const std::filesystem::path& root) const;

 private:
  std::vector<std::pair<std::string, std::vector<std::string>>> levels_;
  std::vector<TestStep> steps_;
};

// Every task of the plan but finalizers, two cpus, this machine.
JobOptions whole_job(const Plan& plan, const std::filesystem::path& out);

}  // namespace wfr::test
