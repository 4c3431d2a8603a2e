// Carrying between plans: the newest slot of each task, by names, whatever has come, gone or been
// renamed.
#include "runtime/run/carry.hpp"

#include "runtime/run/attic.hpp"
#include "runtime/run/carry_sources.hpp"
#include "tests/unit/carry/day_trees.hpp"
#include "tests/unit/plan/sample_plan.hpp"

#include <chrono>
#include <filesystem>
#include <map>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <unistd.h>

namespace wfr::test {
namespace {

Plan plan_of(Tree tree, const std::string& step, const std::string& was = "") {
  Plan plan;
  plan.graph.tree = std::move(tree);
  StepSpec spec;
  spec.name = step;
  spec.was = was;
  spec.each = LevelId{2};
  plan.steps = {spec};
  plan.graph.instances = {all_nodes(LevelId{2}, plan.graph.tree.levels[2].size())};
  plan.order = {StepId{0}};
  return plan;
}

using Marks = std::vector<std::uint64_t>;

// An out directory with plans in it.
class Out {
 public:
  [[nodiscard]] const std::filesystem::path& path() const { return scratch_.path(); }

  // Writes it as `wfc` does, so that its hash names it.
  Plan add(Plan plan) const {
    const std::string bytes = serialize_plan(plan);
    write_file(path() / "plan" / plan.hash / "plan.wfp", bytes);
    return plan;
  }

  // A slot of the first step, told by `mark`, as of the time.
  void put(const Plan& plan, TaskIndex task, Verdict verdict, std::uint64_t mark, int time) const {
    Slot slot;
    slot.verdict = verdict;
    slot.key = {mark, mark};
    slot.time_ns = time;
    SlotFile(file(plan), plan.graph.instances[0].count, true).write(task, slot);
  }

  [[nodiscard]] std::filesystem::path file(const Plan& plan) const {
    return state_paths(path(), plan.hash).slots(plan.steps[0]);
  }

  // As if they had been written long ago, so that a mark may be believed.
  void age(const Plan& plan) const {
    const auto before = std::filesystem::last_write_time(file(plan));
    std::filesystem::last_write_time(file(plan), before - std::chrono::hours(1));
  }

 private:
  ScratchDirectory scratch_;
};

Marks marks(const Plan& plan, const StatePaths& state) {
  const SlotFile slots(state.slots(plan.steps[0]), plan.graph.instances[0].count, false);
  Marks result;
  for (TaskIndex i = 0; i < plan.graph.instances[0].count; ++i)
    result.push_back(slots.read(i).key.low);
  return result;
}

Marks marks(const Plan& plan, const Out& out) {
  return marks(plan, state_paths(out.path(), plan.hash));
}

// Every file with its content and time.
std::map<std::string, std::string> snapshot(const std::filesystem::path& directory) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (!entry.is_regular_file()) continue;
    files[entry.path().string()] =
        std::to_string(entry.last_write_time().time_since_epoch().count()) +
        read_file(entry.path());
  }
  return files;
}

}  // namespace

TEST_CASE("the newest slot of all plans wins, whatever its verdict", "[carry]") {
  const Out out;
  const Plan one = out.add(plan_of(tree_of({{"a", {"1", "2", "3", "4"}}}), "filter"));
  const Plan two = out.add(plan_of(tree_of({{"a", {"1", "2", "3", "4", "5"}}}), "filter"));
  const Plan now = out.add(plan_of(tree_of({{"a", {"0", "1", "2", "3", "4"}}}), "clean", "filter"));
  out.put(one, 0, Verdict::Done, 11, 100);
  out.put(one, 1, Verdict::Done, 12, 100);
  out.put(one, 2, Verdict::Failed, 13, 100);
  out.put(one, 3, Verdict::Done, 14, 100);
  out.put(two, 0, Verdict::Failed, 21, 200);  // failed later than it was done
  out.put(two, 1, Verdict::Done, 22, 50);     // done earlier
  out.put(two, 2, Verdict::Done, 23, 300);    // done after a failure
  out.put(two, 3, Verdict::None, 24, 400);    // begun, and killed
  out.put(now, 2, Verdict::Failed, 32, 75);   // older than plan one's
  out.put(now, 3, Verdict::Done, 33, 350);    // the newest of all
  const CarryResult result = carry(out.path(), now);
  CHECK(result.carried == 3);
  CHECK(result.done == 1);
  CHECK(marks(now, out) == Marks{0, 21, 12, 33, 24});
  const SlotFile slots(out.file(now), 5, false);
  CHECK(slots.read(1).verdict == Verdict::Failed);
  CHECK(slots.read(2).verdict == Verdict::Done);
  CHECK(slots.read(4).verdict == Verdict::None);
  // Again: the same.
  CHECK(carry(out.path(), now).carried == 0);
  CHECK(marks(now, out) == Marks{0, 21, 12, 33, 24});
  // No temporary is left.
  for (const auto& entry : std::filesystem::directory_iterator(out.file(now).parent_path())) {
    CHECK(entry.path().extension() == ".slots");
  }
}

