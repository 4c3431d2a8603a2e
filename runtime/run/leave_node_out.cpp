// One question to the records, then one update for each waiting job.
#include "runtime/run/leave_node_out.hpp"

#include "runtime/plan/own_out.hpp"
#include "runtime/plan/state_words.hpp"
#include "runtime/run/bad_nodes.hpp"
#include "runtime/run/host.hpp"
#include "runtime/run/journal.hpp"
#include "runtime/run/slurm_jobs.hpp"

#include <algorithm>
#include <filesystem>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace wfr {
namespace {

// ExcNodeList=n1,n[3-4] of a job, as Slurm has it.
std::string excluded_now(const std::string& shown) {
  const std::string nodes = value_in_scontrol(shown, "ExcNodeList");
  return is_host_list(nodes) ? nodes : std::string();
}

bool leave_out(std::uint32_t job, const std::string& nodes) {
  const auto shown = capture({"scontrol", "--oneliner", "show", "job", std::to_string(job)});
  if (!shown || value_in_scontrol(*shown, "JobState") != "PENDING") return false;
  const std::string own = excluded_now(*shown);
  const std::string list = own.empty() ? nodes : own + "," + nodes;
  return capture({"scontrol", "update", "JobId=" + std::to_string(job), "ExcNodeList=" + list})
      .has_value();
}

// False if somebody was here before.
bool note_once(const StatePaths& paths, const std::string& node) {
  const std::filesystem::path dir = paths.dir / "left-out";
  make_own_directories(dir);
  const int fd = open((dir / node).c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kOwnFile);
  if (fd < 0) return false;
  close(fd);
  return true;
}

}  // namespace

std::string leave_own_node_out(const Plan& plan, const StatePaths& paths, const std::string& run) {
  const bool climbs = std::any_of(plan.arrays.begin(),
                                  plan.arrays.end(),
                                  [](const JobArray& array) { return array.repeats(); });
  const std::string node = host_record().node;
  if (run.empty() || !climbs || !is_host_word(node) ||
      std::filesystem::exists(paths.dir / "left-out" / node))
    return {};
  const std::vector<std::string> bad = bad_nodes(paths);
  if (std::find(bad.begin(), bad.end(), node) == bad.end() || !note_once(paths, node)) return {};
  std::size_t told = 0;
  for (const JournalRun& one : read_journal(paths.journal())) {
    if (one.id != run) continue;
    for (const JournalJob& job : one.jobs) {
      const std::string name = job.name.substr(0, job.name.find('+'));
      const auto array = std::find_if(plan.arrays.begin(),
                                      plan.arrays.end(),
                                      [&](const auto& some) { return some.name == name; });
      if (array == plan.arrays.end() || !array->repeats() || job.id == 0) continue;
      if (leave_out(job.id, fmt::format("{}", fmt::join(bad, ",")))) ++told;
    }
  }
  return fmt::format("later passes avoid node {} in {} job{}: its last {} tasks failed",
                     node,
                     told,
                     told == 1 ? "" : "s",
                     kBadAfter);
}

}  // namespace wfr
