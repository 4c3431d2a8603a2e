// Which plans are needed: by name, by journals and the queue, by locks, by what was carried.
#include "runtime/run/old_plans.hpp"

#include "runtime/plan/plan_head.hpp"
#include "runtime/plan/plan_seal.hpp"
#include "runtime/plan/state_words.hpp"
#include "runtime/run/carry_sources.hpp"
#include "runtime/run/host.hpp"
#include "runtime/run/journal.hpp"
#include "runtime/run/live_tasks.hpp"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace wfr {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kHashDigits = 32;
constexpr std::string_view kRemoved = ".removed-";

// The plan of the submit.sh that lies here, "" without one; nullopt when it cannot be read.
std::optional<std::string> submitted_by_script(const fs::path& out_dir) {
  constexpr std::string_view kLine = "readonly plan=";
  const fs::path file = out_dir / "submit.sh";
  if (::access(file.c_str(), F_OK) != 0) return std::string();
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with(kLine)) continue;
    std::string hash = line.substr(kLine.size(), kHashDigits);
    if (is_plan_hash(hash)) return hash;
    break;
  }
  return std::nullopt;
}

bool is_locked(const fs::path& file) {
  const int fd = ::open(file.c_str(), O_RDWR | O_CLOEXEC);
  if (fd < 0) return true;
  struct flock wanted {};
  wanted.l_type = F_WRLCK;
  wanted.l_whence = SEEK_SET;
  const bool asked = ::fcntl(fd, F_OFD_GETLK, &wanted) == 0;
  ::close(fd);
  return asked && wanted.l_type != F_UNLCK;
}

// Whether a `wfc run` works in this directory: it holds a lock of the file for as long as it runs.
bool run_is_at_work(const fs::path& out_dir) {
  const fs::path file = out_dir / "state" / "run.lock";
  if (::access(file.c_str(), F_OK) != 0) return errno != ENOENT;
  return is_locked(file);
}

// A job that was started by hand is in no journal; it holds its tasks while it works on them.
bool is_worked_on(const StatePaths& state) {
  std::error_code error;
  for (fs::directory_iterator it(state.dir / "slots", error), end; !error && it != end;
       it.increment(error)) {
    if (is_locked(it->path())) return true;
  }
  return error && error != std::errc::no_such_file_or_directory;
}

// What the journals of all plans name, and what of it is in the queue.
class Queue {
 public:
  // False when the queue cannot be asked, or has jobs of this directory that no journal names.
  bool read(const fs::path& out_dir) {
    std::set<std::string> clusters;
    for (const fs::path& journal : journals_in(out_dir)) {
      if (::access(journal.c_str(), F_OK) != 0) continue;
      if (::access(journal.c_str(), R_OK) != 0) return false;
      std::vector<JournalRun>& runs = runs_[journal.parent_path().filename().string()];
      runs = read_journal(journal);
      for (const JournalRun& run : runs) {
        if (!run.jobs.empty()) clusters.insert(run.cluster);
        for (const JournalJob& job : run.jobs) known_.insert(job.id);
      }
    }
    if (!squeue_found()) return clusters.empty();
    clusters.insert("");
    return std::all_of(clusters.begin(), clusters.end(), [&](const std::string& cluster) {
      return ask(cluster, out_dir);
    });
  }

  // Whether a submission waits to be finished. submit.sh has cleared those of other plans away.
  [[nodiscard]] bool is_interrupted(const std::string& hash) const {
    const auto found = runs_.find(hash);
    if (found == runs_.end() || found->second.empty()) return false;
    const JournalRun& last = found->second.back();
    return !last.released && !last.cancelled && !last.jobs.empty();
  }
  [[nodiscard]] bool has_jobs_of(const std::string& hash) const {
    const auto found = runs_.find(hash);
    if (found == runs_.end()) return false;
    for (const JournalRun& run : found->second) {
      for (const JournalJob& job : run.jobs) {
        if (queued_.contains(job.id)) return true;
      }
    }
    return false;
  }

 private:
  bool ask(const std::string& cluster, const fs::path& out_dir) {
    constexpr int kSeconds = 20;
    std::vector<std::string> words = {
        "squeue", "--noheader", "--user=" + std::to_string(::getuid()), "--format=%F|%Z"};
    if (!cluster.empty()) words.push_back("--clusters=" + cluster);
    const std::optional<std::string> lines = capture_within(words, kSeconds);
    if (!lines) return false;
    std::error_code error;
    std::istringstream in(*lines);
    for (std::string line; std::getline(in, line);) {
      const std::size_t bar = line.find('|');
      const auto id = whole_number(std::string_view(line).substr(0, bar));
      if (!id || bar == std::string::npos) continue;
      queued_.insert(*id);
      if (!known_.contains(*id) && fs::equivalent(line.substr(bar + 1), out_dir, error)) {
        return false;
      }
    }
    return true;
  }

