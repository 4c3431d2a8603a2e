// Finds the pending tasks of a plan and who waits for whom.
#include "runtime/run/resume.hpp"

#include "runtime/run/resume_owners.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace wfr {
namespace {

// More ways of waiting than this in one array become one part that waits for all.
constexpr std::size_t kMaxParts = 8;

constexpr bool corresponds(Dep kind) {
  return kind == Dep::AfterCorr || kind == Dep::AfterCorrOrAny;
}
constexpr bool corresponds(WaitKind kind) {
  return kind == WaitKind::Corresponding || kind == WaitKind::CorrespondingOrAll;
}

// The tasks of a step that will still be run by somebody.
class Unsettled {
 public:
  explicit Unsettled(std::uint32_t count) : flags_(count), before_(count + std::size_t{1}) {}
  void mark(std::uint32_t task) { flags_[task] = true; }
  // After the last mark: makes the counts that `any` reads.
  void close() {
    for (std::size_t i = 0; i < flags_.size(); ++i)
      before_[i + 1] = before_[i] + (flags_[i] ? 1U : 0U);
  }
  [[nodiscard]] bool any(Range range) const { return before_[range.end] > before_[range.begin]; }

 private:
  std::vector<bool> flags_;
  std::vector<std::uint32_t> before_;
};

enum class State : std::uint8_t { Settled, Pending, Live };

// What is known of one array's indices once it has been looked at.
struct Seen {
  std::map<std::uint32_t, std::uint32_t> part_of;   // array index -> part
  std::map<std::uint32_t, std::uint32_t> live_job;  // array index -> job id
  std::uint32_t parts = 0;
};

class Resume {
 public:
  Resume(const Plan& plan, const std::filesystem::path& out_dir, const Owners& owners)
      : plan_(plan),
        paths_(state_paths(out_dir, plan.hash)),
        owners_(owners),
        seen_(plan.arrays.size()) {
    for (std::uint32_t s = 0; s < plan.steps.size(); ++s) {
      unsettled_.emplace_back(plan.graph.instances[s].count);
      slots_.emplace_back(paths_.slots(plan.steps[s]), plan.graph.instances[s].count, false);
    }
  }

  ResumePlan run() {
    // The arrays of a family are neighbours, and families are in topological order.
    for (std::size_t a = 0; a < plan_.arrays.size(); ++a) {
      look_at(static_cast<std::uint32_t>(a));
      const bool last =
          a + 1 == plan_.arrays.size() || plan_.arrays[a + 1].family != plan_.arrays[a].family;
      if (!last) continue;
      for (const StepId step : family_of(plan_.arrays[a]).steps) unsettled_[index_of(step)].close();
    }
    count_finalizers();
    return std::move(result_);
  }

 private:
  [[nodiscard]] const Family& family_of(const JobArray& array) const {
    return plan_.families[index_of(array.family)];
  }

  [[nodiscard]] bool is_pending(const Family& family, const std::vector<Range>& tasks) const {
    for (std::size_t s = 0; s < tasks.size(); ++s) {
      if (tasks[s].empty()) continue;
      for (const Slot& slot : slots_[index_of(family.steps[s])].read_range(tasks[s])) {
        if (slot.verdict != Verdict::Done) return true;
      }
      for (const Edge& edge : plan_.graph.edges) {
        if (edge.to == family.steps[s] && waits_over(edge, family, tasks[s])) return true;
      }
    }
    return false;
  }

  // True if a task of the range waits, over the edge, for one that another job will run.
  [[nodiscard]] bool waits_over(const Edge& edge, const Family& family, Range tasks) const {
    const auto inside = std::find(family.steps.begin(), family.steps.end(), edge.from);
    return inside == family.steps.end() && waits_for_any(edge, tasks);
  }

