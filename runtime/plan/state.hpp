// What has happened: one slot a task, an append-only log a host, and where they live under
// out/state.
#pragma once

#include "runtime/plan/ids.hpp"
#include "runtime/plan/plan.hpp"
#include "runtime/plan/state_io.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
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
  std::uint64_t log_offset = 0;  // of the end record
  std::uint32_t log_file = 0;    // which log: XXH32 of its state's and its file's name
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

enum class RecordKind : std::uint8_t { Start = 1, End = 2 };

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
};

// Appends length + XXH32 + payload in one write. One file a host and boot, opened O_APPEND.
class LogWriter {
 public:
  explicit LogWriter(const std::filesystem::path& log_dir);
  ~LogWriter();
  LogWriter(const LogWriter&) = delete;
  LogWriter& operator=(const LogWriter&) = delete;
  // Returns the record's offset. An End is on the disk when it returns, unless `durable` is false:
  // then after sync().
  std::uint64_t append(const Record& record, bool durable = true);
  void sync() const;
  [[nodiscard]] std::uint32_t file_id() const { return file_id_; }

 private:
  StateFile file_;
  std::uint32_t file_id_ = 0;
};

// Every whole record of every log in the directory, in file then offset order. A torn tail is left
// out.
void read_logs(const std::filesystem::path& log_dir,
               const std::function<void(const Record&)>& visit);
// The record a slot points at. A slot that was carried from an earlier plan points into that plan's
// log, which is looked for in the states beside this one; the record's task then has that plan's
// numbers.
std::optional<Record> read_record(const std::filesystem::path& log_dir, const Slot& slot);

}  // namespace wfr
