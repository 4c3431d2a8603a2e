// One line for each module, one for conda, and `setup` as it was written.
#include "runtime/plan/preparation.hpp"

#include "runtime/plan/expand.hpp"

namespace wfr {
namespace {

// A module that begins with `/` is a directory of modules.
std::string module_line(const std::string& module) {
  const std::string words = module.starts_with('/') ? "module use " : "module load ";
  return words + shell_quote(module) + " || wfc_unprepared " + shell_quote(words + module) + "\n";
}

std::string conda_lines(const std::string& environment) {
  const std::string words = shell_quote("conda activate " + environment);
  return "wfc_doing=" + words + "\neval \"$(conda shell.bash hook)\"\nconda activate " +
         shell_quote(environment) + " || wfc_unprepared " + words + "\n";
}

// The colon: a setup of nothing but comments is none.
std::string setup_lines(std::string setup) {
  while (!setup.empty() && setup.back() == '\n') setup.pop_back();
  return "wfc_doing=setup\n# `setup` of the workflow, as written there.\n# shellcheck "
         "disable=all\n{ :\n" +
         setup + "\n} || wfc_unprepared setup\n";
}

}  // namespace

bool needs_preparation(const EnvironmentSpec& spec) {
  return !spec.modules.empty() || !spec.conda.empty() || !spec.setup.empty();
}

std::string preparation_text(const EnvironmentSpec& spec) {
  std::string text = "set +eu +o pipefail\n";
  for (const std::string& module : spec.modules) text += module_line(module);
  if (!spec.conda.empty()) text += conda_lines(spec.conda);
  if (!spec.setup.empty()) text += setup_lines(spec.setup);
  return text;
}

}  // namespace wfr
