// What a submission has to run: the tasks that would run, cut into arrays that wait in the same
// way.
#pragma once

#include "runtime/plan/plan.hpp"
#include "runtime/plan/state.hpp"
#include "runtime/run/journal.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <tuple>
#include <vector>

namespace wfr {

struct Decision;

// One array task (or plain job: index -1) in the queue that will still run.
struct LiveElement {
  std::uint32_t job = 0;
  std::int64_t index = -1;
};
// Lines "JOB INDEX". Throws std::runtime_error without the file.
std::vector<LiveElement> read_live(const std::filesystem::path& file);

// As Dep: AfterCorr, AfterAny, AfterAny on a job of an earlier run, AfterCorrOrAny.
enum class WaitKind : std::uint8_t { Corresponding, All, LiveJob, CorrespondingOrAll };
// `on` and `part` name a part of this submission; of a live job `on` is its id.
struct PartWait {
  WaitKind kind = WaitKind::All;
  std::uint32_t on = 0;
  std::uint32_t part = 0;
  friend bool operator==(const PartWait&, const PartWait&) = default;
  friend bool operator<(const PartWait& a, const PartWait& b) {
    return std::tie(a.kind, a.on, a.part) < std::tie(b.kind, b.on, b.part);
  }
};

// Submitted as the array 0-(size-1): entry i of `indices` is an index of the plan's array.
struct ResumePart {
  std::uint32_t array = 0;  // position in Plan::arrays
  std::uint32_t part = 0;   // counted from 0 within the array
  std::uint32_t limit = 0;  // elements that may run at once; 0: any number
  std::vector<std::uint32_t> indices;
  std::vector<PartWait> after;
};

struct ResumePlan {
  std::vector<ResumePart> parts;  // in an order in which they can be submitted
  std::uint64_t pending = 0;      // tasks to run
  std::uint64_t live = 0;         // elements in the queue that run tasks of this plan
  std::uint64_t blocked = 0;      // tasks that cannot run
  std::uint32_t finalizers = 0;   // to run at the end, where no task fails
};

struct ResumeOptions {
  bool trust_records = false;
  std::function<void(std::uint64_t, std::uint64_t)> on_progress = {};  // as of DecideOptions
  std::function<void(const Decision&)> on_decision = {};
};

// A task is pending when decide() says that it runs; what a live element will run is left to it. A
// job without such a task is not submitted. `out_dir` holds state/ and plan/; the slots may be a
// view's.
ResumePlan plan_resume(const Plan& plan,
                       const std::filesystem::path& out_dir,
                       const StatePaths& state,
                       const std::vector<JournalRun>& runs,
                       const std::vector<LiveElement>& live,
                       const ResumeOptions& options);

// The lines that submit.sh reads, numbers only:
//   PENDING LIVE FINALIZERS TOTAL BLOCKED        TOTAL: tasks of the plan
//   ARRAY PART COUNT LIMIT [KIND ON PART]...   COUNT 0: a plain job; KIND as in WaitKind
std::string resume_lines(const Plan& plan, const ResumePlan& resume);
// DIR/ARRAY.PART.u32 for each part that is an array.
void write_tables(const Plan& plan, const ResumePlan& resume, const std::filesystem::path& dir);

// DIR/exclude: one line with the nodes to leave out, joined by commas; empty without any.
void write_bad_nodes(const StatePaths& paths, const std::filesystem::path& dir);

// `wfr resume --plan HASH --live FILE --dir DIR [--trust-records] [--set-aside | --replace]
// [--adopt-by COMMAND --again-by COMMAND] [--dry-run] [--json]`, in the out directory. `words` are
// what follows `resume`. Returns the exit status: kOccupied, with a message on stderr, where
// something is in the places of outputs and nobody has said what shall become of it. The two
// commands are for that message. A dry run sets nothing aside. With --json it prints
// decision_json() instead, and writes nothing.
inline constexpr int kOccupied = 3;
int resume_command(const std::vector<std::string>& words);

}  // namespace wfr
