// `wfr resume`: prints for submit.sh what to submit again, and writes the index tables.
#include "runtime/plan/visible.hpp"
#include "runtime/run/bad_nodes.hpp"
#include "runtime/run/carry.hpp"
#include "runtime/run/decide.hpp"
#include "runtime/run/look_progress.hpp"
#include "runtime/run/occupied.hpp"
#include "runtime/run/resume.hpp"
#include "runtime/run/resume_owners.hpp"
#include "runtime/run/stale_results.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <system_error>

namespace wfr {
namespace {

std::filesystem::path table_file(const std::filesystem::path& dir, const ResumePart& part) {
  return dir / (std::to_string(part.array) + "." + std::to_string(part.part) + ".u32");
}

std::string option_or_none(const std::vector<std::string>& words, const std::string& name) {
  const auto found = std::find(words.begin(), words.end(), name);
  return words.end() - found >= 2 ? *(found + 1) : std::string();
}

std::string option(const std::vector<std::string>& words, const std::string& name) {
  const std::string text = option_or_none(words, name);
  if (text.empty()) throw std::runtime_error("resume needs " + name);
  return text;
}

bool has_option(const std::vector<std::string>& words, const std::string& name) {
  return std::find(words.begin(), words.end(), name) != words.end();
}

// On stderr, for the person who has called submit.sh.
void tell(const Plan& plan,
          const std::filesystem::path& out_dir,
          const StatePaths& state,
          const Decision& decision,
          const std::string& adopt) {
  const std::string accept = adopt.empty() ? "" : adopt + " --times";
  const std::string text =
      blocked_text(plan, out_dir, state, decision) + times_text(decision, accept);
  std::fputs(text.c_str(), stderr);
}

// What is in the places of outputs of tasks that would run, and is somebody else's: false, and
// said, when nobody has said what shall become of it.
bool clear_places(const Plan& plan,
                  const std::filesystem::path& out_dir,
                  const StatePaths& state,
                  const std::vector<std::string>& words,
                  const Decision& decision) {
  const Occupied occupied = find_occupied(plan, out_dir, state, decision);
  if (occupied.places.empty()) return true;
  const bool aside = has_option(words, "--set-aside");
  if (aside || has_option(words, "--replace")) {
    if (has_option(words, "--dry-run")) return true;
    if (aside) set_aside(occupied);
    if (!aside) own_to_replace(plan, out_dir, occupied);
    return true;
  }
  const std::string again = option_or_none(words, "--again-by");
  const std::string text = occupied_text(
      plan,
      occupied,
      {option_or_none(words, "--adopt-by"), again + " --set-aside", again + " --replace"});
  std::fprintf(stderr, "%s\n", text.c_str());
  return false;
}

}  // namespace

std::string resume_lines(const Plan& plan, const ResumePlan& resume) {
  std::string text = std::to_string(resume.pending) + " " + std::to_string(resume.live) + " " +
                     std::to_string(resume.finalizers) + " " + std::to_string(plan.task_count()) +
                     " " + std::to_string(resume.blocked) + "\n";
  for (const ResumePart& part : resume.parts) {
    const JobArray& array = plan.arrays[part.array];
    const std::size_t count = array.plain ? 0 : part.indices.size();
    text += std::to_string(part.array) + " " + std::to_string(part.part) + " " +
            std::to_string(count) + " " + std::to_string(part.limit);
    for (const PartWait& wait : part.after) {
      text += " " + std::to_string(static_cast<unsigned>(wait.kind)) + " " +
              std::to_string(wait.on) + " " + std::to_string(wait.part);
    }
    text += "\n";
  }
  return text;
}

void write_tables(const Plan& plan, const ResumePlan& resume, const std::filesystem::path& dir) {
  std::string limits;
  for (const ResumePart& part : resume.parts) {
    if (part.limit < plan.arrays[part.array].limit) limits += limit_line(part);
    if (plan.arrays[part.array].plain) continue;
    std::string bytes;
    for (const std::uint32_t index : part.indices) {
      for (unsigned shift = 0; shift < 32; shift += 8) {
        bytes += static_cast<char>(static_cast<unsigned char>((index >> shift) & 0xffU));
      }
    }
    std::ofstream out(table_file(dir, part), std::ios::binary | std::ios::trunc);
    out << bytes;
    out.close();
    if (!out) throw std::runtime_error("cannot write " + table_file(dir, part).string());
  }
  write_limits(dir, limits);
}

void write_bad_nodes(const StatePaths& paths, const std::filesystem::path& dir) {
  std::string line;
  for (const std::string& node : bad_nodes(paths)) line += (line.empty() ? "" : ",") + node;
  const std::filesystem::path file = dir / "exclude";
  std::ofstream out(file, std::ios::trunc);
  if (!line.empty()) out << line << '\n';
  out.close();
  if (!out) throw std::runtime_error("cannot write " + file.string());
}

namespace {

// The exit status: an answer that is cut short, as by a full disk, is none.
int print(const std::string& text) {
  if (std::fputs(text.c_str(), stdout) >= 0 && std::fflush(stdout) == 0) return 0;
  throw std::system_error(errno, std::generic_category(), "cannot write the answer");
}

}  // namespace

int resume_command(const std::vector<std::string>& words) {
  try {
    const std::filesystem::path out_dir = std::filesystem::current_path();
    const std::string hash = option(words, "--plan");
    const Plan plan = map_plan(out_dir / "plan" / hash / "plan.wfp", hash);
    const std::vector<JournalRun> runs = read_journal(state_paths(out_dir, hash).journal());
    ResumeOptions options;
    options.trust_records = has_option(words, "--trust-records");
    options.on_progress = look_progress();
    std::string json;
    bool clear = true;
    const std::string dir = has_option(words, "--json") ? "" : option(words, "--dir");
    // A dry run has carried nothing over.
    const StateView view(out_dir, plan);
    options.on_decision = [&](const Decision& decision) {
      tell(plan, out_dir, view.paths(), decision, option_or_none(words, "--adopt-by"));
      if (has_option(words, "--json")) {
        std::optional<Occupied> occupied;
        if (!decision.trusted) occupied = find_occupied(plan, out_dir, view.paths(), decision);
        json = decision_json(plan, decision, occupied ? &*occupied : nullptr);
        return;
      }
      clear = clear_places(plan, out_dir, view.paths(), words, decision);
      if (clear) write_stale(plan, view.paths(), decision, dir);
    };
    const std::vector<LiveElement> live = read_live(option(words, "--live"));
    const ResumePlan resume = plan_resume(plan, out_dir, view.paths(), runs, live, options);
    if (!clear) return kOccupied;
    if (!json.empty()) {
      return print(json);
    }
    write_tables(plan, resume, dir);
    write_bad_nodes(state_paths(out_dir, hash), dir);
    return print(resume_lines(plan, resume));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "wfr: error: %s\n", visible_text(error.what()).c_str());
    return 1;
  }
}

}  // namespace wfr
