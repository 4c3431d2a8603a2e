// Steps in topological order: first from records and producers, then from a look at the rest.
#include "runtime/run/decide.hpp"

#include "runtime/run/look_pool.hpp"
#include "runtime/run/staleness.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace wfr {
namespace {

// So many tasks are looked at between two rounds of the pool.
constexpr std::size_t kRound = 8192;

// Counts of tasks before each of a step, so that a gather asks about its range at once.
class Marks {
 public:
  template <class Choose>
  void set(const std::vector<Cause>& causes, const Choose& choose) {
    before_.clear();
    if (std::none_of(causes.begin(), causes.end(), choose)) return;
    before_.resize(causes.size() + 1);
    for (std::size_t i = 0; i < causes.size(); ++i) {
      before_[i + 1] = before_[i] + (choose(causes[i]) ? 1U : 0U);
    }
  }
  [[nodiscard]] bool any(const TaskList& tasks) const {
    for (std::uint32_t i = 0; !before_.empty() && i < tasks.size();) {
      const Range run = tasks.run_at(i);
      if (before_[run.end] != before_[run.begin]) return true;
      i += run.size();
    }
    return false;
  }

 private:
  std::vector<std::uint32_t> before_;  // empty: none
};

constexpr bool not_chosen(Cause cause) {
  return cause == Cause::NotChosen;
}

struct StepMarks {
  Marks change;
  Marks times;
  Marks blocked;
  Marks left_out;
  void set(const std::vector<Cause>& causes) {
    change.set(causes, changes_results);
    times.set(causes, only_times);
    blocked.set(causes, is_blocked);
    left_out.set(causes, not_chosen);
  }
};

// What is known of a task's producers once they are decided.
struct Before {
  bool change = false;
  bool times = false;
  bool blocked = false;
  bool left_out = false;
};

Cause cause_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::Failed:
      return Cause::Failed;
    case Verdict::Cancelled:
      return Cause::Stopped;
    case Verdict::UpstreamFailed:
      return Cause::WasBlocked;
    case Verdict::Done:
      return Cause::Current;
    case Verdict::None:
      break;
  }
  return Cause::NotRun;
}

class Decider {
 public:
  Decider(const Plan& plan,
          const std::filesystem::path& out_dir,
          const StatePaths& state,
          const DecideOptions& options)
      : plan_(plan),
        options_(options),
        staleness_(plan, out_dir, state),
        marks_(plan.steps.size()),
        round_(kRound) {
    result_.steps.resize(plan.steps.size());
    result_.trusted = options.trust_records;
  }

  Decision run() {
    for (const StepId step : plan_.order) {
      if (chosen(step)) decide_step(step);
    }
    if (total_ != 0) tell(done_seen_);
    want_scratch();
    for (StepDecision& step : result_.steps) count(step);
    return std::move(result_);
  }

 private:
  struct Candidate {
    TaskIndex index = 0;
    Slot slot;
    bool after_times = false;
    bool made_is_there = false;  // all that it reads of other tasks
    std::vector<ProducerDigest> producers;
  };

  [[nodiscard]] bool chosen(StepId step) const {
    if (options_.only != nullptr) return options_.only->has(step);
    return plan_.step(step).finalizer == FinalizerKind::None;
  }
  [[nodiscard]] bool chosen(Task task) const {
    return options_.only == nullptr || options_.only->contains(task);
  }
  [[nodiscard]] std::vector<Cause>& causes_of(StepId step) {
    return result_.steps[index_of(step)].causes;
  }

  void decide_step(StepId step) {
    const std::uint32_t count = plan_.graph.tasks(step).count;
    causes_of(step).assign(count, Cause::NotChosen);
    const std::vector<std::uint32_t> depths = own_depths(plan_.graph, step);
    if (depths.empty()) {
      staleness_.slots().of(step).visit({0, count}, [&](TaskIndex i, const Slot& slot) {
        put({step, i}, slot);
      });
    } else {
      std::uint32_t depth = 0;
      for (const TaskIndex i : own_order(plan_.graph, step)) {
        // What the tasks of one depth are decides about the next.
        if (std::exchange(depth, depths[i]) != depths[i]) look_at_round(step);
        put({step, i}, staleness_.slot({step, i}));
      }
    }
    look_at_round(step);
    marks_[index_of(step)].set(causes_of(step));
  }

  // Decides about the task at once, or puts it into the round.
  void put(Task task, const Slot& slot) {
    if (!chosen(task)) return;
    const Before before = before_of(task);
    if (slot.verdict == Verdict::Done) ++done_seen_;
    if (before.blocked || (before.left_out && left_out_undone(task))) {
      set(task, Cause::BlockedByProducer);
      return;
    }
    const bool done = slot.verdict == Verdict::Done;
    if (done && options_.again != nullptr && options_.again->contains(task)) {
      set(task, Cause::Forced);
      return;
    }
    if (before.change) {
      set(task, done ? Cause::Producer : cause_of(slot.verdict));
      return;
    }
    if (!done || options_.trust_records) {
      set(task, cause_of(slot.verdict));
      return;
    }
    Candidate& next = round_[waiting_++];
    next.index = task.index;
    next.slot = slot;
    next.after_times = before.times;
    next.made_is_there = !before.left_out;
    next.producers = staleness_.producers_of(task);
    if (waiting_ == kRound) look_at_round(task.step);
  }