  [[nodiscard]] bool waits_for_any(const Edge& edge, Range tasks) const {
    const Unsettled& unsettled = unsettled_[index_of(edge.from)];
    if (!edge.pairs) {
      // Producers grow with the consumer: the first and the last one bound them.
      return unsettled.any({producers(plan_.graph, edge, tasks.begin).bounds().begin,
                            producers(plan_.graph, edge, tasks.end - 1).bounds().end});
    }
    for (TaskIndex task = tasks.begin; task < tasks.end; ++task) {
      const TaskList needed = producers(plan_.graph, edge, task);
      const bool waits = std::any_of(needed.begin(), needed.end(), [&](TaskIndex producer) {
        return unsettled.any({producer, producer + 1});
      });
      if (waits) return true;
    }
    return false;
  }

  void look_at(std::uint32_t a) {
    const JobArray& array = plan_.arrays[a];
    const Family& family = family_of(array);
    std::map<std::vector<PartWait>, std::vector<std::uint32_t>> groups;
    for (const Range& range : array.indices) {
      for (std::uint32_t index = range.begin; index < range.end; ++index) {
        const std::vector<Range> tasks = tasks_of_block(plan_, family, array.first_block + index);
        const std::uint32_t owner = owners_.job_of(a, index);
        if (owner != 0) {
          seen_[a].live_job[index] = owner;
          ++result_.live;
          mark(family, tasks, true);
        } else if (is_pending(family, tasks)) {
          groups[waits_of(a, index, tasks)].push_back(index);
          mark(family, tasks, false);
        }
      }
    }
    if (groups.size() > kMaxParts) merge(groups);
    for (auto& [after, indices] : groups) add_part(a, after, std::move(indices));
  }

  void mark(const Family& family, const std::vector<Range>& tasks, bool live) {
    for (std::size_t s = 0; s < tasks.size(); ++s) {
      const std::size_t step = index_of(family.steps[s]);
      const std::vector<Slot> slots = slots_[step].read_range(tasks[s]);
      for (std::uint32_t t = 0; t < slots.size(); ++t) {
        if (live && slots[t].verdict == Verdict::Done) continue;
        unsettled_[step].mark(tasks[s].begin + t);
        if (!live) ++result_.pending;
      }
    }
  }

  // What the block at `index` of array `a` waits for, sorted and without repetition.
  [[nodiscard]] std::vector<PartWait> waits_of(std::uint32_t a,
                                               std::uint32_t index,
                                               const std::vector<Range>& tasks) const {
    std::vector<PartWait> waits;
    const Family& family = family_of(plan_.arrays[a]);
    for (std::uint32_t b = 0; b < a; ++b) {
      const bool before = plan_.arrays[b].family != plan_.arrays[a].family;
      if (before && waits_for(family, tasks, b)) add_waits(a, b, index, waits);
    }
    std::sort(waits.begin(), waits.end());
    waits.erase(std::unique(waits.begin(), waits.end()), waits.end());
    return waits;
  }

  // True if a task of the block waits for an unsettled one of array `b`'s steps.
  [[nodiscard]] bool waits_for(const Family& family,
                               const std::vector<Range>& tasks,
                               std::uint32_t b) const {
    if (seen_[b].parts == 0 && seen_[b].live_job.empty()) return false;
    const std::vector<StepId>& steps = family_of(plan_.arrays[b]).steps;
    return std::any_of(plan_.graph.edges.begin(), plan_.graph.edges.end(), [&](const Edge& edge) {
      if (std::find(steps.begin(), steps.end(), edge.from) == steps.end()) return false;
      const auto to = std::find(family.steps.begin(), family.steps.end(), edge.to);
      if (to == family.steps.end()) return false;
      const Range range = tasks[static_cast<std::size_t>(to - family.steps.begin())];
      return !range.empty() && waits_over(edge, family, range);
    });
  }

