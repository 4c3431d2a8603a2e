// Checks the options of one script that do not say which tasks it runs.
#include "compiler/slurm/verify_options.hpp"

#include "runtime/plan/job_name.hpp"

#include <fmt/format.h>

namespace wfc::readback {
namespace {

constexpr const char* kHelp =
    "keep the line `#SBATCH {{{option}}}` of the built-in `job.sbatch`, and leave this option to "
    "it";

void check_value(const Script& script,
                 const std::string& option,
                 const std::string& wanted,
                 Report& report) {
  const auto found = script.options.find(option);
  if (found == script.options.end()) {
    report(
        Kind::WrongOption,
        start_of(script.source),
        fmt::format(
            "the script has no line `#SBATCH --{}{}{}`", option, wanted.empty() ? "" : "=", wanted),
        kHelp);
  } else if (found->second.value != wanted) {
    report(Kind::WrongOption,
           found->second.span,
           fmt::format("`--{}` is `{}` where it must be `{}`", option, found->second.value, wanted),
           kHelp);
  }
}

void check_absent(const Script& script,
                  const std::string& option,
                  const std::string& why,
                  Report& report) {
  const auto found = script.options.find(option);
  if (found == script.options.end()) return;
  report(Kind::WrongOption,
         found->second.span,
         fmt::format("`--{}`, although {}", option, why),
         kHelp);
}

}  // namespace

void check_same_export(const Script& script, const Script& first, Report& report) {
  const auto value = [](const Script& of) {
    const auto found = of.options.find("export");
    return found == of.options.end() ? std::string() : found->second.value;
  };
  if (value(script) == value(first)) return;
  const auto place = script.options.find("export");
  report(Kind::WrongOption,
         place == script.options.end() ? start_of(script.source) : place->second.span,
         fmt::format("`--export` is `{}` here and `{}` in jobs/{}.sbatch",
                     value(script),
                     value(first),
                     first.name),
         kHelp);
}

void check_options(const Script& script, const std::string& workflow, Report& report) {
  check_value(script, "job-name", wfr::job_name(workflow, script.name), report);
  check_value(script, "open-mode", "append", report);
  if (script.runs == Runs::Finalizer) {
    check_value(script, "no-requeue", "", report);
    check_absent(script, "requeue", "a finalizer runs once", report);
  } else {
    check_value(script, "requeue", "", report);
    check_absent(script, "no-requeue", "what a failed node interrupts is run again", report);
  }
  // Relative to the out directory, which submit.sh hands to sbatch: it may be moved and copied.
  const std::string log = script.name + (script.array ? ".%A_%a.log" : ".%j.log");
  const auto given = script.options.find("output");
  const bool hidden = given != script.options.end() && given->second.value == "logs/private/" + log;
  check_value(script, "output", (hidden ? "logs/private/" : "logs/") + log, report);
  if (script.whole_node && !script.options.contains("exclusive")) {
    report(Kind::WrongOption,
           script.run_line,
           "`--use whole-node`, although the script has no line `#SBATCH --exclusive`",
           kHelp);
  }
  if (script.table.starts_with("/")) {
    report(Kind::WrongOption, script.table_line, "the index table has an absolute path", kHelp);
  }
}

}  // namespace wfc::readback