TEST_CASE("what a plan does not contain waits in the attic", "[carry]") {
  const Out out;
  const Plan wide =
      out.add(plan_of(tree_of({{"a", {"1"}}, {"b", {"1", "2"}}, {"c", {"1"}}}), "filter"));
  const Plan narrow = out.add(plan_of(tree_of({{"a", {"1"}}}), "filter"));
  const Plan other = out.add(plan_of(tree_of({{"b", {"2"}}}), "sort"));
  const Plan again =
      out.add(plan_of(tree_of({{"a", {"1"}}, {"b", {"1", "2"}}, {"c", {"0"}}}), "new", "filter"));
  for (TaskIndex i = 0; i < 4; ++i) out.put(wide, i, Verdict::Done, 10 + i, 100);
  out.age(wide);
  CHECK(carry(out.path(), narrow).away == 3);
  out.put(narrow, 0, Verdict::Done, 20, 200);
  out.age(narrow);
  // Another step, in between: nothing of the first has a place.
  CHECK(carry(out.path(), other).away == 4);
  CHECK_FALSE(std::filesystem::exists(out.file(other)));
  const CarryResult result = carry(out.path(), again);
  CHECK(marks(again, out) == Marks{20, 11, 12, 0});
  CHECK(result.carried == 3);
  CHECK(result.away == 1);
  // The last of it is taken under its new name, and the attic is empty.
  const Plan whole = out.add(plan_of(tree_of({{"c", {"1"}}}), "new"));
  CHECK(carry(out.path(), whole).away == 3);
  CHECK(marks(whole, out) == Marks{13});
  out.age(whole);
  out.age(again);
  const Plan all =
      out.add(plan_of(tree_of({{"a", {"1"}}, {"b", {"1", "2"}}, {"c", {"1"}}}), "new"));
  CHECK(carry(out.path(), all).away == 0);
  CHECK(marks(all, out) == Marks{20, 11, 12, 13});
  CHECK_FALSE(std::filesystem::exists(out.path() / "state/attic"));
}

TEST_CASE("a state that was carried away is read again only after a job has written to it",
          "[carry]") {
  const Out out;
  const Plan old = out.add(plan_of(tree_of({{"a", {"1", "2"}}}), "filter"));
  const Plan now = out.add(plan_of(tree_of({{"a", {"1", "2", "3"}}}), "filter"));
  out.put(old, 0, Verdict::Done, 11, 100);
  out.age(old);
  CHECK(carry_sources(out.path(), now.hash).size() == 1);
  CHECK(carry(out.path(), now).carried == 1);
  CHECK(carry_sources(out.path(), now.hash).empty());
  // A job of the old plan that has run on.
  out.put(old, 1, Verdict::Done, 12, 300);
  CHECK(carry_sources(out.path(), now.hash).size() == 1);
  CHECK(marks(now, StateView(out.path(), now).paths()) == Marks{11, 12, 0});
  CHECK(marks(now, out) == Marks{11, 0, 0});
  CHECK(carry(out.path(), now).carried == 1);
  CHECK(marks(now, out) == Marks{11, 12, 0});
  // A mark in the moment of the write is not believed: there may have been another write in it.
  CHECK(carry_sources(out.path(), now.hash).size() == 1);
  // Back to the old plan: what it gets makes it a source again.
  out.put(now, 0, Verdict::Failed, 21, 400);
  CHECK(carry(out.path(), old).carried == 1);
  CHECK(marks(old, out) == Marks{21, 12});
  CHECK_FALSE(std::filesystem::exists(state_paths(out.path(), old.hash).dir / "carried"));
}

