// Finds the pending tasks of a plan and who waits for whom.
#include "runtime/run/resume.hpp"

#include "runtime/run/decide.hpp"
#include "runtime/run/resume_limit.hpp"
#include "runtime/run/resume_owners.hpp"
#include "runtime/run/resume_unsettled.hpp"

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

enum class State : std::uint8_t { Settled, Pending, Live };
// What is known of one array's indices once it has been looked at.
struct Seen {
  std::map<std::uint32_t, std::uint32_t> part_of;   // array index -> part
  std::map<std::uint32_t, std::uint32_t> live_job;  // array index -> job id
  std::uint32_t parts = 0;
};

class Resume {
 public:
  Resume(const Plan& plan, const StatePaths& state, const Owners& owners)
      : plan_(plan), owners_(owners), live_(plan.steps.size()), seen_(plan.arrays.size()) {
    for (std::uint32_t s = 0; s < plan.steps.size(); ++s) {
      unsettled_.emplace_back(plan.graph.instances[s].count);
      slots_.emplace_back(state.slots(plan.steps[s]), plan.graph.instances[s].count, false);
    }
    find_pass_owners();
    for (std::uint32_t a = 0; a < plan.arrays.size(); ++a) {
      if (!plan.arrays[a].repeats()) find_owners(a);
    }
  }

  // Tasks of blocks that a job in the queue has in hand.
  [[nodiscard]] const Selection& live() const { return live_; }

