// The lines that slurmstepd adds to a job's output.
#include "runtime/run/slurm_log.hpp"

#include "runtime/run/job_log.hpp"
#include "runtime/run/slurm_state.hpp"

#include <algorithm>
#include <fstream>
#include <system_error>

namespace wfr {
namespace {

namespace fs = std::filesystem;

// What slurmstepd says at the end is a few lines of less than 200 bytes.
constexpr std::streamoff kTailBytes = 8192;

// "slurmstepd: error: ..." or "slurmstepd-n1: error: ...", also behind a line that was left open.
std::string_view said_by_slurm(std::string_view line) {
  constexpr std::string_view kMark = ": error: ";
  const std::size_t program = line.find("slurmstepd");
  if (program == std::string_view::npos) return {};
  const std::size_t mark = line.find(kMark, program);
  return mark == std::string_view::npos ? std::string_view() : line.substr(mark + kMark.size());
}

std::string reason_of(std::string_view said) {
  const auto has = [said](std::string_view part) {
    return said.find(part) != std::string_view::npos;
  };
  const bool too_much = has("exceeded memory limit (") && has("being killed");
  const bool by_kernel = has("oom_kill event") || has("oom-kill event");
  if (too_much || by_kernel) return "OUT_OF_MEMORY";
  if (has("CANCELLED AT") && has("DUE TO TIME LIMIT")) return "TIMEOUT";
  if (has("CANCELLED AT") && has("DUE TO NODE FAILURE")) return "NODE_FAIL";
  return {};
}

}  // namespace

std::string state_in_log(std::string_view text) {
  std::string state;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string reason = reason_of(said_by_slurm(text.substr(0, end)));
    if (!reason.empty()) state = std::move(reason);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return state;
}

// The names of `--output`: NAME.%A_%a.log of an array, else NAME.%j.log.
JobLogs::JobLogs(const fs::path& out_dir) {
  for (const fs::path& logs : {out_dir / "logs", out_dir / kPrivateLogs}) {
    std::error_code error;
    for (fs::directory_iterator it(logs, error), end; !error && it != end; it.increment(error)) {
      const fs::path& file = it->path();
      const std::string job = file.stem().extension().string();
      if (file.extension() == ".log" && !job.empty()) files_[job.substr(1)] = file;
    }
  }
}

bool is_private_log(const fs::path& file) {
  return file.parent_path().filename() == fs::path(kPrivateLogs).filename();
}

fs::path JobLogs::of(const std::string& job) const {
  const auto found = files_.find(job);
  return found == files_.end() ? fs::path() : found->second;
}

fs::path job_log(const fs::path& out_dir, const Record& record) {
  return record.job_id == 0 ? fs::path() : JobLogs(out_dir).of(job_text(record));
}

std::string end_of_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  const std::streamoff size = file.tellg();
  if (size <= 0) return {};
  std::string tail(static_cast<std::size_t>(std::min(size, kTailBytes)), '\0');
  file.seekg(size - static_cast<std::streamoff>(tail.size()));
  file.read(tail.data(), static_cast<std::streamsize>(tail.size()));
  tail.resize(static_cast<std::size_t>(file.gcount()));
  return without_heads(tail);
}

}  // namespace wfr