  std::map<std::string, std::vector<JournalRun>> runs_;  // by plan
  std::set<std::uint32_t> known_;
  std::set<std::uint32_t> queued_;
};

// All in it is what a compile writes.
bool is_compiled(const fs::path& plan) {
  if (!fs::is_directory(fs::symlink_status(plan))) return false;
  if (!fs::is_regular_file(fs::symlink_status(plan / "plan.wfp"))) return false;
  for (fs::recursive_directory_iterator it(plan), end; it != end; ++it) {
    const fs::path place = it->path().lexically_relative(plan);
    const bool known = place == "plan.wfp" || place == "plan.json" || place == kManifestName ||
                       place == "tables" ||
                       (place.parent_path() == "tables" && place.extension() == ".u32");
    if (!known) return false;
  }
  return true;
}

// What a removal that was killed has left. It may have lost plan.wfp already.
bool is_left_over(std::string_view name) {
  return name.starts_with(kRemoved) && is_plan_hash(name.substr(kRemoved.size()));
}

// The directories of out/plan, and what a killed removal has left.
std::vector<std::string> names_in(const fs::path& plans) {
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : fs::directory_iterator(plans)) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

class Remover {
 public:
  Remover(const fs::path& out_dir, std::string_view keep) : out_dir_(out_dir), keep_(keep) {}

  std::size_t remove(AskedBy asked_by) {
    const std::vector<std::string> names = names_in(out_dir_ / "plan");
    const bool any = std::any_of(names.begin(), names.end(), [&](const std::string& name) {
      return is_left_over(name) || (is_plan_hash(name) && !is_named(name));
    });
    if (!any) return 0;
    if (asked_by == AskedBy::Submission ? run_is_at_work(out_dir_)
                                        : fs::exists(out_dir_ / "state" / "lock")) {
      return 0;
    }
    // The queue before the slots: what has left it writes no more of them.
    const bool any_for_slurm =
        std::any_of(names.begin(), names.end(), [&](const std::string& name) {
          return is_plan_hash(name) && !is_named(name) && is_for_slurm(name);
        });
    Queue queue;
    const bool known = !any_for_slurm || queue.read(out_dir_);
    const CarryLock lock(out_dir_, CarryLock::Kind::Write);
    std::size_t count = 0;
    for (const std::string& name : names) {
      if (is_left_over(name)) fs::remove_all(out_dir_ / "plan" / name);
      if (!is_plan_hash(name) || is_named(name)) continue;
      if (!is_compiled(out_dir_ / "plan" / name)) continue;
      if (is_for_slurm(name) && (!known || queue.has_jobs_of(name))) continue;
      if (asked_by == AskedBy::Run && queue.is_interrupted(name)) continue;
      const StatePaths state = state_paths(out_dir_, name);
      if (is_worked_on(state) || !is_carried_wholly(state)) continue;
      if (take_away(name, state)) ++count;
    }
    return count;
  }

 private:
  // Also if submit.sh cannot be read: it may name any plan.
  [[nodiscard]] bool is_named(const std::string& hash) const {
    const std::optional<std::string> script = submitted_by_script(out_dir_);
    return hash == keep_ || hash == read_last(out_dir_) || !script || *script == hash;
  }

  // Whether jobs of it may be in the queue, also such as were submitted by hand.
  [[nodiscard]] bool is_for_slurm(const std::string& hash) const {
    if (fs::exists(state_paths(out_dir_, hash).journal())) return true;
    try {
      return map_plan(out_dir_ / "plan" / hash / "plan.wfp").site != "local";
    } catch (const PlanReadError&) {
      return true;
    } catch (const PlanError&) {
      // Of another version, or half a plan: no job can read it.
      return false;
    }
  }

  // By another name first: who has begun to compile or run this plan meanwhile has named it by now,
  // or finds it gone and writes it again.
  bool take_away(const std::string& hash, const StatePaths& state) const {
    const fs::path plan = out_dir_ / "plan" / hash;
    keep_steps(plan, state);
    const fs::path away = out_dir_ / "plan" / fmt::format("{}{}", kRemoved, hash);
    fs::rename(plan, away);
    const bool needed = is_named(hash);
    std::error_code there;
    if (needed) fs::rename(away, plan, there);
    if (!needed || there) fs::remove_all(away);
    return !needed;
  }

  static void keep_steps(const fs::path& plan, const StatePaths& state) {
    if (!fs::exists(state.log_dir())) return;
    try {
      replace_file(state.dir / "steps", steps_text(map_plan(plan / "plan.wfp")));
    } catch (const PlanError&) {
      // Of another version: nobody can read its records.
    }
  }

  const fs::path& out_dir_;
  std::string_view keep_;
};

}  // namespace

std::size_t remove_old_plans(const std::filesystem::path& out_dir,
                             std::string_view keep,
                             AskedBy asked_by) noexcept {
  try {
    return Remover(out_dir, keep).remove(asked_by);
  } catch (const std::exception&) {
    return 0;
  }
}

}  // namespace wfr
