// Submissions that find the one before still at work: random workflows, run by the model of Slurm,
// stopped at a random moment, and submitted again by plan_resume() with what is in the queue then.
// Seen to fail: with parts that do not count what jobs in the queue take of a limit.
#include "runtime/run/resume_owners.hpp"
#include "tests/unit/slurm/random_case.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <unistd.h>

namespace wfc::test {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kCases = 400;

// The state of a plan on disk as submissions and jobs leave it, and the next submission.
class Submissions {
 public:
  explicit Submissions(RandomCase& random)
      : plan_(random.plan),
        dir_(fs::temp_directory_path() / fmt::format("wfc_resume_property_{}", getpid())),
        model_(plan_, random.window(), random.faults) {
    fs::remove_all(dir_);
    plan_.hash = "0123";
    state_ = wfr::state_paths(dir_, plan_.hash);
    journal_ = "run R0 submit 00000000000000000000000000000123\n";
    for (std::uint32_t a = 0; a < plan_.arrays.size(); ++a) {
      journal_ += fmt::format("id {} {}\n", plan_.arrays[a].name, a + 1);
      if (plan_.arrays[a].depth) write_depth(plan_.arrays[a]);
    }
  }
  ~Submissions() { fs::remove_all(dir_); }
  Submissions(const Submissions&) = delete;
  Submissions& operator=(const Submissions&) = delete;

  SlurmModel& slurm() { return model_; }

  // Returns how many elements were left in the queue.
  std::size_t submit_again() {
    write_slots();
    const std::vector<wfr::LiveElement> live = model_.clear_queue();
    wfr::ResumeOptions options;
    options.trust_records = true;  // the keys of these slots are of no task
    const std::vector<wfr::JournalRun> runs = wfr::parse_journal(journal_);
    const wfr::ResumePlan resume = wfr::plan_resume(plan_, dir_, state_, runs, live, options);
    has_no_live_task(resume, wfr::Owners(plan_, dir_, runs, live));
    const std::vector<std::uint32_t> ids = model_.submit(resume);
    const std::string run = fmt::format("R{}", ++count_);
    journal_ += fmt::format("run {} resume 00000000000000000000000000000123\n", run);
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const wfr::ResumePart& part = resume.parts[i];
      journal_ += fmt::format("id {}+{} {}\n", plan_.arrays[part.array].name, part.part, ids[i]);
    }
    fs::create_directories(state_.dir / "tables" / run);
    wfr::write_tables(plan_, resume, state_.dir / "tables" / run);
    return live.size();
  }

 private:
  void write_depth(const wfr::JobArray& array) {
    const fs::path tables = dir_ / "plan" / plan_.hash / "tables";
    fs::create_directories(tables);
    std::ofstream out(tables / (array.name + ".u32"), std::ios::binary);
    for (const wfr::Range& range : array.indices) {
      for (std::uint32_t index = range.begin; index < range.end; ++index) {
        out.put(static_cast<char>(index)).put(0).put(0).put(0);  // below 256
      }
    }
  }

  void write_slots() {
    fs::create_directories(state_.slots(plan_.steps[0]).parent_path());
    for (std::uint32_t s = 0; s < plan_.steps.size(); ++s) {
      const std::uint32_t count = plan_.graph.instances[s].count;
      wfr::SlotFile slots(state_.slots(plan_.steps[s]), count, true);
      std::vector<std::pair<wfr::TaskIndex, wfr::Slot>> some;
      for (std::uint32_t t = 0; t < count; ++t) {
        wfr::Slot slot;
        if (model_.failed().count({s, t}) != 0) slot.verdict = wfr::Verdict::Failed;
        if (model_.done().count({s, t}) != 0) slot.verdict = wfr::Verdict::Done;
        if (slot.verdict != wfr::Verdict::None) some.emplace_back(t, slot);
      }
      slots.write_many(some);
    }
  }

  // A block that a job of the first pass has in hand is in no part.
  void has_no_live_task(const wfr::ResumePlan& resume, const wfr::Owners& owners) {
    for (const wfr::ResumePart& part : resume.parts) {
      if (plan_.arrays[part.array].repeats()) continue;
      for (const std::uint32_t index : part.indices) {
        REQUIRE(owners.job_of(part.array, index) == 0);
      }
    }
  }

  wfr::Plan& plan_;
  fs::path dir_;
  SlurmModel model_;
  wfr::StatePaths state_;
  std::string journal_;
  std::uint32_t count_ = 0;
};

std::set<TaskKey> successes(const wfr::Plan& plan, const Faults& faults) {
  std::set<TaskKey> good;
  for (const TaskKey& task : expected(plan, faults, {})) {
    if (succeeds(plan, faults, task)) good.insert(task);
  }
  return good;
}

struct Count {
  std::uint32_t live = 0;     // submissions that found elements in the queue
  std::uint32_t limited = 0;  // of these where a step has a limit
  std::uint32_t mended = 0;
};

void run_case(std::uint32_t seed, bool ladder, Count& count) {
  RandomCase random(seed, ladder);
  random.faults.losses = false;
  Submissions submissions(random);
  SlurmModel& slurm = submissions.slurm();
  INFO("seed " << seed << "\n" << describe(random.plan));
  const bool limited = std::any_of(random.plan.steps.begin(),
                                   random.plan.steps.end(),
                                   [](const wfr::StepSpec& step) { return step.limit > 0; });
  Outcome outcome;
  for (std::uint32_t times = 1 + random.chance.below(3); times > 0; --times) {
    slurm.run(random.chance, random.chance.below(300));
    if (submissions.submit_again() == 0) continue;
    ++count.live;
    if (limited) ++count.limited;
  }
  const bool mended = random.chance.one_in(2);
  if (!mended) {
    // All is done by what is in the queue now.
    outcome = slurm.run(random.chance);
    REQUIRE(slurm.done() == successes(random.plan, random.faults));
  } else {
    // What a live job has found blocked by a failure of before is left to the next submission.
    ++count.mended;
    random.faults.failing.clear();
    slurm.run(random.chance);
    submissions.submit_again();
    outcome = slurm.run(random.chance);
    REQUIRE(slurm.done() == successes(random.plan, random.faults));
  }
  REQUIRE_FALSE(outcome.stuck);
  REQUIRE_FALSE(outcome.twice);
  REQUIRE_FALSE(outcome.over_limit);
}

}  // namespace

TEST_CASE("submitted again beside live jobs, every task runs once and within its limit") {
  Count count;
  for (std::uint32_t seed = 0; seed < kCases; ++seed) run_case(seed, false, count);
  CHECK(count.live > 200);
  CHECK(count.limited > 80);
  CHECK(count.mended > 120);
}

TEST_CASE("so it is with later passes in the queue") {
  Count count;
  for (std::uint32_t seed = 0; seed < kCases; ++seed) run_case(seed, true, count);
  CHECK(count.live > 200);
  CHECK(count.limited > 80);
}

}  // namespace wfc::test
