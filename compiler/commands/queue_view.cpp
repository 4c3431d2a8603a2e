// Slurm's answers, counted.
#include "compiler/commands/queue_view.hpp"

#include "runtime/plan/visible.hpp"
#include "runtime/run/failure_groups.hpp"
#include "runtime/run/host.hpp"
#include "runtime/run/slurm_log.hpp"
#include "runtime/run/slurm_state.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace wfc {
namespace {

constexpr int kPatienceSeconds = 10;
// Of so many kinds of dead jobs an example is asked for.
constexpr std::size_t kMostExamples = 5;

std::string owner_of(const std::filesystem::path& file) {
  struct stat info {};
  return std::to_string(stat(file.c_str(), &info) == 0 ? info.st_uid : getuid());
}

bool is_held(const wfr::SlurmJob& job) {
  const std::string& reason = job.reason;
  return job.state == "PENDING" &&
         (reason.starts_with("JobHeld") || reason == "JobHoldMaxRequeue" ||
          reason.find("requeued held") != std::string::npos ||
          reason.find("requeued_held") != std::string::npos);
}

// Left the queue otherwise than by an order or by success.
bool has_failed(const wfr::SlurmJob& job) {
  static constexpr const char* kFine[] = {"COMPLETED", "CANCELLED", "PREEMPTED", "REVOKED"};
  return wfr::is_final_state(job.state) &&
         std::find(std::begin(kFine), std::end(kFine), job.state) == std::end(kFine);
}

// "3 jobs", "15 array tasks of 2 jobs", "1 job and 15 array tasks of 2 jobs".
std::string amount_text(const std::vector<const wfr::SlurmJob*>& jobs) {
  std::size_t plain = 0;
  std::size_t elements = 0;
  std::set<std::uint32_t> arrays;
  for (const wfr::SlurmJob* job : jobs) {
    if (!job->index) {
      ++plain;
    } else {
      ++elements;
      arrays.insert(job->id);
    }
  }
  const auto count = [](std::size_t number, const char* what) {
    return fmt::format("{} {}{}", number, what, number == 1 ? "" : "s");
  };
  std::string text;
  if (plain > 0) text = count(plain, "job");
  if (elements == 0) return text;
  return text + (text.empty() ? "" : " and ") + count(elements, "array task") + " of " +
         (arrays.size() == 1 ? fmt::format("job {}", *arrays.begin())
                             : count(arrays.size(), "job"));
}

// What is behind an exit code or a reason, where it is known.
std::string cause_text(const wfr::SlurmJob& job) {
  // slurmstepd's own status when it cannot open the file of --output.
  if (job.exit_code == "0:53") {
    return ": Slurm could not open its log file; is the directory `logs` there, and can the node "
           "see it?";
  }
  return job.reason.empty() ? "" : fmt::format(" ({})", wfr::visible_text(job.reason));
}

std::string dead_line(const std::vector<const wfr::SlurmJob*>& jobs,
                      const wfr::SlurmJob& example,
                      const std::string& name) {
  std::string text = jobs.size() == 1 ? "job " + job_text(example) : amount_text(jobs);
  text += fmt::format(" ({}) failed before {} started a task: {}",
                      wfr::visible(name),
                      jobs.size() == 1 ? "it" : "they",
                      example.state);
  if (!example.exit_code.empty()) text += ", ExitCode " + wfr::visible_text(example.exit_code);
  if (!example.nodes.empty()) text += " on " + wfr::visible_text(example.nodes);
  return text + cause_text(example) + "\n";
}

using JobKey = std::pair<std::uint32_t, std::int64_t>;

JobKey key_of(std::uint32_t id, std::optional<std::uint32_t> index) {
  return {id, index ? std::int64_t{*index} : -1};
}

// Of these jobs, those under whose ids a task has started.
std::set<JobKey> started_ones(const wfr::StatePaths& state, const std::set<JobKey>& jobs) {
  std::set<JobKey> found;
  wfr::read_logs(state.log_dir(), [&](const wfr::Record& record) {
    const JobKey key = record.array_job_id > 0 ? key_of(record.array_job_id, record.array_task_id)
                                               : key_of(record.job_id, std::nullopt);
    if (record.job_id != 0 && jobs.contains(key)) found.insert(key);
  });
  return found;
}

// Whether a job of the journal is an array of the plan with tasks of a wanted step.
bool runs_wanted(const wfr::Plan& plan, const std::string& job, const QueueView::Wanted& wanted) {
  return std::any_of(plan.arrays.begin(), plan.arrays.end(), [&](const wfr::JobArray& array) {
    if (array.name != wfr::array_of(job)) return false;
    const std::vector<wfr::StepId>& steps = plan.families[index_of(array.family)].steps;
    return std::any_of(
        steps.begin(), steps.end(), [&](wfr::StepId id) { return wanted(plan.step(id).name); });
  });
}

}  // namespace

QueueView::QueueView(const wfr::StatePaths& last, wfr::AskCommand ask)
    : last_(last), ask_(std::move(ask)), runs_(wfr::read_journal(last.journal())) {
  if (!ask_) {
    ask_ = [](const std::vector<std::string>& argv) {
      return wfr::capture_within(argv, kPatienceSeconds);
    };
  }
  wfr::SlurmQuestion question;
  for (const wfr::JournalRun& run : runs_) {
    if (!run.cluster.empty()) cluster_ = run.cluster;
    for (const wfr::JournalJob& job : run.jobs) {
      if (job.id != 0) question.ids.push_back(job.id);
    }
  }
  if (question.ids.empty()) return;
  question.user = owner_of(last.journal());
  question.cluster = cluster_;
  asked_ = true;
  jobs_ = ask_jobs(question, ask_);
}

