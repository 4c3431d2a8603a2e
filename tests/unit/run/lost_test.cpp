// Attempts that nobody has ended: what is said of them by Slurm and by the end of the job's log,
// and what becomes of their slots.
#include "runtime/run/lost.hpp"

#include "runtime/run/failure.hpp"
#include "runtime/run/slurm_log.hpp"
#include "runtime/run/slurm_state.hpp"
#include "tests/unit/run/ladder_fixture.hpp"

#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>

using namespace wfr;
using namespace wfr::test;

namespace {

// Slurm says the same of every job.
std::map<std::string, std::string> all_are(const std::vector<Record>& starts,
                                           const std::string& state) {
  std::map<std::string, std::string> states;
  for (const Record& start : starts) states[job_text(start)] = state;
  return states;
}

}  // namespace

TEST_CASE("a start without an end is told by what Slurm says of its job") {
  Record start;
  start.job_id = 7;
  start.array_job_id = 5;
  start.array_task_id = 2;
  start.node = "n3";
  const auto kind = [&](const std::string& state) { return classify_lost(start, state).kind; };
  CHECK(kind("OUT_OF_MEMORY") == FailureKind::OutOfMemory);
  CHECK(kind("TIMEOUT") == FailureKind::Timeout);
  CHECK(kind("DEADLINE") == FailureKind::Timeout);
  CHECK(kind("NODE_FAIL") == FailureKind::Node);
  CHECK(kind("BOOT_FAIL") == FailureKind::Node);
  CHECK(kind("CANCELLED") == FailureKind::Cancelled);
  CHECK(kind("FAILED") == FailureKind::Lost);
  CHECK(kind("") == FailureKind::Lost);
  CHECK(classify_lost(start, "TIMEOUT").reason == "lost with its job 5_2 on n3 (TIMEOUT)");
}

TEST_CASE("the end of a job's log tells why Slurm has ended it") {
  const std::string killed =
      "slurmstepd-n1: error: StepId=3.batch exceeded memory limit (427053056 > 104857600), being "
      "killed\n";
  CHECK(state_in_log(killed +
                     "slurmstepd-n1: error: *** JOB 3 ON n1 CANCELLED AT 2026-11-21T17:55:59 ***\n"
                     "slurmstepd-n1: error: Exceeded job memory limit\n") == "OUT_OF_MEMORY");
  CHECK(state_in_log("half a line" + killed) == "OUT_OF_MEMORY");
  CHECK(state_in_log("slurmstepd: error: Detected 1 oom_kill event in StepId=7.batch. Some of the "
                     "step tasks have been OOM Killed.") == "OUT_OF_MEMORY");
  CHECK(state_in_log("slurmstepd: error: Detected 2 oom-kill event(s) in step 7.batch cgroup.") ==
        "OUT_OF_MEMORY");
  const std::string cancelled = "slurmstepd: error: *** JOB 7 ON c0617 CANCELLED AT 2026-09-30 ";
  CHECK(state_in_log(cancelled + "DUE TO TIME LIMIT ***\n") == "TIMEOUT");
  CHECK(state_in_log(cancelled + "DUE TO NODE FAILURE, SEE SLURMCTLD LOG FOR DETAILS ***\n") ==
        "NODE_FAIL");
  // The last one counts: the job was requeued.
  CHECK(state_in_log(cancelled + "DUE TO NODE FAILURE ***\n== a:c1\n" + killed) == "OUT_OF_MEMORY");
  CHECK(state_in_log(cancelled + "***\n").empty());
  // The task's own words, and a warning that kills nobody.
  CHECK(state_in_log("error: StepId=3 exceeded memory limit (2 > 1), being killed\n").empty());
  CHECK(state_in_log("slurmstepd: error: Exceeded job memory limit at some point.\n").empty());
  CHECK(state_in_log("").empty());
}

