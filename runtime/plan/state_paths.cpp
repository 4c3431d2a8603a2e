// Where the state of a plan lives, and which plan was the last.
#include "runtime/plan/state.hpp"
#include "runtime/plan/state_io.hpp"

#include <fstream>
#include <string>

namespace wfr {

namespace fs = std::filesystem;

std::filesystem::path StatePaths::slots(const StepSpec& step) const {
  return dir / "slots" / (step.name + ".slots");
}

StatePaths state_paths(const std::filesystem::path& out_dir, std::string_view plan_hash) {
  return {out_dir / "state" / plan_hash};
}

std::string read_last(const std::filesystem::path& out_dir) {
  std::ifstream file(out_dir / "state" / "last");
  std::string hash;
  file >> hash;
  return hash;
}

void write_last(const std::filesystem::path& out_dir, std::string_view plan_hash) {
  const fs::path dir = out_dir / "state";
  fs::create_directories(dir);
  // Two submissions at once each rename a whole file: the last one wins, and neither is torn.
  replace_file(dir / "last", std::string(plan_hash) + "\n");
}

}  // namespace wfr
