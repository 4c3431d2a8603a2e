// Maps jobs in the queue back to blocks of the plan.
#include "runtime/run/resume_owners.hpp"

#include "runtime/plan/state_words.hpp"
#include "runtime/plan/visible.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

namespace wfr {
namespace {

// A job of the journal: an array of the plan, and what its Slurm indices mean.
struct Submitted {
  std::uint32_t array = 0;
  bool plain = false;
  bool tabled = false;
  std::vector<std::uint32_t> table;
  std::uint32_t limit = 0;  // of the job, where it is lower than the array's
};

std::filesystem::path limits_file(const std::filesystem::path& tables) {
  return tables / "limits";
}

// 0 when the file does not name the part.
std::uint32_t limit_in(const std::filesystem::path& file, const std::string& part) {
  std::ifstream in(file);
  std::string name;
  std::uint32_t limit = 0;
  while (in >> name >> limit) {
    if (name == part) return limit;
  }
  return 0;
}

// False if the journal's name is no array of the plan: the verdict, a finalizer.
bool find_submitted(const Plan& plan,
                    const std::filesystem::path& out_dir,
                    const JournalRun& run,
                    const std::string& key,
                    Submitted& found) {
  const std::size_t plus = key.find('+');
  const std::string name = key.substr(0, plus);
  for (std::uint32_t a = 0; a < plan.arrays.size(); ++a) {
    if (plan.arrays[a].name != name) continue;
    found.array = a;
    found.plain = plan.arrays[a].plain;
    std::filesystem::path file = out_dir / "plan" / plan.hash / "tables" / (name + ".u32");
    if (plus != std::string::npos) {
      const std::filesystem::path tables = state_paths(out_dir, plan.hash).dir / "tables" / run.id;
      const std::string part = std::to_string(a) + "." + key.substr(plus + 1);
      file = tables / (part + ".u32");
      found.limit = limit_in(limits_file(tables), part);
    }
    found.tabled = std::filesystem::exists(file);
    found.table = read_table(file);
    return true;
  }
  return false;
}

}  // namespace

std::vector<std::uint32_t> read_table(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream whole;
  whole << in.rdbuf();
  const std::string bytes = whole.str();
  std::vector<std::uint32_t> table(bytes.size() / 4);
  for (std::size_t i = 0; i < table.size() * 4; ++i) {
    const auto byte = static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i]));
    table[i / 4] |= byte << (8 * (i % 4));
  }
  return table;
}

std::vector<LiveElement> read_live(const std::filesystem::path& file) {
  std::vector<LiveElement> live;
  std::ifstream in(file);
  // What is in the queue would be submitted twice.
  if (!in) throw std::runtime_error("cannot read " + file.string());
  for (std::string line; std::getline(in, line);) {
    if (line.empty()) continue;
    const std::size_t space = std::min(line.find(' '), line.size());
    const std::string_view after = std::string_view(line).substr(std::min(space + 1, line.size()));
    const auto job = whole_number(std::string_view(line).substr(0, space));
    const auto index = whole_number(after);
    if (!job || (!index && after != "-1")) {
      throw std::runtime_error(file.string() + ": not a list of jobs: " + visible(line));
    }
    live.push_back({*job, index ? std::int64_t{*index} : -1});
  }
  return live;
}

Owners::Owners(const Plan& plan,
               const std::filesystem::path& out_dir,
               const std::vector<JournalRun>& runs,
               const std::vector<LiveElement>& live) {
  std::map<std::uint32_t, Submitted> by_job;
  for (const JournalRun& run : runs) {
    for (const JournalJob& job : run.jobs) {
      Submitted found;
      if (job.id != 0 && find_submitted(plan, out_dir, run, job.name, found)) {
        by_job[job.id] = std::move(found);
      }
    }
  }
  for (const LiveElement& element : live) {
    const auto job = by_job.find(element.job);
    if (job == by_job.end()) continue;
    const Submitted& found = job->second;
    auto index = static_cast<std::uint32_t>(element.index < 0 ? 0 : element.index);
    if (found.tabled && !found.plain) {
      if (index >= found.table.size()) continue;
      index = found.table[index];
    }
    jobs_[{found.array, index}] = element.job;
    if (found.limit > 0) limits_[element.job] = found.limit;
  }
}

std::string limit_line(const ResumePart& part) {
  return std::to_string(part.array) + "." + std::to_string(part.part) + " " +
         std::to_string(part.limit) + "\n";
}

void write_limits(const std::filesystem::path& dir, const std::string& lines) {
  if (lines.empty()) {
    // Of an answer that was asked for again.
    std::filesystem::remove(limits_file(dir));
    return;
  }
  std::ofstream out(limits_file(dir), std::ios::trunc);
  out << lines;
  out.close();
  if (!out) throw std::runtime_error("cannot write " + limits_file(dir).string());
}

bool has_open(const SlotFile& slots, const std::vector<Range>& tasks) {
  return std::any_of(tasks.begin(), tasks.end(), [&](Range range) {
    const std::vector<Slot> some = slots.read_range(range);
    return std::any_of(
        some.begin(), some.end(), [](const Slot& slot) { return slot.verdict != Verdict::Done; });
  });
}

std::uint32_t Owners::limit_of(std::uint32_t job) const {
  const auto found = limits_.find(job);
  return found == limits_.end() ? 0 : found->second;
}

std::uint32_t Owners::job_of(std::uint32_t array, std::uint32_t index) const {
  const auto found = jobs_.find({array, index});
  return found == jobs_.end() ? 0 : found->second;
}

}  // namespace wfr
