// Writes the records of a finished run of any size through the project's own writers, for the tests
// and benches of what reads them: two records of the log and a slot for each task.
//   record_tool OUT HASH FAILED LEFT [BEGIN END]
// OUT/plan/HASH/plan.wfp is the plan. Every FAILEDth task has failed, every LEFTth was started and
// has no end (0: none); of each step the tasks [BEGIN, END). The log is that of the machine it runs
// on.
#include "runtime/plan/plan.hpp"
#include "runtime/plan/state.hpp"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace {

using Slots = std::vector<std::pair<wfr::TaskIndex, wfr::Slot>>;

constexpr std::size_t kAtOnce = 16384;
constexpr std::int64_t kBegun = 1'700'000'000'000'000'000;
constexpr std::int64_t kSecond = 1'000'000'000;
// As long as what `wfc why` reads of a step with an input and two parameters.
constexpr std::size_t kPartsSize = 120;

struct Mix {
  std::uint32_t failed = 0;
  std::uint32_t left = 0;
  wfr::Range tasks{0, std::numeric_limits<std::uint32_t>::max()};
};

bool is_one_in(std::uint32_t every, std::uint32_t index) {
  return every > 0 && index % every == every - 1;
}

wfr::Record start_of(wfr::Task task) {
  wfr::Record record;
  record.task = task;
  record.attempt = 1;
  record.time_ns = kBegun + std::int64_t{task.index} * kSecond / 100;
  record.job_id = 1000 + task.index;
  record.array_job_id = 1000;
  record.array_task_id = task.index % 1001;
  record.node = "node" + std::to_string(task.index % 100);
  return record;
}

wfr::Record end_of(const wfr::Record& start, bool failed) {
  wfr::Record record = start;
  record.kind = wfr::RecordKind::End;
  record.verdict = failed ? wfr::Verdict::Failed : wfr::Verdict::Done;
  record.failure = failed ? wfr::FailureKind::Exit : wfr::FailureKind::None;
  record.status = failed ? 1 : 0;
  record.time_ns += kSecond;
  record.wall_ns = kSecond;
  record.cpu_ns = kSecond / 2;
  record.peak_memory = 64U << 20U;
  record.message = failed ? "exit status 1" : std::string(kPartsSize, 'k');
  return record;
}

void write_step(
    wfr::StepId step, wfr::Range tasks, const Mix& mix, wfr::LogWriter& log, wfr::SlotFile& file) {
  Slots slots;
  for (wfr::TaskIndex i = tasks.begin; i < tasks.end; ++i) {
    const wfr::Record start = start_of({step, i});
    log.append(start);
    if (!is_one_in(mix.left, i)) {
      const bool failed = is_one_in(mix.failed, i);
      const wfr::Record end = end_of(start, failed);
      wfr::Slot slot;
      slot.verdict = end.verdict;
      slot.failure = end.failure;
      slot.status = end.status;
      slot.attempt = 1;
      slot.key = {i, index_of(step)};
      slot.fingerprint = {i, 1};
      slot.time_ns = end.time_ns;
      slot.log_offset = log.append(end, false);
      slot.log_file = log.file_id();
      slots.emplace_back(i, slot);
    }
    if (slots.size() < kAtOnce && i + 1 < tasks.end) continue;
    log.sync();
    file.write_many(slots);
    slots.clear();
  }
}

int write_records(const std::filesystem::path& out, const std::string& hash, const Mix& mix) {
  const wfr::Plan plan = wfr::map_plan(out / "plan" / hash / "plan.wfp", hash);
  const wfr::StatePaths paths = wfr::state_paths(out, hash);
  wfr::LogWriter log(paths.log_dir());
  std::uint64_t written = 0;
  for (const wfr::StepId id : plan.order) {
    const wfr::StepSpec& step = plan.step(id);
    if (step.finalizer != wfr::FinalizerKind::None) continue;
    const std::uint32_t count = plan.graph.tasks(id).count;
    const wfr::Range tasks{std::min(mix.tasks.begin, count), std::min(mix.tasks.end, count)};
    wfr::SlotFile file(paths.slots(step), count, true);
    write_step(id, tasks, mix, log, file);
    written += tasks.size();
  }
  wfr::write_last(out, hash);
  std::printf("%llu tasks\n", static_cast<unsigned long long>(written));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() != 4 && words.size() != 6) {
    std::fputs("usage: record_tool OUT HASH FAILED LEFT [BEGIN END]\n", stderr);
    return 2;
  }
  try {
    const auto number = [&](std::size_t i) {
      return static_cast<std::uint32_t>(std::stoul(words[i]));
    };
    Mix mix{number(2), number(3), {}};
    mix.tasks = words.size() == 6 ? wfr::Range{number(4), number(5)} : wfr::Range{0, ~0U};
    return write_records(words[0], words[1], mix);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "record_tool: %s\n", error.what());
    return 1;
  }
}
