// Slurm's tables, read with care: versions differ, and sites add lines of their own.
#include "runtime/run/slurm_jobs.hpp"

#include "runtime/plan/state_words.hpp"
#include "runtime/plan/visible.hpp"

#include <algorithm>
#include <charconv>
#include <set>

namespace wfr {
namespace {

// "RUNNING", "CG": a word in capitals.
bool is_state(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || c == '_';
  });
}

// "0:53"
bool is_exit_code(std::string_view text) {
  const std::size_t colon = std::min(text.find(':'), text.size());
  return whole_number(text.substr(0, colon)) &&
         whole_number(text.substr(std::min(colon + 1, text.size())));
}

// What does not fit is not known.
std::string exit_code_in(std::string_view text) {
  return is_exit_code(text) ? std::string(text) : std::string();
}

std::string nodes_in(std::string_view text) {
  return is_host_list(text) ? std::string(text) : std::string();
}

std::vector<std::string_view> fields_of(std::string_view line) {
  std::vector<std::string_view> fields;
  while (true) {
    const std::size_t bar = line.find('|');
    fields.push_back(line.substr(0, bar));
    if (bar == std::string_view::npos) return fields;
    line.remove_prefix(bar + 1);
  }
}

template <typename Use>
void each_line(std::string_view text, std::size_t fields, const Use& use) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::vector<std::string_view> found = fields_of(text.substr(0, end));
    if (found.size() == fields) use(found);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

// "CANCELLED" of "CANCELLED by 0".
std::string first_word(std::string_view text) {
  return std::string(text.substr(0, text.find(' ')));
}

std::vector<std::string> on_cluster(std::vector<std::string> argv, const std::string& cluster) {
  if (!cluster.empty()) argv.insert(argv.begin() + 1, "--clusters=" + cluster);
  return argv;
}

}  // namespace

std::string job_text(const SlurmJob& job) {
  const std::string id = std::to_string(job.id);
  return job.index ? id + "_" + std::to_string(*job.index) : id;
}

std::vector<SlurmJob> parse_squeue(std::string_view text) {
  std::vector<SlurmJob> jobs;
  each_line(text, 4, [&](const std::vector<std::string_view>& fields) {
    const std::optional<std::uint32_t> id = whole_number(fields[0]);
    if (!id || !is_state(fields[2])) return;
    SlurmJob job;
    job.id = *id;
    job.index = whole_number(fields[1]);
    job.state = fields[2];
    job.reason = fields[3] == "None" ? "" : visible(fields[3]);
    jobs.push_back(std::move(job));
  });
  return jobs;
}

std::vector<SlurmJob> parse_sacct(std::string_view text) {
  std::vector<SlurmJob> jobs;
  each_line(text, 4, [&](const std::vector<std::string_view>& fields) {
    const std::size_t line = std::min(fields[0].find('_'), fields[0].size());
    const std::optional<std::uint32_t> id = whole_number(fields[0].substr(0, line));
    const std::string state = first_word(fields[1]);
    if (!id || !is_state(state)) return;
    SlurmJob job;
    job.id = *id;
    if (line < fields[0].size()) job.index = whole_number(fields[0].substr(line + 1));
    job.state = state;
    job.exit_code = exit_code_in(fields[2]);
    job.nodes = nodes_in(fields[3]);
    jobs.push_back(std::move(job));
  });
  return jobs;
}

std::string value_in_scontrol(std::string_view text, std::string_view key) {
  const std::string wanted = std::string(key) + "=";
  for (std::size_t at = text.find(wanted); at != std::string_view::npos;
       at = text.find(wanted, at + 1)) {
    // Not the end of a longer key.
    if (at > 0 && text[at - 1] != ' ' && text[at - 1] != '\n') continue;
    const std::string_view rest = text.substr(at + wanted.size());
    return std::string(rest.substr(0, rest.find_first_of(" \n")));
  }
  return {};
}

std::optional<std::vector<SlurmJob>> ask_jobs(const SlurmQuestion& question,
                                              const AskCommand& ask) {
  // By the user and not by the ids: of one that it has forgotten squeue makes an error.
  const std::optional<std::string> queue = ask(on_cluster({"squeue",
                                                           "--noheader",
                                                           "--array",
                                                           "--states=all",
                                                           "--format=%F|%K|%T|%r",
                                                           "--user=" + question.user},
                                                          question.cluster));
  if (!queue) return std::nullopt;
  std::set<std::uint32_t> missing(question.ids.begin(), question.ids.end());
  const std::set<std::uint32_t> wanted = missing;
  std::vector<SlurmJob> jobs;
  for (SlurmJob& job : parse_squeue(*queue)) {
    if (!wanted.contains(job.id)) continue;
    missing.erase(job.id);
    jobs.push_back(std::move(job));
  }
  if (missing.empty()) return jobs;
  std::string ids;
  for (const std::uint32_t id : missing) ids += (ids.empty() ? "" : ",") + std::to_string(id);
  const std::optional<std::string> ended =
      ask(on_cluster({"sacct", "-n", "-P", "-X", "-o", "JobID,State,ExitCode,NodeList", "-j", ids},
                     question.cluster));
  for (SlurmJob& job : parse_sacct(ended.value_or(""))) {
    if (missing.contains(job.id)) jobs.push_back(std::move(job));
  }
  return jobs;
}

void ask_details(SlurmJob& job, const std::string& cluster, const AskCommand& ask) {
  if (!job.exit_code.empty()) return;
  const std::optional<std::string> shown =
      ask(on_cluster({"scontrol", "--oneliner", "show", "job", job_text(job)}, cluster));
  if (!shown) return;
  job.exit_code = exit_code_in(value_in_scontrol(*shown, "ExitCode"));
  job.nodes = nodes_in(value_in_scontrol(*shown, "NodeList"));
  const std::string reason = visible(value_in_scontrol(*shown, "Reason"));
  if (reason != "None") job.reason = reason;
}

std::uint64_t memory_in_tres(std::string_view tres) {
  constexpr std::string_view kKey = "mem=";
  const std::size_t at = tres.find(kKey);
  if (at == std::string_view::npos) return 0;
  const std::string_view text = tres.substr(at + kKey.size());
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return 0;
  constexpr double kKilo = 1024;
  const char unit = end == text.data() + text.size() ? 'M' : *end;
  if (unit == 'K') value /= kKilo;
  if (unit == 'G') value *= kKilo;
  if (unit == 'T') value *= kKilo * kKilo;
  return value > 0 && value < 1e12 ? static_cast<std::uint64_t>(value) : 0;
}

std::uint64_t ask_memory_mb(const std::string& job, const AskCommand& ask) {
  if (const auto shown = ask({"scontrol", "--oneliner", "show", "job", job})) {
    // AllocTRES since 23.02.
    for (const char* key : {"AllocTRES", "TRES", "ReqTRES"}) {
      const std::uint64_t memory = memory_in_tres(value_in_scontrol(*shown, key));
      if (memory > 0) return memory;
    }
  }
  const auto told = ask({"sacct", "-n", "-P", "-X", "-o", "AllocTRES", "-j", job});
  return told ? memory_in_tres(*told) : 0;
}

}  // namespace wfr
