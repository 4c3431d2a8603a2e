// wfc verdict: what became of every task, as the verdict job of a run says it.
#include "runtime/run/verdict.hpp"

#include "compiler/commands/command.hpp"
#include "compiler/commands/subject.hpp"
#include "runtime/plan/visible.hpp"
#include "runtime/run/failures_text.hpp"
#include "runtime/run/finalizers_text.hpp"
#include "runtime/run/stale_results.hpp"

#include <exception>
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>

namespace wfc {
namespace {

// 1 is an answer: whatever keeps it from having one is 2.
int verdict(const CompileOptions& options) try {
  const Subject subject = open_subject(options, "verdict");
  if (subject.plan == nullptr) return 2;
  const wfr::PlanVerdict all =
      derive_verdict(*subject.plan,
                     subject.state,
                     wfr::kMostFailuresRead,
                     wfr::still_stale(*subject.plan, subject.out, subject.state, ""));
  std::cout << verdict_text(*subject.plan, all, subject.state, subject.caller)
            << finalizers_text(*subject.plan, subject.state, subject.caller);
  return all.all_done() ? 0 : 1;
} catch (const std::exception& error) {
  std::cerr << "wfc verdict: error: " << wfr::visible_text(error.what()) << '\n';
  return 2;
}

}  // namespace

void add_verdict(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand(
      "verdict", "report the outcome of every task; exit status 0 if all are done");
  auto options = std::make_shared<CompileOptions>();
  add_compile_options(*command, *options, {nullptr, true});
  command->callback([options, &action] { action = [options] { return verdict(*options); }; });
}

}  // namespace wfc
