// `wfr resume`: prints for submit.sh what to submit again, and writes the index tables.
#include "runtime/run/bad_nodes.hpp"
#include "runtime/run/decide.hpp"
#include "runtime/run/look_progress.hpp"
#include "runtime/run/resume.hpp"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <stdexcept>

namespace wfr {
namespace {

std::filesystem::path table_file(const std::filesystem::path& dir, const ResumePart& part) {
  return dir / (std::to_string(part.array) + "." + std::to_string(part.part) + ".u32");
}

std::string option(const std::vector<std::string>& words, const std::string& name) {
  const auto found = std::find(words.begin(), words.end(), name);
  if (words.end() - found >= 2) return *(found + 1);
  throw std::runtime_error("resume needs " + name);
}

bool has_option(const std::vector<std::string>& words, const std::string& name) {
  return std::find(words.begin(), words.end(), name) != words.end();
}

// On stderr, for the person who has called submit.sh.
void tell(const Plan& plan, const std::filesystem::path& out_dir, const Decision& decision) {
  const std::string text = blocked_text(plan, out_dir, state_paths(out_dir, plan.hash), decision);
  std::fputs(text.c_str(), stderr);
}

}  // namespace

std::string resume_lines(const Plan& plan, const ResumePlan& resume) {
  std::string text = std::to_string(resume.pending) + " " + std::to_string(resume.live) + " " +
                     std::to_string(resume.finalizers) + "\n";
  for (const ResumePart& part : resume.parts) {
    const JobArray& array = plan.arrays[part.array];
    const std::size_t count = array.plain ? 0 : part.indices.size();
    text += std::to_string(part.array) + " " + std::to_string(part.part) + " " +
            std::to_string(count) + " " + std::to_string(array.limit);
    for (const PartWait& wait : part.after) {
      text += " " + std::to_string(static_cast<unsigned>(wait.kind)) + " " +
              std::to_string(wait.on) + " " + std::to_string(wait.part);
    }
    text += "\n";
  }
  return text;
}

void write_tables(const Plan& plan, const ResumePlan& resume, const std::filesystem::path& dir) {
  for (const ResumePart& part : resume.parts) {
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
    options.on_decision = [&](const Decision& decision) {
      tell(plan, out_dir, decision);
      if (has_option(words, "--json")) json = decision_json(plan, decision);
    };
    const ResumePlan resume =
        plan_resume(plan, out_dir, runs, read_live(option(words, "--live")), options);
    if (!json.empty()) {
      std::fputs(json.c_str(), stdout);
      return std::fflush(stdout) == 0 ? 0 : 1;
    }
    write_tables(plan, resume, option(words, "--dir"));
    write_bad_nodes(state_paths(out_dir, hash), option(words, "--dir"));
    std::fputs(resume_lines(plan, resume).c_str(), stdout);
    return std::fflush(stdout) == 0 ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "wfr: error: %s\n", error.what());
    return 1;
  }
}

}  // namespace wfr
