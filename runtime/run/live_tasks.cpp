// Journals -> ids, the queue -> live array indices, blocks -> tasks, by name -> tasks of this plan.
#include "runtime/run/live_tasks.hpp"

#include "runtime/plan/state_words.hpp"
#include "runtime/run/carry_tree.hpp"
#include "runtime/run/gate.hpp"
#include "runtime/run/host.hpp"
#include "runtime/run/journal.hpp"
#include "runtime/run/resume_owners.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <utility>
#include <vector>

#include <sys/stat.h>
#include <unistd.h>

namespace wfr {
namespace {

namespace fs = std::filesystem;

// One plan's submissions that may still have jobs.
struct Submission {
  std::string hash;
  std::vector<JournalRun> runs;
};

struct Submissions {
  std::vector<Submission> plans;
  std::map<std::string, std::set<std::uint32_t>> ids;  // by cluster, "" for the default one
  uid_t user = 0;  // whose jobs they are: the owner's of out/state
};

Submissions read_submissions(const fs::path& out_dir) {
  Submissions all;
  struct stat info {};
  all.user = ::stat((out_dir / "state").c_str(), &info) == 0 ? info.st_uid : getuid();
  for (const fs::path& journal : journals_in(out_dir)) {
    Submission submission{journal.parent_path().filename().string(), read_journal(journal)};
    bool any = false;
    for (const JournalRun& run : submission.runs) {
      if (run.cancelled || (!run.releasing && !run.released)) continue;
      for (const JournalJob& job : run.jobs) {
        if (job.id != 0) all.ids[run.cluster].insert(job.id);
        any = any || job.id != 0;
      }
    }
    if (!any) continue;
    all.plans.push_back(std::move(submission));
  }
  return all;
}

// Lines "JOB|INDEX|STATE|REASON" of jobs that will still run something.
void add_live(const std::string& lines,
              const std::set<std::uint32_t>& ids,
              std::vector<LiveElement>& live) {
  std::istringstream in(lines);
  for (std::string line; std::getline(in, line);) {
    std::vector<std::string> words;
    std::istringstream parts(line);
    for (std::string word; std::getline(parts, word, '|');) words.push_back(word);
    constexpr std::size_t kWords = 4;
    if (words.size() < kWords || words[2] == "CG") continue;
    if (words[3] == "DependencyNeverSatisfied") continue;
    const auto id = whole_number(words[0]);
    if (!id || !ids.contains(*id)) continue;
    const auto index = whole_number(words[1]);
    live.push_back({*id, index ? std::int64_t{*index} : -1});
  }
}

std::vector<LiveElement> read_live_queue(const Submissions& all,
                                         const std::function<void(const std::string&)>& warn) {
  std::vector<LiveElement> live;
  if (!squeue_found()) return live;
  for (const auto& [cluster, ids] : all.ids) {
    std::vector<std::string> words = {"squeue",
                                      "--noheader",
                                      "--array",
                                      "--user=" + std::to_string(all.user),
                                      "--format=%F|%K|%t|%r"};
    if (!cluster.empty()) words.push_back("--clusters=" + cluster);
    const std::optional<std::string> lines = capture(words);
    if (!lines) {
      warn("squeue does not answer: tasks of jobs in the queue may run twice");
      continue;
    }
    add_live(*lines, ids, live);
  }
  return live;
}

// What a job of a later pass has in hand: its blocks, but for those of which every task is done.
StepRanges open_share(const Plan& plan,
                      SlotStore& slots,
                      const JobArray& array,
                      std::uint32_t index) {
  const Family& family = plan.families.at(index_of(array.family));
  const std::uint32_t blocks = plan.maps.at(family.block_map).blocks();
  StepRanges open;
  for (std::uint64_t block = index; block < blocks; block += array.size()) {
    StepRanges tasks = tasks_of_block(plan, family, static_cast<std::uint32_t>(block));
    const bool any = std::any_of(tasks.begin(), tasks.end(), [&](const auto& some) {
      return has_open(slots.of(some.first), some.second);
    });
    if (any) open.insert(open.end(), tasks.begin(), tasks.end());
  }
  return open;
}

// Adds what one plan's live jobs have to `found`, as tasks of `to`.
void add_plan(const Plan& from,
              const StatePaths& state,
              const Owners& owners,
              const Plan& to,
              Selection& found) {
  SlotStore slots(from, state, false);
  TreeMatch match(from.graph.tree, to.graph.tree);
  const auto now = [&](const std::string& name) {
    for (const StepSpec& step : to.steps) {
      if (step.was == name) return to.find_step(step.name);
    }
    return to.find_step(name);
  };
  for (const auto& [place, job] : owners.jobs()) {
    const JobArray& array = from.arrays[place.first];
    const Family& family = from.families[index_of(array.family)];
    const StepRanges tasks = array.repeats()
                                 ? open_share(from, slots, array, place.second)
                                 : tasks_of_block(from, family, array.first_block + place.second);
    for (const auto& [step, ranges] : tasks) {
      const StepId there = now(from.step(step).name);
      if (there == StepId{kNone}) continue;
      const InstanceSet& old_set = from.graph.tasks(step);
      const InstanceSet& new_set = to.graph.tasks(there);
      const std::vector<Ordinal>& nodes = match.nodes(old_set.level, new_set.level);
      for (const Range& range : ranges) {
        for (TaskIndex i = range.begin; i < range.end && !nodes.empty(); ++i) {
          const Ordinal node = nodes[old_set.node_at(i)];
          if (node == kNone || !new_set.contains(node)) continue;
          found.add({there, new_set.rank_of(node)}, new_set.count);
        }
      }
    }
  }
}

}  // namespace

bool squeue_found() {
  const char* const path = std::getenv("PATH");
  std::istringstream in(path == nullptr ? "" : path);
  for (std::string directory; std::getline(in, directory, ':');) {
    if (::access((directory + "/squeue").c_str(), X_OK) == 0) return true;
  }
  return false;
}

Selection live_tasks(const Plan& plan,
                     const std::filesystem::path& out_dir,
                     const std::function<void(const std::string&)>& on_warning) {
  Selection found(plan.steps.size());
  const Submissions all = read_submissions(out_dir);
  if (all.ids.empty()) return found;
  const std::vector<LiveElement> live = read_live_queue(all, on_warning);
  if (live.empty()) return found;
  for (const Submission& submission : all.plans) {
    const fs::path file = out_dir / "plan" / submission.hash / "plan.wfp";
    if (!fs::exists(file)) continue;
    const Plan from = map_plan(file, submission.hash);
    add_plan(from,
             state_paths(out_dir, submission.hash),
             Owners(from, out_dir, submission.runs, live),
             plan,
             found);
  }
  return found;
}

}  // namespace wfr
