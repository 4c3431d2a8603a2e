// Joins what the parsers have read with the plan.
#include "compiler/slurm/verify_jobs.hpp"

#include "compiler/slurm/verify_options.hpp"

#include <algorithm>
#include <set>
#include <unordered_map>

#include <fmt/format.h>

namespace wfc::readback {
namespace {

using wfr::JobArray;
using wfr::Range;

constexpr const char* kCompileHelp = "compile the workflow again";
constexpr std::size_t kEntryBytes = 4;  // of an index table

Source source_of(const std::string& out,
                 const std::string& place,
                 std::string_view text,
                 Report& report) {
  auto source = std::make_shared<SourceFile>();
  source->name = out.empty() ? place : out + "/" + place;
  source->text = std::string(text);
  report.keep_alive(source);
  return source;
}

// The blocks that a list of array indices means, as runs.
std::vector<Run> runs_of(const std::vector<Range>& indices, std::uint32_t first_block) {
  std::vector<Run> runs;
  runs.reserve(indices.size());
  for (const Range& range : indices) {
    runs.push_back({range.begin, first_block + range.begin, range.size()});
  }
  return runs;
}

// The same when index i stands for entry i of a table.
std::vector<Run> runs_of_table(const std::vector<Range>& indices,
                               std::string_view bytes,
                               std::uint32_t first_block) {
  std::vector<Run> runs;
  for (const Range& range : indices) {
    for (std::uint32_t i = range.begin; i < range.end; ++i) {
      std::uint32_t entry = 0;
      for (std::size_t byte = kEntryBytes; byte > 0; --byte) {
        entry = entry << 8U | static_cast<unsigned char>(bytes[i * kEntryBytes + byte - 1]);
      }
      const std::uint32_t block = first_block + entry;
      if (!runs.empty() && runs.back().index + runs.back().count == i &&
          runs.back().block + runs.back().count == block) {
        ++runs.back().count;
      } else {
        runs.push_back({i, block, 1});
      }
    }
  }
  return runs;
}

class Joiner {
 public:
  Joiner(const EmittedFiles& files, const std::string& out, Report& report)
      : files_(files), out_(out), report_(report) {}

  std::optional<Emitted> join() {
    const auto submit = files_.find("submit.sh");
    if (submit == files_.end()) {
      report_(Kind::OutNotWhole,
              {},
              fmt::format("`{}` has no submit.sh", out_),
              "it is the directory that `wfc compile` makes for a site with Slurm");
      return std::nullopt;
    }
    auto parsed = parse_submit(source_of(out_, "submit.sh", submit->second, report_), report_);
    const bool submits = read_program();
    if (!parsed || !submits) return std::nullopt;
    emitted_.submit = std::move(*parsed);
    // From here on every call names jobs that were submitted before it.

    if (!read_plan() || !read_scripts()) return std::nullopt;
    // From here on there is exactly one script for each call, and all are of one plan.

    for (std::uint32_t a = 0; a < emitted_.plan.arrays.size(); ++a) {
      arrays_.emplace(emitted_.plan.arrays[a].name, a);
    }
    const std::vector<Call>& calls = emitted_.submit.calls;
    emitted_.jobs.resize(calls.size());
    for (std::size_t i = 0; i < calls.size(); ++i) {
      Job& job = emitted_.jobs[i];
      job.script = &emitted_.scripts[i];
      job.call = &calls[i];
      check_options(*job.script, emitted_.plan.workflow, report_);
      check_same_export(*job.script, emitted_.scripts.front(), report_);
      if (report_.failed() && report_.of_own_templates()) return std::nullopt;
      join_job(job);
    }
    check_all_there();
    if (report_.failed()) return std::nullopt;
    return std::move(emitted_);
  }

 private:
  bool read_program() {
    const std::string place = "bin/submit";
    const auto program = files_.find(place);
    if (program != files_.end()) {
      return check_program(source_of(out_, place, program->second, report_), report_);
    }
    report_(Kind::OutNotWhole,
            {},
            fmt::format("`{}` has no {}, which its submit.sh calls", out_, place),
            kCompileHelp);
    return false;
  }

