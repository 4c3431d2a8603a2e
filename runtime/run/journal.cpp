// Reads the journal that submit.sh appends to.
#include "runtime/run/journal.hpp"

#include "runtime/plan/state_words.hpp"
#include "runtime/plan/visible.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace wfr {
namespace {

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  while (true) {
    const std::size_t space = line.find(' ');
    words.push_back(line.substr(0, space));
    if (space == std::string_view::npos) return words;
    line.remove_prefix(space + 1);
  }
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

bool is_cluster_list(std::string_view text) {
  return is_host_list(text) && text.find_first_of("[]") == std::string_view::npos;
}

// Whether a line is one that submit.sh writes, from its first to its last byte.
bool is_record(const std::vector<std::string_view>& words) {
  constexpr std::array<std::string_view, 4> kMarks = {
      "all-in", "releasing", "released", "cancelled"};
  const std::string_view what = words[0];
  switch (words.size()) {
    case 1:
      return std::find(kMarks.begin(), kMarks.end(), what) != kMarks.end();
    case 2:
      return (what == "intent" && is_job_word(words[1])) ||
             (what == "tags" && (words[1] == "comment" || words[1] == "name")) ||
             (what == "cluster" && is_cluster_list(words[1]));
    case 3:
      return (what == "id" || what == "lost") && is_job_word(words[1]) &&
             whole_number(words[2]).value_or(0) != 0;
    case 4:
      return what == "run" && is_run_word(words[1]) &&
             (words[2] == "submit" || words[2] == "resume") && is_plan_hash(words[3]);
    default:
      return false;
  }
}

void apply(JournalRun& run, const std::vector<std::string_view>& words) {
  const std::string_view what = words[0];
  if (what == "intent") {
    job_named(run, words[1]);
  } else if (what == "id") {
    job_named(run, words[1]).id = whole_number(words[2]).value_or(0);
  } else if (what == "lost") {
    job_named(run, words[1]).id = 0;
  } else if (what == "cluster") {
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

// state/PLAN/journal -> state
std::filesystem::path state_of(const std::filesystem::path& journal) {
  return journal.parent_path().parent_path();
}

}  // namespace

std::string_view array_of(std::string_view job) {
  return job.substr(0, job.find('+'));
}

std::vector<JournalRun> parse_journal(std::string_view text, const std::string& name) {
  std::vector<JournalRun> runs;
  std::size_t current = 0;
  std::size_t number = 0;
  for (std::size_t begin = 0, end = 0; begin < text.size(); begin = end + 1) {
    end = text.find('\n', begin);
    if (end == std::string_view::npos) break;
    ++number;
    const std::string_view line = text.substr(begin, end - begin);
    if (line.ends_with(" torn")) continue;
    const std::vector<std::string_view> words = words_of(line);
    if (!is_record(words)) {
      constexpr std::size_t kMostShown = 100;
      throw std::runtime_error(name + ", line " + std::to_string(number) +
                               ": not a journal of wfc: " + visible(line.substr(0, kMostShown)));
    }
    if (words[0] == "run") {
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
  const std::optional<std::string> text = read_state_text(file, state_of(file));
  return text ? parse_journal(*text, "`" + visible(file.string()) + "`")
              : std::vector<JournalRun>();
}

std::vector<std::filesystem::path> journals_in(const std::filesystem::path& out_dir) {
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (std::filesystem::directory_iterator it(out_dir / "state", error), end; !error && it != end;
       it.increment(error)) {
    if (is_plan_hash(it->path().filename().string())) files.push_back(it->path() / "journal");
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    throw std::system_error(error, "cannot read `" + (out_dir / "state").string() + "`");
  }
  return files;
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
