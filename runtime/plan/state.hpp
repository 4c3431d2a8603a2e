// What has happened: one slot a task, an append-only log a host, and where they live under
// out/state.
#pragma once

#include "runtime/plan/ids.hpp"
#include "runtime/plan/plan.hpp"
#include "runtime/plan/state_io.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace wfr {

enum class Verdict : std::uint8_t { None, Done, Failed, UpstreamFailed, Cancelled };

struct Key {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  friend constexpr bool operator==(const Key&, const Key&) = default;
};

// 64 bytes, written by one pwrite with O_DSYNC: the commit point of a task.
struct Slot {
  Verdict verdict = Verdict::None;
  FailureKind failure = FailureKind::None;
  std::uint16_t attempt = 0;     // attempts started so far
  std::int32_t status = 0;       // exit code or signal number
  Key key;                       // of the task as it was run
  Key fingerprint;               // of its outputs
  std::int64_t time_ns = 0;      // wall clock of the verdict, since 1970
  std::uint64_t log_offset = 0;  // of the newest record that says what the task owns
  std::uint32_t log_file = 0;    // which log: XXH32 of its state's and its file's name; 0: none
  std::uint32_t checksum = 0;    // XXH32 of the 60 bytes before it; a bad one reads as None
};
static_assert(sizeof(Slot) == 64);

// out/state/<hash>/: slots/STEP.slots, log/<host>-<boot>, journal, tables/, lists/.
struct StatePaths {
  std::filesystem::path dir;
  [[nodiscard]] std::filesystem::path slots(const StepSpec& step) const;
  [[nodiscard]] std::filesystem::path log_dir() const { return dir / "log"; }
  [[nodiscard]] std::filesystem::path journal() const { return dir / "journal"; }
};
StatePaths state_paths(const std::filesystem::path& out_dir, std::string_view plan_hash);
// out/state/last holds the hash of the plan that was last submitted or run. "" when there is none.
std::string read_last(const std::filesystem::path& out_dir);
void write_last(const std::filesystem::path& out_dir, std::string_view plan_hash);

// One step's slots. Missing file or missing slot: Verdict::None. Safe between processes: each slot
// has one writer at a time.
class SlotFile {
 public:
  SlotFile() = default;
  SlotFile(const std::filesystem::path& file, std::uint32_t count, bool writable);
  SlotFile(SlotFile&& other) noexcept;
  SlotFile& operator=(SlotFile&& other) noexcept;
  SlotFile(const SlotFile&) = delete;
  SlotFile& operator=(const SlotFile&) = delete;
  ~SlotFile();

  [[nodiscard]] Slot read(TaskIndex index) const;
  [[nodiscard]] std::vector<Slot> read_range(Range range) const;
  // The same one after the other, whatever the length of the range in the memory of some thousands.
  void visit(Range range, const std::function<void(TaskIndex, const Slot&)>& use) const;
  void write(TaskIndex index, Slot slot);  // fills in the checksum; durable when it returns
  // The same for many (ascending indices), neighbours at once.
  void write_many(const std::vector<std::pair<TaskIndex, Slot>>& slots);
  // Makes a new file for `count` slots, whose writes are on the disk after sync().
  static SlotFile create(const std::filesystem::path& file, std::uint32_t count);
  void sync() const;

 private:
  explicit SlotFile(StateFile file);
  StateFile file_;
};

enum class RecordKind : std::uint8_t { Start = 1, End = 2, Files = 3 };

// A file that is not the task's, where its globs look, as it was before an attempt began.
struct Standing {
  std::string path;  // as in Record::owned
  std::uint64_t size = 0;
  std::int64_t mtime_ns = 0;
  std::int64_t ctime_ns = 0;
  std::uint64_t inode = 0;
  friend bool operator==(const Standing&, const Standing&) = default;
};

// One record of the log. Start has only what is known then.
struct Record {
  RecordKind kind = RecordKind::Start;
  Task task;
  std::uint16_t attempt = 0;
  Verdict verdict = Verdict::None;
  FailureKind failure = FailureKind::None;
  std::int32_t status = 0;
  std::int64_t time_ns = 0;   // wall clock, since 1970, of this record
  std::uint64_t wall_ns = 0;  // duration of the attempt
  std::uint64_t cpu_ns = 0;
  std::uint64_t peak_memory = 0;  // bytes
  std::uint64_t read_bytes = 0;
  std::uint64_t written_bytes = 0;
  std::uint32_t job_id = 0;  // SLURM_JOB_ID; 0 without Slurm
  std::uint32_t array_job_id = 0;
  std::uint32_t array_task_id = 0;
  std::string node;
  std::string message;  // the reason, or the last lines of stderr, at most 4 KiB
  // What the task owns when this is written: files and links, relative to the task's directory,
  // ascending; of a directory output the directory itself with a '/' behind it and all below it.
  std::vector<std::string> owned;
  // An attempt was begun and what it left in place of its outputs has not been put away: a Start,
  // or the End that somebody else has written for it. `before` is what its globs matched then.
  bool open = false;
  std::vector<Standing> before;
  // Of the lists, the earlier entries are in a record of kind Files: 1 + its offset; 0: none.
  std::uint64_t earlier = 0;
};

// Appends length + XXH32 + payload in one write. One file a host and boot, opened O_APPEND.
class LogWriter {
 public:
  explicit LogWriter(const std::filesystem::path& log_dir);
  ~LogWriter();
  LogWriter(const LogWriter&) = delete;
  LogWriter& operator=(const LogWriter&) = delete;
  // Returns the record's offset. Lists of any length: what does not fit goes before it into records
  // of kind Files. An End is on the disk when it returns, unless `durable` is false: then after
  // sync().
  std::uint64_t append(const Record& record, bool durable = true);
  void sync() const;
  [[nodiscard]] std::uint32_t file_id() const { return file_id_; }

 private:
  std::uint64_t append_payload(const std::string& payload, int flags);

  StateFile file_;
  std::uint32_t file_id_ = 0;
};

// Records by the slots that point at them. Keeps the logs open; for any thread.
class LogReader {
 public:
  // `states`: where the states of other plans are; "" for those beside the log's own, in an out
  // directory.
  explicit LogReader(const std::filesystem::path& log_dir, std::filesystem::path states = {});
  ~LogReader();
  LogReader(const LogReader&) = delete;
  LogReader& operator=(const LogReader&) = delete;
  // The record a slot points at, with its whole lists. A slot that was carried from an earlier plan
  // points into that plan's log, which is looked for among the other states; the record's
  // task then has that plan's numbers.
  std::optional<Record> read(const Slot& slot);

 private:
  const StateFile* file_of(std::uint32_t id);

  std::filesystem::path log_dir_;
  std::filesystem::path states_;
  std::mutex mutex_;
  std::map<std::uint32_t, StateFile> files_;  // by id; of those found
};

// Every whole record of every log in the directory, in file then offset order, those of kind Files
// left out: of long lists only a part is seen. A torn tail is left out.
void read_logs(const std::filesystem::path& log_dir,
               const std::function<void(const Record&)>& visit);
// One record, as a LogReader gives it.
std::optional<Record> read_record(const std::filesystem::path& log_dir, const Slot& slot);

}  // namespace wfr