TEST_CASE("a view shows what would be carried and changes nothing", "[carry]") {
  const Out out;
  const Plan old = out.add(plan_of(tree_of({{"a", {"1", "2"}}}), "filter"));
  const Plan narrow = out.add(plan_of(tree_of({{"a", {"1"}}}), "filter"));
  const Plan now = out.add(plan_of(tree_of({{"a", {"1", "2", "3"}}}), "filter"));
  CHECK(marks(now, StateView(out.path(), now).paths()) == Marks{0, 0, 0});
  out.put(old, 0, Verdict::Done, 11, 100);
  out.put(old, 1, Verdict::Done, 12, 100);
  out.age(old);
  carry(out.path(), narrow);
  out.put(now, 2, Verdict::Done, 33, 300);
  const auto before = snapshot(out.path());
  std::filesystem::path place;
  {
    const StateView view(out.path(), now);
    place = view.paths().dir;
    CHECK(marks(now, view.paths()) == Marks{11, 12, 33});
  }
  CHECK_FALSE(std::filesystem::exists(place));
  CHECK(snapshot(out.path()) == before);
  CHECK_FALSE(std::filesystem::exists(out.path() / "state" / now.hash / "log"));
  // With nothing to carry it is the state itself.
  carry(out.path(), now);
  write_last(out.path(), now.hash);
  out.age(old);
  out.age(narrow);
  CHECK(carry(out.path(), now).carried == 0);
  CHECK(StateView(out.path(), now).paths().dir == state_paths(out.path(), now.hash).dir);
}

TEST_CASE("a task that a live job holds is left to it", "[carry]") {
  const Out out;
  const Plan old = out.add(plan_of(tree_of({{"a", {"1", "2"}}}), "filter"));
  const Plan now = out.add(plan_of(tree_of({{"a", {"1", "2", "3"}}}), "filter"));
  for (TaskIndex i = 0; i < 2; ++i) {
    out.put(old, i, Verdict::Done, 11 + i, 200);
    out.put(now, i, Verdict::Failed, 21 + i, 100);
  }
  const int fd = open(out.file(now).c_str(), O_RDWR | O_CLOEXEC);
  struct flock held {};
  held.l_type = F_WRLCK;
  held.l_whence = SEEK_SET;
  held.l_start = sizeof(Slot);
  held.l_len = sizeof(Slot);
  REQUIRE(fcntl(fd, F_OFD_SETLK, &held) == 0);
  CHECK(carry(out.path(), now).carried == 1);
  CHECK(marks(now, out) == Marks{11, 22, 0});
  close(fd);
}

TEST_CASE("a finalizer keeps its record, not its verdict", "[carry]") {
  const Out out;
  Plan first = plan_of(tree_of({{"a", {"1"}}}), "notify");
  first.steps[0].finalizer = FinalizerKind::Always;
  first.steps[0].each = kRootLevel;
  first.graph.instances = {all_nodes(kRootLevel, 1)};
  const Plan old = out.add(std::move(first));
  Plan second = plan_of(tree_of({{"b", {"1"}}}), "notify");
  second.steps[0].finalizer = FinalizerKind::Always;
  second.steps[0].each = kRootLevel;
  second.graph.instances = {all_nodes(kRootLevel, 1)};
  const Plan now = out.add(std::move(second));
  out.put(old, 0, Verdict::Done, 11, 100);
  CHECK(carry(out.path(), now).done == 0);
  CHECK(marks(now, out) == Marks{11});
  CHECK(SlotFile(out.file(now), 1, false).read(0).verdict == Verdict::Cancelled);
  // The same record under the plan that it ran for stays as it is.
  CHECK(carry(out.path(), old).carried == 0);
  CHECK(SlotFile(out.file(old), 1, false).read(0).verdict == Verdict::Done);
}