  ResumePlan run(const Decision& decision) {
    decision_ = &decision;
    // The arrays of a family are neighbours, and families are in topological order.
    for (std::size_t a = 0; a < plan_.arrays.size(); ++a) {
      if (plan_.arrays[a].repeats()) {
        look_at_pass(static_cast<std::uint32_t>(a));
        continue;
      }
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

  void find_owners(std::uint32_t a) {
    const Family& family = family_of(plan_.arrays[a]);
    for (const Range& range : plan_.arrays[a].indices) {
      for (std::uint32_t index = range.begin; index < range.end; ++index) {
        std::uint32_t owner = owners_.job_of(a, index);
        if (owner == 0 && pass_owners_.empty()) continue;
        const StepRanges tasks = tasks_of_block(plan_, family, plan_.arrays[a].first_block + index);
        if (owner != 0) ++result_.live;
        if (owner == 0) owner = pass_owner_of(a, index, tasks);
        if (owner == 0) continue;
        seen_[a].live_job[index] = owner;
        for_each_task(tasks,
                      [&](Task task) { live_.add(task, plan_.graph.tasks(task.step).count); });
      }
    }
  }

  // True if a task of the block waits, over the edge, for one that another job will run.
  [[nodiscard]] bool waits_over(const Edge& edge, const StepRanges& tasks) const {
    const std::vector<Range>* waiting = ranges_of(tasks, edge.to);
    const std::vector<Range>* own = ranges_of(tasks, edge.from);
    const Unsettled& unsettled = unsettled_[index_of(edge.from)];
    if (waiting == nullptr) return false;
    if (own == nullptr) return waits_for_any(plan_.graph, edge, *waiting, unsettled);
    return outside_producer(
        plan_.graph, edge, {*waiting, *own}, unsettled, [](TaskIndex) { return true; });
  }

  void look_at(std::uint32_t a) {
    const JobArray& array = plan_.arrays[a];
    const Family& family = family_of(array);
    std::map<std::vector<PartWait>, std::vector<std::uint32_t>> groups;
    for (const Range& range : array.indices) {
      for (std::uint32_t index = range.begin; index < range.end; ++index) {
        const StepRanges tasks = tasks_of_block(plan_, family, array.first_block + index);
        // Waits are for other blocks' tasks: this one's are marked after them.
        if (has(tasks, Fate::Runs)) groups[waits_of(a, index, tasks)].push_back(index);
        mark(tasks);
      }
    }
    if (groups.size() > kMaxParts) merge(groups);
    for (auto& [after, indices] : groups) add_part(a, after, std::move(indices));
  }

  [[nodiscard]] bool has(const StepRanges& tasks, Fate fate) const {
    bool found = false;
    for_each_task(tasks, [&](Task task) { found = found || decision_->fate(task) == fate; });
    return found;
  }

  // What somebody will still run.
  void mark(const StepRanges& tasks) {
    for_each_task(tasks, [&](Task task) {
      const Fate fate = decision_->fate(task);
      if (fate == Fate::Runs) ++result_.pending;
      if (fate == Fate::Runs || fate == Fate::Live)
        unsettled_[index_of(task.step)].mark(task.index);
    });
  }

  // Jobs of later passes in the queue: each has its share of all blocks of its family.
  void find_pass_owners() {
    for (std::uint32_t a = 0; a < plan_.arrays.size(); ++a) {
      const JobArray& array = plan_.arrays[a];
      if (!array.repeats()) continue;
      const std::uint32_t shares = array.size();
      for (std::uint32_t share = 0; share < shares; ++share) {
        const std::uint32_t job = owners_.job_of(a, share);
        if (job == 0) continue;
        seen_[a].live_job[share] = job;
        pass_owners_.push_back({array.family, shares, share, job});
      }
    }
  }

  // The job of a later pass that has the block in hand; 0 for none, or for nothing left in it.
  [[nodiscard]] std::uint32_t pass_owner_of(std::uint32_t a,
                                            std::uint32_t index,
                                            const StepRanges& tasks) const {
    const JobArray& array = plan_.arrays[a];
    const std::uint32_t block = array.first_block + index;
    for (const PassOwner& owner : pass_owners_) {
      if (owner.family != array.family || block % owner.shares != owner.share) continue;
      const bool open = std::any_of(tasks.begin(), tasks.end(), [&](const auto& some) {
        return has_open(slots_[index_of(some.first)], some.second);
      });
      return open ? owner.job : 0;
    }
    return 0;
  }

  // A later pass is submitted again whole, if there is anything that it may have to repeat and that
  // one in the queue does not have in hand.
  void look_at_pass(std::uint32_t a) {
    const JobArray& array = plan_.arrays[a];
    result_.live += seen_[a].live_job.size();
    const bool running = !seen_[a].live_job.empty();
    bool work = false;
    for (std::uint32_t b = 0; b < a; ++b) {
      if (plan_.arrays[b].family != array.family) continue;
      work = work || seen_[b].parts > 0 || (!running && !seen_[b].live_job.empty());
    }
    if (!work) return;
    std::vector<PartWait> waits;
    for (const std::uint32_t b : up_to_pass(a)) {
      for (std::uint32_t part = 0; part < seen_[b].parts; ++part) {
        waits.push_back({WaitKind::All, b, part});
      }
      for (const auto& [index, job] : seen_[b].live_job) {
        waits.push_back({WaitKind::LiveJob, job, 0});
      }
    }
    std::sort(waits.begin(), waits.end());
    waits.erase(std::unique(waits.begin(), waits.end()), waits.end());
    std::vector<std::uint32_t> indices(array.size());
    for (std::uint32_t i = 0; i < indices.size(); ++i) indices[i] = i;
    add_part(a, std::move(waits), std::move(indices));
  }

  // Itself and all that it waits for, also through others: some of these are not submitted again.
  [[nodiscard]] std::vector<std::uint32_t> up_to_pass(std::uint32_t a) const {
    std::vector<bool> in(plan_.arrays.size(), false);
    in[a] = true;
    std::vector<std::uint32_t> before;
    for (std::uint32_t b = a + 1; b-- > 0;) {
      if (!in[b]) continue;
      before.push_back(b);
      for (const Dependency& wait : plan_.arrays[b].after) in[index_of(wait.on)] = true;
    }
    return before;
  }

  // What the block at `index` of array `a` waits for, sorted and without repetition.
  [[nodiscard]] std::vector<PartWait> waits_of(std::uint32_t a,
                                               std::uint32_t index,
                                               const StepRanges& tasks) const {
    std::vector<PartWait> waits;
    const Family& family = family_of(plan_.arrays[a]);
    for (std::uint32_t b = 0; b < a; ++b) {
      const bool waits_for_b = plan_.arrays[b].family == plan_.arrays[a].family
                                   ? waits_within(family, tasks, b)
                                   : waits_for(tasks, b);
      if (waits_for_b) add_waits(a, b, index, waits);
    }
    std::sort(waits.begin(), waits.end());
    waits.erase(std::unique(waits.begin(), waits.end()), waits.end());
    return waits;
  }

  // True if a task of the block waits for an unsettled one of array `b`'s steps.
  [[nodiscard]] bool waits_for(const StepRanges& tasks, std::uint32_t b) const {
    if (seen_[b].parts == 0 && seen_[b].live_job.empty()) return false;
    const std::vector<StepId>& steps = family_of(plan_.arrays[b]).steps;
    return std::any_of(plan_.graph.edges.begin(), plan_.graph.edges.end(), [&](const Edge& edge) {
      return std::find(steps.begin(), steps.end(), edge.from) != steps.end() &&
             waits_over(edge, tasks);
    });
  }

  // The same for an array of its own family: one of an earlier depth.
  [[nodiscard]] bool waits_within(const Family& family,
                                  const StepRanges& tasks,
                                  std::uint32_t b) const {
    const Seen& seen = seen_[b];
    if (seen.parts == 0 && seen.live_job.empty()) return false;
    const BlockMap& map = plan_.maps[family.block_map];
    return std::any_of(plan_.graph.edges.begin(), plan_.graph.edges.end(), [&](const Edge& edge) {
      const std::vector<Range>* waiting = ranges_of(tasks, edge.to);
      const std::vector<Range>* own = ranges_of(tasks, edge.from);
      if (waiting == nullptr || own == nullptr) return false;
      const auto submitted = [&](TaskIndex producer) {
        const std::uint32_t block = block_of(plan_.graph, map, {edge.from, producer});
        const std::uint32_t index = block - plan_.arrays[b].first_block;
        return seen.part_of.count(index) + seen.live_job.count(index) > 0;
      };
      return outside_producer(
          plan_.graph, edge, {*waiting, *own}, unsettled_[index_of(edge.from)], submitted);
    });
  }

  void add_waits(std::uint32_t a,
                 std::uint32_t b,
                 std::uint32_t index,
                 std::vector<PartWait>& waits) const {
    const std::vector<Dependency>& after = plan_.arrays[a].after;
    // Between depths of one family equal indices mean nothing: what corresponds there are
    // positions.
    const bool within = plan_.arrays[a].family == plan_.arrays[b].family;
    const auto found = std::find_if(after.begin(), after.end(), [&](const Dependency& dependency) {
      return !within && index_of(dependency.on) == b && corresponds(dependency.kind);
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
    const std::uint32_t limit = keep_limit(a, after);
    std::sort(after.begin(), after.end());
    after.erase(std::unique(after.begin(), after.end()), after.end());
    // Slurm would take a mixture of `or` and `and` for `or` alone.
    if (after.size() > 1) {
      for (PartWait& wait : after) {
        if (wait.kind == WaitKind::CorrespondingOrAll) wait.kind = WaitKind::All;
      }
    }
    result_.parts.push_back({a, part, limit, std::move(indices), std::move(after)});
  }

  // A limit counts over the whole step: its parts run one after the other, beside or after its jobs
  // in the queue. A later pass waits for all of these anyway.
  std::uint32_t keep_limit(std::uint32_t a, std::vector<PartWait>& after) const {
    const JobArray& array = plan_.arrays[a];
    if (array.limit == 0 || array.repeats()) return array.limit;
    const LimitShare share = share_of_limit(plan_, owners_, a);
    const bool first =
        result_.parts.empty() || plan_.arrays[result_.parts.back().array].family != array.family;
    if (first) {
      for (const std::uint32_t job : share.wait_for) after.push_back({WaitKind::LiveJob, job, 0});
    } else {
      after.push_back({WaitKind::All, result_.parts.back().array, result_.parts.back().part});
    }
    return share.limit;
  }

  [[nodiscard]] const std::vector<std::uint32_t>* indices_of(const PartWait& wait) const {
    const auto found =
        std::find_if(result_.parts.begin(), result_.parts.end(), [&](const ResumePart& part) {
          return part.array == wait.on && part.part == wait.part;
        });
    return &found->indices;
  }

  // As `wfc run`: all that apply after anything new, else those that are still owed. What cannot
  // run is no success: then those of a failure apply.
  void count_finalizers() {
    const bool news = result_.pending > 0;
    const bool blocked = decision_->of(Fate::Blocked) > 0;
    for (const StepId id : plan_.order) {
      const FinalizerKind kind = plan_.step(id).finalizer;
      const bool applies = kind == FinalizerKind::Always ||
                           kind == (blocked ? FinalizerKind::Failure : FinalizerKind::Success);
      if (!applies) continue;
      if (news || slots_[index_of(id)].read(0).verdict != Verdict::Done) ++result_.finalizers;
    }
  }

  const Plan& plan_;
  const Owners& owners_;
  Selection live_;
  const Decision* decision_ = nullptr;
  std::vector<Unsettled> unsettled_;  // by StepId
  std::vector<SlotFile> slots_;       // by StepId
  std::vector<Seen> seen_;            // by position in Plan::arrays
  struct PassOwner {
    FamilyId family{};
    std::uint32_t shares = 1;
    std::uint32_t share = 0;
    std::uint32_t job = 0;
  };
  std::vector<PassOwner> pass_owners_;
  ResumePlan result_;
};

}  // namespace

ResumePlan plan_resume(const Plan& plan,
                       const std::filesystem::path& out_dir,
                       const StatePaths& state,
                       const std::vector<JournalRun>& runs,
                       const std::vector<LiveElement>& live,
                       const ResumeOptions& options) {
  const Owners owners(plan, out_dir, runs, live);
  Resume resume(plan, state, owners);
  DecideOptions decide_options;
  decide_options.trust_records = options.trust_records;
  decide_options.on_progress = options.on_progress;
  decide_options.live = [&](Task task) { return resume.live().contains(task); };
  const Decision decision = decide(plan, out_dir, state, decide_options);
  if (options.on_decision) options.on_decision(decision);
  ResumePlan found = resume.run(decision);
  found.blocked = decision.of(Fate::Blocked);
  return found;
}

}  // namespace wfr