std::string QueueView::queue_text(const wfr::Caller& caller) const {
  if (!asked_) return {};
  if (!jobs_) return "Slurm does not answer: its queue is not known\n";
  std::vector<const wfr::SlurmJob*> queued;
  std::map<std::string, std::size_t> counts;
  for (const wfr::SlurmJob& job : *jobs_) {
    if (wfr::is_final_state(job.state)) continue;
    queued.push_back(&job);
    ++counts[is_held(job) ? "held" : job.state];
  }
  if (queued.empty()) return "in Slurm's queue: nothing\n";
  std::string states;
  for (const auto& [name, count] : counts) {
    states += fmt::format("{}{} {}", states.empty() ? "" : ", ", count, name);
  }
  return fmt::format("in Slurm's queue: {}: {}\n", amount_text(queued), states) + held_text(caller);
}

std::string QueueView::held_text(const wfr::Caller& caller) const {
  std::vector<const wfr::SlurmJob*> held;
  std::vector<const wfr::SlurmJob*> stuck;
  std::set<std::string> ids;
  for (const wfr::SlurmJob& job : *jobs_) {
    if (is_held(job)) {
      held.push_back(&job);
      ids.insert(std::to_string(job.id));
    }
    if (job.state == "PENDING" && job.reason == "DependencyNeverSatisfied") stuck.push_back(&job);
  }
  std::string text;
  if (!held.empty() && !runs_.back().released) {
    text += fmt::format("the submission was not finished, so {} held: to finish it: {}\n",
                        held.size() == 1 ? "its job is" : "its jobs are",
                        propose(wfr::Proposal::Submit, caller));
  } else if (!held.empty() && held.front()->reason == "JobHeldAdmin" && geteuid() != 0) {
    text += fmt::format("{} held by an administrator (JobHeldAdmin)\n",
                        amount_text(held) + (held.size() == 1 ? " is" : " are"));
  } else if (!held.empty()) {
    text += fmt::format("{} held ({}): to release {}: {}\n",
                        amount_text(held) + (held.size() == 1 ? " is" : " are"),
                        wfr::visible_text(held.front()->reason),
                        held.size() == 1 ? "it" : "them",
                        propose(wfr::Proposal::Release, caller, {ids.begin(), ids.end()}));
  }
  if (!stuck.empty()) {
    text += fmt::format("{} can never start (DependencyNeverSatisfied)\n", amount_text(stuck));
  }
  return text;
}

std::string QueueView::dead_text(const wfr::Plan& plan,
                                 const Wanted& wanted,
                                 const wfr::Caller& caller) {
  if (!jobs_ || runs_.empty()) return {};
  Names names;
  for (const wfr::JournalJob& job : runs_.back().jobs) {
    if (job.id != 0 && runs_wanted(plan, job.name, wanted)) names[job.id] = job.name;
  }
  std::set<JobKey> keys;
  for (const wfr::SlurmJob& job : *jobs_) {
    if (has_failed(job) && names.contains(job.id)) keys.insert(key_of(job.id, job.index));
  }
  const std::set<JobKey> started = keys.empty() ? keys : started_ones(last_, keys);
  std::map<std::pair<std::uint32_t, std::string>, std::vector<const wfr::SlurmJob*>> dead;
  for (const wfr::SlurmJob& job : *jobs_) {
    const JobKey key = key_of(job.id, job.index);
    if (keys.contains(key) && !started.contains(key)) dead[{job.id, job.state}].push_back(&job);
  }
  std::string text;
  std::size_t asked = 0;
  for (const auto& [kind, jobs] : dead) {
    wfr::SlurmJob example = *jobs.front();
    if (asked++ < kMostExamples) ask_details(example, cluster_, ask_);
    text += dead_line(jobs, example, names[kind.first]) + log_text(example, caller);
  }
  for (const wfr::SlurmJob& job : *jobs_) names.erase(job.id);
  return text + forgotten_text(names);
}

// The log of a job below the out directory, and its end.
std::string QueueView::log_text(const wfr::SlurmJob& job, const wfr::Caller& caller) const {
  wfr::Record record;
  record.job_id = job.id;
  if (job.index) {
    record.array_job_id = job.id;
    record.array_task_id = *job.index;
  }
  const std::filesystem::path log = wfr::job_log(last_.dir.parent_path().parent_path(), record);
  if (log.empty()) return {};
  const std::string end = wfr::is_private_log(log) ? "" : wfr::end_of_file(log);
  return wfr::quoted_tail("\n" + end) +
         fmt::format("    log: {}\n", wfr::visible_text(wfr::shown_path(log, caller.directory)));
}

std::string QueueView::forgotten_text(const Names& names) const {
  if (names.empty()) return {};
  std::set<std::uint32_t> started;
  wfr::read_logs(last_.log_dir(), [&](const wfr::Record& record) {
    const std::uint32_t id = record.array_job_id > 0 ? record.array_job_id : record.job_id;
    if (names.contains(id)) started.insert(id);
  });
  std::string text;
  for (const auto& [id, name] : names) {
    if (started.contains(id)) continue;
    text += fmt::format("Slurm does not know job {} ({}) any more, and no task has started in it\n",
                        id,
                        wfr::visible(name));
  }
  return text;
}

}  // namespace wfc