TEST_CASE("the log of a job is found by its ids") {
  const Workspace space;
  std::filesystem::create_directories(space.out() / "logs");
  const auto write = [&](const std::string& name, const std::string& text) {
    std::ofstream(space.out() / "logs" / name) << text;
  };
  Record start;
  start.job_id = 9;
  start.array_job_id = 7;
  start.array_task_id = 1;
  const auto end_of_job_log = [&] { return end_of_file(job_log(space.out(), start)); };
  CHECK(end_of_job_log().empty());
  write("01-a.7_11.log", "another");
  write("01-a.7_1.log", std::string(100'000, 'x') + "end");
  write("02-b.9.log", "plain");
  const std::string end = end_of_job_log();
  CHECK(end.size() == 8192);
  CHECK(end.substr(end.size() - 4) == "xend");
  start.array_job_id = 0;
  CHECK(end_of_job_log() == "plain");
}

TEST_CASE("lost attempts are recorded once, others are left alone") {
  const Workspace space;
  const Plan plan = small_plan(space);
  Slots slots(plan, space);
  const auto write = [&](RecordKind kind, StepId step, TaskIndex index) {
    Record record;
    record.kind = kind;
    record.task = {step, index};
    record.attempt = 1;
    record.time_ns = 1;
    LogWriter(state_paths(space.out(), plan.hash).log_dir()).append(record);
  };
  slots.set(kOne, 0, Verdict::Done);
  write(RecordKind::Start, kOne, 0);
  write(RecordKind::End, kOne, 0);
  write(RecordKind::Start, kOne, 1);
  write(RecordKind::Start, kTwo, 2);  // its producer is not done: it is asked about when that is
  std::size_t asked = 0;
  const AskStates ask = [&](const std::vector<Record>& starts) {
    asked += starts.size();
    return all_are(starts, "NODE_FAIL");
  };
  CHECK(settle_lost(plan, slots.store(), slots.everything(), ask) == 1);
  CHECK(asked == 1);
  const Slot slot = slots.store().of(kOne).read(1);
  CHECK(slot.verdict == Verdict::Failed);
  CHECK(slot.failure == FailureKind::Node);
  CHECK(slot.attempt == 1);
  CHECK(read_record(state_paths(space.out(), plan.hash).log_dir(), slot)->message ==
        "lost (NODE_FAIL)");
  CHECK(settle_lost(plan, slots.store(), slots.everything(), ask) == 0);
  CHECK(slots.chosen(2) == "one:c2 one:c3 two:c1 two:c2 two:c3 all ");
}

TEST_CASE("hundreds of lost attempts are one question, and each has its own answer") {
  const Workspace space;
  std::vector<std::string> names;
  constexpr std::uint32_t kCount = 250;
  for (std::uint32_t i = 0; i < kCount; ++i) names.push_back("c" + std::to_string(1000 + i));
  const Plan plan = WorkflowBuilder()
                        .level("channel", names)
                        .step({"one", "channel", "true", {}, {}, {}})
                        .build(space.data());
  Slots slots(plan, space);
  LogWriter log(state_paths(space.out(), plan.hash).log_dir());
  for (std::uint32_t i = 0; i < kCount; ++i) {
    Record start;
    start.task = {kOne, i};
    start.attempt = 1;
    start.time_ns = 1;
    start.job_id = 1000 + i;
    log.append(start);
  }
  int questions = 0;
  const AskStates ask = [&](const std::vector<Record>& starts) {
    ++questions;
    std::map<std::string, std::string> states = all_are(starts, "OUT_OF_MEMORY");
    states["1007"] = "TIMEOUT";
    return states;
  };
  const StepRanges tasks = {{kOne, {Range{0, kCount}}}};
  const AskMemory memory = [](const Record&) { return 0; };
  CHECK(settle_lost(plan, slots.store(), tasks, ask, memory) == kCount);
  CHECK(questions == 1);
  for (std::uint32_t i = 0; i < kCount; ++i) {
    CHECK(slots.store().of(kOne).read(i).failure ==
          (i == 7 ? FailureKind::Timeout : FailureKind::OutOfMemory));
  }
}

TEST_CASE("a step without mem that was killed for memory is told what the cluster gives") {
  const Workspace space;
  Plan plan = small_plan(space);
  Slots slots(plan, space);
  for (const StepId step : {kOne, kTwo}) {
    plan.steps[index_of(step)].resources.mem_mb = 0;
    Record start;
    start.task = {step, 1};
    start.attempt = 1;
    start.time_ns = 1;
    start.job_id = 7;
    start.node = "n1";
    LogWriter(state_paths(space.out(), plan.hash).log_dir()).append(start);
    slots.set(kOne, 1, step == kOne ? Verdict::None : Verdict::Done);
    const AskStates ask = [](const std::vector<Record>& starts) {
      return all_are(starts, "OUT_OF_MEMORY");
    };
    const AskMemory memory = [&](const Record&) { return step == kOne ? 100 : 0; };
    CHECK(settle_lost(plan, slots.store(), slots.everything(), ask, memory) == 1);
    const auto record =
        read_record(state_paths(space.out(), plan.hash).log_dir(), slots.store().of(step).read(1));
    REQUIRE(record);
    CHECK(record->failure == FailureKind::OutOfMemory);
    CHECK(record->message.starts_with(
        step == kOne ? "out of memory: the cluster's default of 100 MB; set `mem` (job 7 on n1)"
                     : "out of memory: the step sets no `mem`"));
    CHECK(record->peak_memory == (step == kOne ? 100U << 20U : 0U));
  }
}

TEST_CASE("a stop whose slot was not written is settled by its record, and nobody is asked") {
  const Workspace space;
  const Plan plan = small_plan(space);
  Slots slots(plan, space);
  for (const RecordKind kind : {RecordKind::Start, RecordKind::End}) {
    Record record;
    record.kind = kind;
    record.task = {kOne, 1};
    record.attempt = 1;
    record.time_ns = 1;
    record.job_id = 7;
    if (kind == RecordKind::End) {
      record.verdict = Verdict::Cancelled;
      record.failure = FailureKind::Cancelled;
      record.message = "stopped with the run";
    }
    LogWriter(state_paths(space.out(), plan.hash).log_dir()).append(record);
  }
  const AskStates ask = [](const std::vector<Record>&) -> std::map<std::string, std::string> {
    throw std::logic_error("asked");
  };
  CHECK(settle_lost(plan, slots.store(), slots.everything(), ask) == 1);
  const Slot slot = slots.store().of(kOne).read(1);
  CHECK(slot.verdict == Verdict::Cancelled);
  CHECK(slot.failure == FailureKind::Cancelled);
}

TEST_CASE("a failure whose slot was not written is settled by its record, or by its job's end") {
  const Workspace space;
  const Plan plan = small_plan(space);
  Slots slots(plan, space);
  const auto write =
      [&](RecordKind kind, TaskIndex index, std::uint16_t attempt, FailureKind failure) {
        Record record;
        record.kind = kind;
        record.task = {kOne, index};
        record.attempt = attempt;
        record.time_ns = 1;
        record.job_id = index;
        record.failure = failure;
        if (kind == RecordKind::End) {
          record.verdict = failure == FailureKind::None ? Verdict::Done : Verdict::Failed;
          record.status = 9;
          record.message = failure_name(failure);
        }
        LogWriter(state_paths(space.out(), plan.hash).log_dir()).append(record);
      };
  write(RecordKind::Start, 0, 1, FailureKind::None);
  write(RecordKind::End, 0, 1, FailureKind::OutOfMemory);
  write(RecordKind::End, 1, 1, FailureKind::Signal);
  write(RecordKind::Start, 1, 1, FailureKind::None);
  // The last attempt counts, and what was done is not known to be on the disk.
  write(RecordKind::End, 2, 1, FailureKind::Exit);
  write(RecordKind::Start, 2, 2, FailureKind::None);
  write(RecordKind::End, 2, 2, FailureKind::None);
  std::string state = "OUT_OF_MEMORY";
  std::uint32_t asked = 0;
  const AskStates ask = [&](const std::vector<Record>& attempts) {
    for (const Record& attempt : attempts) asked += attempt.job_id;
    return all_are(attempts, state);
  };
  SECTION("Slurm has a reason") {
    CHECK(settle_lost(plan, slots.store(), slots.everything(), ask) == 2);
    CHECK(slots.store().of(kOne).read(1).failure == FailureKind::OutOfMemory);
  }
  SECTION("somebody has cancelled it") {
    state = "CANCELLED";
    CHECK(settle_lost(plan, slots.store(), slots.everything(), ask) == 2);
    const Slot slot = slots.store().of(kOne).read(1);
    CHECK(slot.verdict == Verdict::Cancelled);
    CHECK(slot.failure == FailureKind::Cancelled);
  }
  SECTION("Slurm has none") {
    state = "FAILED";
    CHECK(settle_lost(plan, slots.store(), slots.everything(), ask) == 2);
    const Slot slot = slots.store().of(kOne).read(1);
    CHECK(slot.failure == FailureKind::Signal);
    CHECK(slot.status == 9);
    CHECK(read_record(state_paths(space.out(), plan.hash).log_dir(), slot)->message == "signal");
  }
  CHECK(asked == 1);
  CHECK(slots.store().of(kOne).read(0).failure == FailureKind::OutOfMemory);
  CHECK(slots.store().of(kOne).read(2).verdict == Verdict::None);
  CHECK(settle_lost(plan, slots.store(), slots.everything(), ask) == 0);
}

TEST_CASE("the end of a job's time is a timeout when it has finished nothing") {
  const Workspace space;
  // The first task that is not quick sends the signal that the file names.
  const Plan plan = WorkflowBuilder()
                        .level("channel", {"c1", "c2"})
                        .step({"one",
                               "channel",
                               "if [ {channel} = c1 ] && [ -e ../quick ]; then exit 0; fi; "
                               "kill -$(cat ../signal) $PPID; sleep 30",
                               {},
                               {},
                               {}})
                        .build(space.data());
  const auto end_with = [&](const std::string& signal) {
    write_text(space.data() / "signal", signal);
    JobOptions job = whole_job(plan, space.out());
    job.cpus = 1;
    job.under_slurm = true;
    job.time_s = 600;
    CHECK(run_job(plan, job).interrupted);
    SlotStore slots(plan, state_paths(space.out(), plan.hash), false);
    return slots.of(kOne).read(std::filesystem::exists(space.data() / "quick") ? 1 : 0);
  };
  Slot slot = end_with("USR1");
  CHECK(slot.verdict == Verdict::Failed);
  CHECK(slot.failure == FailureKind::Timeout);
  // scancel, long before the end.
  slot = end_with("TERM");
  CHECK(slot.verdict == Verdict::Cancelled);
  CHECK(slot.status == SIGTERM);
  // With a task finished, the job is put back and goes on.
  write_text(space.data() / "quick", "");
  slot = end_with("USR1");
  CHECK(slot.verdict == Verdict::Cancelled);
  CHECK(slot.status == SIGUSR1);
}
