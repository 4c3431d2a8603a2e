// A workflow as its file and directories are now, or as it was last run or submitted.
#include "compiler/commands/subject.hpp"

#include "compiler/driver/out_owner.hpp"
#include "compiler/driver/out_place.hpp"
#include "runtime/plan/visible.hpp"

#include <iostream>
#include <system_error>

#include <fmt/format.h>

namespace wfc {
namespace {

namespace fs = std::filesystem;

std::shared_ptr<const wfr::Plan> map_last(const fs::path& out, const std::string& hash) {
  return std::make_shared<const wfr::Plan>(wfr::map_plan(out / "plan" / hash / "plan.wfp", hash));
}

Subject last_of(const CompileOptions& options, const char* command) {
  Subject subject;
  subject.caller = caller_of(options);
  subject.caller.options.clear();
  subject.out = subject.caller.out;
  const std::string last = wfr::read_last(subject.out);
  if (last.empty()) {
    std::cerr << fmt::format("wfc {}: error: nothing was run or submitted from `{}`\n",
                             command,
                             wfr::visible_text(options.out.string()));
    return subject;
  }
  subject.submitted = map_last(subject.out, last);
  subject.plan = subject.submitted.get();
  subject.state = subject.last = wfr::state_paths(subject.out, last);
  return subject;
}

}  // namespace

Subject open_subject(const CompileOptions& given, const char* command) {
  CompileOptions options = given;
  std::error_code error;
  if (fs::is_directory(options.workflow, error)) {
    options.out = options.workflow;
    options.workflow.clear();
  }
  if (options.workflow.empty()) return last_of(options, command);
  Subject subject;
  Sink sink;
  std::optional<Compiled> compiled = compile(options, true, sink);
  const bool ours = compiled && out_is_ours(options.workflow, options.out, sink) &&
                    may_be_out(*compiled, options.out, sink);
  if (finish(sink) != 0 || !ours) return subject;
  subject.caller = caller_of(options);
  subject.out = subject.caller.out;
  subject.compiled = std::make_shared<const Compiled>(std::move(*compiled));
  subject.plan = &subject.compiled->plan;
  subject.view = std::make_shared<const wfr::StateView>(subject.out, *subject.plan);
  subject.state = subject.view->paths();
  const std::string last = wfr::read_last(subject.out);
  subject.last = wfr::state_paths(subject.out, last);
  try {
    if (!last.empty()) subject.submitted = map_last(subject.out, last);
  } catch (const wfr::PlanError&) {
    // Of another version, or gone: what Slurm knows of its jobs is all there is.
  }
  return subject;
}

wfr::OccupiedCommands commands_of(const Subject& subject) {
  const bool local = subject.compiled ? subject.compiled->front.workflow.site.local
                                      : !std::filesystem::exists(subject.out / "submit.sh");
  wfr::Caller caller = subject.caller;
  if (caller.workflow.empty()) caller.workflow = owner_of(subject.out);
  return local ? commands_for_run(caller) : commands_for_submit(caller);
}

}  // namespace wfc