  bool read_plan() {
    const Submit& submit = emitted_.submit;
    const std::string place = "plan/" + submit.plan + "/plan.wfp";
    const auto file = files_.find(place);
    if (file == files_.end()) {
      report_(Kind::OutNotWhole,
              submit.plan_line,
              fmt::format("there is no `{}`", place),
              kCompileHelp);
      return false;
    }
    try {
      const std::span<const char> bytes(file->second.data(), file->second.size());
      emitted_.plan = wfr::read_plan(bytes);
      wfr::verify_plan_content(bytes);
    } catch (const wfr::PlanError& error) {
      report_(Kind::WrongPlan,
              submit.plan_line,
              fmt::format("`{}`: {}", place, error.what()),
              kCompileHelp);
      return false;
    }
    if (emitted_.plan.hash == submit.plan) return true;
    report_(Kind::WrongPlan,
            submit.plan_line,
            fmt::format("`{}` is plan {}", place, emitted_.plan.hash),
            kCompileHelp);
    return false;
  }

  bool read_scripts() {
    std::set<std::string> called;
    for (const Call& call : emitted_.submit.calls) {
      const std::string place = "jobs/" + call.name + ".sbatch";
      called.insert(place);
      const auto file = files_.find(place);
      if (file == files_.end()) {
        report_(Kind::OutNotWhole, call.span, fmt::format("there is no `{}`", place), kCompileHelp);
        continue;
      }
      auto script = parse_script(source_of(out_, place, file->second, report_), call.name, report_);
      if (!script) {
        // All scripts come from one template: what is wrong with it is said once.
        if (report_.of_own_templates()) return false;
        continue;
      }
      if (script->plan != emitted_.plan.hash) {
        report_(Kind::WrongPlan,
                script->run_line,
                fmt::format("the script runs plan `{}`, submit.sh is of plan {}",
                            script->plan,
                            emitted_.plan.hash),
                "wfr would refuse it: compile the workflow again");
      }
      emitted_.scripts.push_back(std::move(*script));
    }
    for (const auto& [place, text] : files_) {
      if (!place.starts_with("jobs/") || !place.ends_with(".sbatch") || called.contains(place)) {
        continue;
      }
      report_(Kind::OutNotWhole,
              start_of(emitted_.submit.source),
              fmt::format("`{}` is not submitted", place),
              "each script has its call of `job`: compile the workflow again");
    }
    return !report_.failed();
  }

  void disagree(Span span, std::string message) {
    report_(Kind::PlanDisagrees, span, std::move(message), kCompileHelp);
  }

  void join_job(Job& job) {
    const Script& script = *job.script;
    if (script.runs != Runs::Array) {
      join_closing(job);
      return;
    }
    const auto found = arrays_.find(script.target);
    if (found == arrays_.end() || script.target != job.name()) {
      disagree(script.run_line,
               fmt::format("the script of `{}` runs `{}`", job.name(), script.target));
      return;
    }
    job.array = found->second;
    const JobArray* const array = &emitted_.plan.arrays[job.array];
    job.family = static_cast<std::uint32_t>(array->family);
    job.pass = array->pass;
    if (array->plain == script.array.has_value()) {
      disagree(script.array_line(),
               array->plain ? fmt::format("`{}` is one job, not an array", job.name())
                            : fmt::format("`{}` has no `--array` option", job.name()));
      return;
    }
    if (read_runs(job, *array)) check_blocks(job, *array);
  }

  // Sets job.runs.
  bool read_runs(Job& job, const JobArray& array) {
    const Script& script = *job.script;
    if (array.repeats()) return read_shares(job, array);
    if (array.plain) {
      job.runs = {{0, array.first_block, 1}};
      return true;
    }
    if (script.table.empty()) {
      job.runs = runs_of(script.array->indices, array.first_block);
      return true;
    }
    const auto table = files_.find(script.table);
    if (table == files_.end()) {
      report_(Kind::OutNotWhole,
              script.table_line,
              fmt::format("there is no `{}`", script.table),
              kCompileHelp);
      return false;
    }
    const std::size_t entries = table->second.size() / kEntryBytes;
    if (table->second.size() % kEntryBytes != 0 || script.array->indices.back().end > entries) {
      report_(Kind::IndexOutside,
              script.array_line(),
              fmt::format("the index table has {} entries, the array has higher indices", entries),
              kCompileHelp);
      return false;
    }
    job.runs = runs_of_table(script.array->indices, table->second, array.first_block);
    return true;
  }

