// Where the state of a plan lives, and which plan was the last.
#include "runtime/plan/own_out.hpp"
#include "runtime/plan/state.hpp"
#include "runtime/plan/state_io.hpp"
#include "runtime/plan/state_words.hpp"

#include <stdexcept>
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
  const fs::path file = out_dir / "state" / "last";
  std::string hash = read_state_text(file, out_dir / "state").value_or("");
  while (!hash.empty() && hash.back() == '\n') hash.pop_back();
  if (!hash.empty() && !is_plan_hash(hash)) {
    throw std::runtime_error("`" + file.string() + "` names no plan: remove it");
  }
  return hash;
}

void write_last(const std::filesystem::path& out_dir, std::string_view plan_hash) {
  const fs::path dir = out_dir / "state";
  make_own_directories(dir);
  // Two submissions at once each rename a whole file: the last one wins, and neither is torn.
  replace_file(dir / "last", std::string(plan_hash) + "\n");
}

}  // namespace wfr