  // What only comes before (`after`) changes nothing in the result, but has to be done.
  [[nodiscard]] Before before_of(Task task) {
    Before before;
    for (const std::uint32_t e : staleness_.gate().edges_into(task.step)) {
      const Edge& edge = plan_.graph.edges[e];
      const bool read = edge.kind == EdgeKind::Data;
      const TaskList needed = producers(plan_.graph, edge, task.index);
      if (edge.from == edge.to) {
        for (const TaskIndex one : needed) add(causes_of(edge.from)[one], read, before);
        continue;
      }
      const StepMarks& marks = marks_[index_of(edge.from)];
      before.change = before.change || (read && marks.change.any(needed));
      before.times = before.times || (read && marks.times.any(needed));
      before.blocked = before.blocked || marks.blocked.any(needed);
      before.left_out =
          before.left_out || causes_of(edge.from).empty() || marks.left_out.any(needed);
    }
    return before;
  }

  static void add(Cause cause, bool read, Before& before) {
    before.change = before.change || (read && changes_results(cause));
    before.times = before.times || (read && only_times(cause));
    before.blocked = before.blocked || is_blocked(cause);
    before.left_out = before.left_out || not_chosen(cause);
  }

  // One that nobody asked about does not run: it has to be done.
  [[nodiscard]] bool left_out_undone(Task task) {
    for (const std::uint32_t e : staleness_.gate().edges_into(task.step)) {
      const Edge& edge = plan_.graph.edges[e];
      for (const TaskIndex one : producers(plan_.graph, edge, task.index)) {
        if (!not_chosen(result_.cause({edge.from, one}))) continue;
        if (staleness_.slot({edge.from, one}).verdict != Verdict::Done) return true;
      }
    }
    return false;
  }

  void set(Task task, Cause cause) {
    const bool live = runs(cause) && options_.live && options_.live(task);
    causes_of(task.step)[task.index] = live ? Cause::InQueue : cause;
  }

  void look_at_round(StepId step) {
    const std::size_t count = std::exchange(waiting_, 0);
    if (count == 0) return;
    std::vector<Cause>& causes = causes_of(step);
    const auto look = [&](std::size_t i) {
      const Candidate& one = round_[i];
      causes[one.index] = look_at({step, one.index}, one);
    };
    pool_.each(count, look, [&](std::size_t finished) { tell(done_seen_ - count + finished); });
    for (std::size_t i = 0; i < count; ++i) set({step, round_[i].index}, causes[round_[i].index]);
  }

  [[nodiscard]] Cause look_at(Task task, const Candidate& one) {
    Cause cause = Cause::MissingInput;
    try {
      cause = staleness_.compare(task, one.slot, one.producers, one.made_is_there, nullptr);
    } catch (const std::exception&) {
      // A path that cannot be made: the task would fail, and say why.
      return cause;
    }
    return cause == Cause::Current && one.after_times ? Cause::ProducerTimes : cause;
  }

  void tell(std::uint64_t decided) {
    if (!options_.on_progress) return;
    if (total_ == 0) total_ = count_done();
    options_.on_progress(std::min(decided, total_), total_);
  }

  [[nodiscard]] std::uint64_t count_done() {
    std::uint64_t total = 0;
    for (const StepId step : plan_.order) {
      if (!chosen(step)) continue;
      staleness_.slots().of(step).visit({0, plan_.graph.tasks(step).count},
                                        [&](TaskIndex i, const Slot& slot) {
                                          if (slot.verdict == Verdict::Done && chosen({step, i}))
                                            ++total;
                                        });
    }
    return total;
  }

  // Outputs that are not kept are made for whoever reads them: against the topological order, since
  // what makes them may read such outputs too.
  void want_scratch() {
    for (auto step = plan_.order.rbegin(); step != plan_.order.rend(); ++step) {
      std::vector<Cause>& causes = causes_of(*step);
      if (causes.empty() || !plan_.step(*step).in_scratch) continue;
      std::vector<Marks> readers;
      std::vector<const Edge*> edges;
      for (const Edge& edge : plan_.graph.edges) {
        if (edge.from != *step || edge.kind != EdgeKind::Data) continue;
        edges.push_back(&edge);
        readers.emplace_back().set(causes_of(edge.to), runs);
      }
      const auto want = [&](TaskIndex i) {
        if (causes[i] != Cause::Current) return;
        for (std::size_t e = 0; e < edges.size(); ++e) {
          const TaskList read = consumers(plan_.graph, *edges[e], i);
          const bool wanted =
              edges[e]->to == *step
                  ? std::any_of(
                        read.begin(), read.end(), [&](TaskIndex one) { return runs(causes[one]); })
                  : readers[e].any(read);
          if (!wanted) continue;
          set({*step, i}, Cause::WantedByReader);
          return;
        }
      };
      const std::vector<TaskIndex> order = own_order(plan_.graph, *step);
      for (auto i = order.rbegin(); i != order.rend(); ++i) want(*i);
      for (TaskIndex i = 0; order.empty() && i < causes.size(); ++i) want(i);
    }
  }

  static void count(StepDecision& step) {
    for (TaskIndex i = 0; i < step.causes.size(); ++i) {
      const Cause cause = step.causes[i];
      ++step.counts[static_cast<std::size_t>(cause)];
      const bool tells = fate_of(cause) == Fate::Runs || fate_of(cause) == Fate::Blocked;
      if (tells && step.example == kNone) step.example = i;
    }
  }

  const Plan& plan_;
  const DecideOptions& options_;
  Staleness staleness_;
  LookPool pool_;
  Decision result_;
  std::vector<StepMarks> marks_;  // by StepId
  std::vector<Candidate> round_;
  std::size_t waiting_ = 0;      // of the round
  std::uint64_t done_seen_ = 0;  // recorded as done
  std::uint64_t total_ = 0;      // the same of all, once somebody wants to know
};

}  // namespace

Decision decide(const Plan& plan,
                const std::filesystem::path& out_dir,
                const StatePaths& state,
                const DecideOptions& options) {
  return Decider(plan, out_dir, state, options).run();
}

}  // namespace wfr