TEST_CASE("an attic keeps items in order and is never half read", "[carry]") {
  const ScratchDirectory scratch;
  const auto file = scratch.path() / "attic";
  const auto item = [](const std::string& path, int time) {
    AtticItem made{path, {}};
    made.slot.time_ns = time;
    return made;
  };
  AtticItems items =
      merge_items({item("a", 1), item("c", 5)}, {item("b", 1), item("c", 3), item("d", 1)});
  REQUIRE(items.size() == 4);
  CHECK(items[2].slot.time_ns == 5);
  AtticWriter writer;
  writer.add("empty", {});
  writer.add("one", items);
  writer.close(file);
  const Attic attic(file);
  REQUIRE(attic.steps().size() == 1);
  std::string found;
  Attic::visit(attic.steps()[0], [&](std::string_view path, const Slot& slot) {
    found += std::string(path) + std::to_string(slot.time_ns);
  });
  CHECK(found == "a1b1c5d1");
  const std::string bytes = read_file(file);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    write_file(file, bytes.substr(0, size));
    CHECK_THROWS_AS(Attic(file), std::runtime_error);
  }
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string bad = bytes;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    write_file(file, bad);
    CHECK_THROWS_AS(Attic(file), std::runtime_error);
  }
  CHECK(Attic(scratch.path() / "none").steps().empty());
}

TEST_CASE("subsets of directories are carried by rank", "[carry]") {
  const Out out;
  const Plan from = out.add(sample_plan());
  Plan later = sample_plan();
  // The old sort had channels 0, 1, 2; the new one has 1, 2 and 4.
  later.graph.instances[2] =
      make_instances(kChannel, {false, true, true, false, true}, later.graph.storage);
  const Plan to = out.add(std::move(later));
  {
    SlotFile slots(state_paths(out.path(), from.hash).slots(from.step(kSort)), 3, true);
    for (TaskIndex i = 0; i < 3; ++i) {
      Slot slot;
      slot.verdict = Verdict::Done;
      slot.key = {i + 1, 0};
      slot.time_ns = 1;
      slots.write(i, slot);
    }
  }
  const CarryResult result = carry(out.path(), to);
  CHECK(result.carried == 2);
  CHECK(result.away == 1);
  const SlotFile slots(state_paths(out.path(), to.hash).slots(to.step(kSort)), 3, false);
  CHECK(slots.read(0).key.low == 2);
  CHECK(slots.read(1).key.low == 3);
  CHECK(slots.read(2).verdict == Verdict::None);
}

TEST_CASE("the record of a carried task is found in the log of its plan", "[carry]") {
  const Out out;
  const Plan from = out.add(sample_plan());
  Plan later = sample_plan();
  later.steps[0].resources.cpus = 3;
  const Plan to = out.add(std::move(later));
  const StatePaths old_state = state_paths(out.path(), from.hash);
  const StatePaths new_state = state_paths(out.path(), to.hash);
  Slot slot;
  slot.verdict = Verdict::Done;
  slot.time_ns = 1;
  {
    LogWriter log(old_state.log_dir());
    Record record;
    record.kind = RecordKind::End;
    record.message = "of the old plan";
    slot.log_offset = log.append(record);
    slot.log_file = log.file_id();
    // The new plan's log has the same name and a record at the same offset.
    LogWriter other(new_state.log_dir());
    record.message = "of the new plan";
    CHECK(other.append(record) == slot.log_offset);
    SlotFile(old_state.slots(from.step(kSplit)), 2, true).write(1, slot);
  }
  CHECK(carry(out.path(), to).carried == 1);
  const Slot carried = SlotFile(new_state.slots(to.step(kSplit)), 2, false).read(1);
  const auto record = read_record(new_state.log_dir(), carried);
  REQUIRE(record);
  CHECK(record->message == "of the old plan");
}

TEST_CASE("a state without its plan, or with half of it, carries nothing", "[carry]") {
  const Out out;
  const Plan from = out.add(plan_of(tree_of({{"a", {"1"}}}), "filter"));
  const Plan to = out.add(plan_of(tree_of({{"a", {"1", "2"}}}), "filter"));
  CHECK(carry(out.path(), to).carried == 0);
  out.put(from, 0, Verdict::Done, 1, 1);
  const auto file = out.path() / "plan" / from.hash / "plan.wfp";
  const std::string whole = read_file(file);
  write_file(file, "half");
  CHECK(carry(out.path(), to).carried == 0);
  std::filesystem::remove(file);
  CHECK(carry(out.path(), to).carried == 0);
  write_file(file, whole);
  CHECK(carry(out.path(), to).carried == 1);
}

}  // namespace wfr::test
