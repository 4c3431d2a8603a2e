// The submission's journal: which Slurm job belongs to which part of a run. Written by submit.sh.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace wfr {

// A text file, one record a line, appended only:
//   run RUNID submit|resume HASH   what follows belongs to this run
//   tags comment|name              where its jobs carry their tag
//   intent JOB                     sbatch is about to be called
//   id JOB ID                      sbatch gave this id; a later line for the same JOB replaces it
//   lost JOB ID                    that job is given up: the part is submitted again
//   cluster NAME                   where the jobs are, when sbatch says so
//   all-in, releasing, released, cancelled
// A line that ends in the word `torn` is void: its writer was killed, and the next one has closed
// it. JOB is a script's stem ("02-highpass"), in a resume with "+" and a part's number after it. A
// last line without its end is not read: its writer was killed.
struct JournalJob {
  std::string name;
  std::uint32_t id = 0;  // 0: intended, no id known
};

struct JournalRun {
  std::string id;
  std::string kind;  // "submit" or "resume"
  std::string hash;
  std::string cluster;           // where the jobs are; "" for the default one
  std::vector<JournalJob> jobs;  // in the order of their first record
  bool all_in = false;
  bool releasing = false;  // from here on jobs may start
  bool released = false;
  bool cancelled = false;
};

// Throws std::runtime_error with `name` and the line where one does not fit these patterns: it is
// somebody else's, or damaged, and nothing in it is believed.
std::vector<JournalRun> parse_journal(std::string_view text,
                                      const std::string& name = "the journal");
// Missing file: no run. Throws as read_state_text() and parse_journal() do.
std::vector<JournalRun> read_journal(const std::filesystem::path& file);
// Where the journals of an out directory's plans are, or would be. Throws std::system_error.
std::vector<std::filesystem::path> journals_in(const std::filesystem::path& out_dir);

// "02-highpass+1" is a part of the array "02-highpass".
std::string_view array_of(std::string_view job);

struct Ownership {
  bool ours = false;
  std::string reason;  // when not ours: why, for a line in the job's log
  bool early = false;  // not ours because nothing of the run may start yet
  explicit operator bool() const { return ours; }
};

// Whether `job_id` (SLURM_ARRAY_JOB_ID, or SLURM_JOB_ID without an array) is the one job that the
// journal has for `name` in `run`. `name` is JobArray::name; "" (verdict, finalizers) accepts any
// job of the run. A job that is not ours must exit 0 and touch nothing: another one does its work.
Ownership journal_owns(const std::filesystem::path& journal,
                       std::string_view run,
                       std::string_view name,
                       std::uint32_t job_id);

}  // namespace wfr