  void add_waits(std::uint32_t a,
                 std::uint32_t b,
                 std::uint32_t index,
                 std::vector<PartWait>& waits) const {
    const std::vector<Dependency>& after = plan_.arrays[a].after;
    const auto found = std::find_if(after.begin(), after.end(), [&](const Dependency& dependency) {
      return index_of(dependency.on) == b && corresponds(dependency.kind);
    });
    const Seen& seen = seen_[b];
    if (found != after.end()) {
      if (const auto part = seen.part_of.find(index); part != seen.part_of.end()) {
        waits.push_back(
            {found->kind == Dep::AfterCorr ? WaitKind::Corresponding : WaitKind::CorrespondingOrAll,
             b,
             part->second});
      }
      if (const auto job = seen.live_job.find(index); job != seen.live_job.end()) {
        waits.push_back({WaitKind::LiveJob, job->second, 0});
      }
      return;
    }
    for (std::uint32_t part = 0; part < seen.parts; ++part)
      waits.push_back({WaitKind::All, b, part});
    for (const auto& [live_index, job] : seen.live_job)
      waits.push_back({WaitKind::LiveJob, job, 0});
  }

  // One part without waits, one with all of them.
  static void merge(std::map<std::vector<PartWait>, std::vector<std::uint32_t>>& groups) {
    std::vector<PartWait> all;
    std::vector<std::uint32_t> indices;
    for (const auto& [after, some] : groups) {
      if (after.empty()) continue;
      for (PartWait wait : after) {
        if (corresponds(wait.kind)) wait.kind = WaitKind::All;
        all.push_back(wait);
      }
      indices.insert(indices.end(), some.begin(), some.end());
    }
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    std::sort(indices.begin(), indices.end());
    const auto ready = groups.extract(std::vector<PartWait>{});
    groups.clear();
    if (!ready.empty()) groups[ready.key()] = ready.mapped();
    groups[all] = std::move(indices);
  }

  void add_part(std::uint32_t a, std::vector<PartWait> after, std::vector<std::uint32_t> indices) {
    // Equal positions of two tables mean equal directories only if the tables are equal.
    for (PartWait& wait : after) {
      if (corresponds(wait.kind) && *indices_of(wait) != indices) wait.kind = WaitKind::All;
    }
    const std::uint32_t part = seen_[a].parts++;
    for (const std::uint32_t index : indices) seen_[a].part_of[index] = part;
    // A limit counts over the whole step: its parts run one after the other.
    if (plan_.arrays[a].limit > 0 && !result_.parts.empty()) {
      const ResumePart& last = result_.parts.back();
      if (plan_.arrays[last.array].family == plan_.arrays[a].family) {
        after.push_back({WaitKind::All, last.array, last.part});
      }
    }
    // Slurm would take a mixture of `or` and `and` for `or` alone.
    if (after.size() > 1) {
      for (PartWait& wait : after) {
        if (wait.kind == WaitKind::CorrespondingOrAll) wait.kind = WaitKind::All;
      }
    }
    result_.parts.push_back({a, part, std::move(indices), std::move(after)});
  }

  [[nodiscard]] const std::vector<std::uint32_t>* indices_of(const PartWait& wait) const {
    const auto found =
        std::find_if(result_.parts.begin(), result_.parts.end(), [&](const ResumePart& part) {
          return part.array == wait.on && part.part == wait.part;
        });
    return &found->indices;
  }

  void count_finalizers() {
    for (const StepId id : plan_.order) {
      const FinalizerKind kind = plan_.step(id).finalizer;
      if (kind != FinalizerKind::Success && kind != FinalizerKind::Always) continue;
      if (slots_[index_of(id)].read(0).verdict != Verdict::Done) ++result_.finalizers;
    }
  }

  const Plan& plan_;
  StatePaths paths_;
  const Owners& owners_;
  std::vector<Unsettled> unsettled_;  // by StepId
  std::vector<SlotFile> slots_;       // by StepId
  std::vector<Seen> seen_;            // by position in Plan::arrays
  ResumePlan result_;
};

}  // namespace

ResumePlan plan_resume(const Plan& plan,
                       const std::filesystem::path& out_dir,
                       const std::vector<JournalRun>& runs,
                       const std::vector<LiveElement>& live) {
  const Owners owners(plan, out_dir, runs, live);
  return Resume(plan, out_dir, owners).run();
}

}  // namespace wfr