  // Each index of a later pass has its share of all blocks: none may be missing, and none added.
  bool read_shares(Job& job, const JobArray& array) {
    const Script& script = *job.script;
    const bool all =
        array.plain || (script.table.empty() && script.array->indices == array.indices);
    if (!all) {
      disagree(script.array_line(),
               fmt::format("`{}` has other indices than the plan, which shares out its directories "
                           "among them",
                           job.name()));
      return false;
    }
    job.runs = {{0, 0, emitted_.plan.maps[emitted_.plan.families[job.family].block_map].blocks()}};
    return true;
  }

  void check_blocks(const Job& job, const JobArray& array) {
    const Script& script = *job.script;
    const std::uint64_t blocks =
        emitted_.plan.maps[emitted_.plan.families[job.family].block_map].blocks();
    for (const Run& run : job.runs) {
      if (run.block >= array.first_block && std::uint64_t{run.block} + run.count <= blocks)
        continue;
      const std::uint32_t last = run.index + run.count - 1;
      report_(Kind::IndexOutside,
              script.table.empty() ? script.array_line() : script.table_line,
              fmt::format("index {} of `{}` has no directory: there are {}",
                          last,
                          job.name(),
                          blocks - std::min<std::uint64_t>(blocks, array.first_block)),
              "such a job would fail when it starts: compile the workflow again");
      return;
    }
  }

  void join_closing(const Job& job) {
    const Script& script = *job.script;
    if (script.array) {
      disagree(script.array_line(), fmt::format("`{}` is one job, not an array", job.name()));
    }
    const bool is_verdict = script.runs == Runs::Verdict;
    if (is_verdict != (job.name() == emitted_.submit.verdict)) {
      disagree(
          script.run_line,
          is_verdict
              ? fmt::format("`{}` runs the verdict, not `{}`", job.name(), emitted_.submit.verdict)
              : fmt::format("`{}` is the verdict, but runs no verdict", job.name()));
    }
  }

  // Each array, the verdict and each finalizer of the plan has its job.
  void check_all_there() {
    const wfr::Plan& plan = emitted_.plan;
    std::set<std::string> finalizers;
    std::set<std::string> arrays;
    bool verdict = false;
    for (const Job& job : emitted_.jobs) {
      const Script& script = *job.script;
      if (script.runs == Runs::Verdict) verdict = true;
      if (script.runs == Runs::Array) arrays.insert(script.target);
      if (script.runs != Runs::Finalizer) continue;
      const wfr::StepId step = plan.find_step(script.target);
      if (step == wfr::StepId{wfr::kNone} ||
          plan.step(step).finalizer == wfr::FinalizerKind::None ||
          !finalizers.insert(script.target).second) {
        disagree(script.run_line,
                 fmt::format("`{}` is no finalizer, or a second job runs it", script.target));
      }
    }
    const Span place = emitted_.submit.verdict_line;
    const auto missing = [&](const std::string& what) {
      report_(Kind::OutNotWhole, place, fmt::format("no job runs {}", what), kCompileHelp);
    };
    if (!verdict) missing("the verdict");
    for (const JobArray& array : plan.arrays) {
      if (!arrays.contains(array.name)) missing(fmt::format("`{}` of the plan", array.name));
    }
    for (const wfr::StepId id : plan.order) {
      const wfr::StepSpec& step = plan.step(id);
      if (step.finalizer != wfr::FinalizerKind::None && !finalizers.contains(step.name)) {
        missing(fmt::format("the finalizer `{}`", step.name));
      }
    }
  }

  const EmittedFiles& files_;
  const std::string& out_;
  Report& report_;
  Emitted emitted_;
  std::unordered_map<std::string, std::uint32_t> arrays_;  // of the plan, by name
};

}  // namespace

std::optional<Emitted> read_emitted(const EmittedFiles& files,
                                    const std::string& out,
                                    Report& report) {
  return Joiner(files, out, report).join();
}

}  // namespace wfc::readback
