// Reads the journal that submit.sh appends to.
#include "runtime/run/journal.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>

namespace wfr {
namespace {

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  while (!line.empty()) {
    const std::size_t space = std::min(line.find(' '), line.size());
    if (space > 0) words.push_back(line.substr(0, space));
    line.remove_prefix(std::min(space + 1, line.size()));
  }
  return words;
}

JournalJob& job_named(JournalRun& run, std::string_view name) {
  const auto found = std::find_if(
      run.jobs.begin(), run.jobs.end(), [&](const JournalJob& job) { return job.name == name; });
  if (found != run.jobs.end()) return *found;
  return run.jobs.emplace_back(JournalJob{std::string(name), 0});
}

JournalRun& run_named(std::vector<JournalRun>& runs, std::string_view id) {
  const auto found =
      std::find_if(runs.begin(), runs.end(), [&](const JournalRun& run) { return run.id == id; });
  if (found != runs.end()) return *found;
  JournalRun fresh;
  fresh.id = id;
  return runs.emplace_back(std::move(fresh));
}

void apply(JournalRun& run, const std::vector<std::string_view>& words) {
  const std::string_view what = words[0];
  if (what == "intent" && words.size() == 2) {
    job_named(run, words[1]);
  } else if (what == "id" && words.size() == 3) {
    std::uint32_t id = 0;
    std::from_chars(words[2].data(), words[2].data() + words[2].size(), id);
    if (id != 0) job_named(run, words[1]).id = id;
  } else if (what == "lost" && words.size() == 3) {
    job_named(run, words[1]).id = 0;
  } else if (what == "cluster" && words.size() == 2) {
    run.cluster = words[1];
  } else if (what == "all-in") {
    run.all_in = true;
  } else if (what == "releasing") {
    run.releasing = true;
  } else if (what == "released") {
    run.released = true;
  } else if (what == "cancelled") {
    run.cancelled = true;
  }
}

}  // namespace

std::string_view array_of(std::string_view job) {
  return job.substr(0, job.find('+'));
}

std::vector<JournalRun> parse_journal(std::string_view text) {
  std::vector<JournalRun> runs;
  std::size_t current = 0;
  for (std::size_t begin = 0, end = 0; begin < text.size(); begin = end + 1) {
    end = text.find('\n', begin);
    if (end == std::string_view::npos) break;
    const std::vector<std::string_view> words = words_of(text.substr(begin, end - begin));
    if (words.empty() || words.back() == "torn") continue;
    if (words[0] == "run" && words.size() == 4) {
      JournalRun& run = run_named(runs, words[1]);
      run.kind = words[2];
      run.hash = words[3];
      current = static_cast<std::size_t>(&run - runs.data());
    } else if (current < runs.size()) {
      apply(runs[current], words);
    }
  }
  return runs;
}

std::vector<JournalRun> read_journal(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return parse_journal(text.str());
}

Ownership journal_owns(const std::filesystem::path& journal,
                       std::string_view run,
                       std::string_view name,
                       std::uint32_t job_id) {
  const std::vector<JournalRun> runs = read_journal(journal);
  const auto found =
      std::find_if(runs.begin(), runs.end(), [&](const JournalRun& one) { return one.id == run; });
  if (found == runs.end()) {
    return {false, "run " + std::string(run) + " is not in " + journal.string()};
  }
  if (found->cancelled) return {false, "run " + found->id + " was cancelled"};
  if (!found->releasing && !found->released) {
    return {false, "run " + found->id + " is not released yet", true};
  }
  for (const JournalJob& job : found->jobs) {
    if (job.id == job_id && (name.empty() || array_of(job.name) == name)) return {true, {}};
  }
  for (const JournalJob& job : found->jobs) {
    if (array_of(job.name) == name && job.id != 0) {
      return {false,
              "job " + std::to_string(job_id) + " is not the journal's: " + job.name + " is job " +
                  std::to_string(job.id)};
    }
  }
  return {false, "job " + std::to_string(job_id) + " is not in the journal of run " + found->id};
}

}  // namespace wfr
