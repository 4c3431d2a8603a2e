// One random execution at a time.
#include "tests/e2e/verify/simulation.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <vector>

namespace wfc::test {
namespace {

using readback::Emitted;
using readback::Job;
using readback::Runs;
using readback::Wait;
using readback::WaitKind;

enum class State { Waiting, Running, Completed, Failed, Cancelled };

bool has_ended(State state) {
  return state == State::Completed || state == State::Failed || state == State::Cancelled;
}

struct Element {
  std::size_t job = 0;
  std::uint32_t index = 0;
  std::vector<wfr::Task> tasks;  // in the order of the steps
  State state = State::Waiting;
  bool good = false;  // what it will end with
};

class Execution {
 public:
  Execution(const Emitted& emitted, std::uint32_t seed)
      : emitted_(emitted), plan_(emitted.plan), random_(seed) {
    by_job_.resize(emitted.jobs.size());
    counts_.resize(emitted.jobs.size());
    for (std::size_t j = 0; j < emitted.jobs.size(); ++j) add_elements(j);
    ok_.resize(plan_.steps.size());
    owners_.resize(plan_.steps.size());
    for (std::size_t s = 0; s < plan_.steps.size(); ++s) {
      ok_[s].resize(plan_.graph.instances[s].count);
      owners_[s].resize(plan_.graph.instances[s].count);
    }
    for (std::size_t e = 0; e < elements_.size(); ++e) {
      for (const wfr::Task task : elements_[e].tasks) owners_of(task).push_back(e);
    }
    // Executions without, with some and with many failures; a few jobs are slow.
    constexpr double kRates[] = {0, 0.02, 0.1, 0.4};
    failure_rate_ = kRates[random_() % 4];
    for (Element& element : elements_) {
      element.good = true;
      slow_.push_back(random_() % 4 == 0);
    }
  }

  std::optional<std::string> run() {
    for (;;) {
      while (cancel_one()) {
      }
      if (!fault_.empty()) return fault_;
      if (!step()) break;
      if (!fault_.empty()) return fault_;
    }
    check_end();
    if (fault_.empty()) return std::nullopt;
    return fault_;
  }

 private:
  void add_elements(std::size_t j) {
    const Job& job = emitted_.jobs[j];
    const auto add = [&](std::uint32_t index, std::vector<wfr::Task> tasks) {
      by_job_[j][index] = elements_.size();
      ++counts_[j].all;
      elements_.push_back({j, index, std::move(tasks)});
    };
    if (!job.is_array()) {
      add(0, {});
      return;
    }
    const wfr::Family& family = plan_.families[job.family];
    if (job.pass > 1) {
      // As wfr shares the blocks out.
      const std::uint32_t shares = plan_.arrays[job.array].size();
      const std::uint32_t blocks = plan_.maps[family.block_map].blocks();
      for (std::uint32_t share = 0; share < shares; ++share) {
        std::vector<wfr::Task> tasks;
        for (std::uint32_t b = share; b < blocks; b += shares) add_tasks(family, b, tasks);
        add(share, in_order(family, tasks));
      }
      return;
    }
    for (const readback::Run& run : job.runs) {
      for (std::uint32_t i = 0; i < run.count; ++i) {
        std::vector<wfr::Task> tasks;
        add_tasks(family, run.block + i, tasks);
        add(run.index + i, in_order(family, tasks));
      }
    }
  }

  void add_tasks(const wfr::Family& family, std::uint32_t block, std::vector<wfr::Task>& tasks) {
    for (const auto& [step, ranges] : wfr::tasks_of_block(plan_, family, block)) {
      for (const wfr::Range& range : ranges) {
        for (std::uint32_t t = range.begin; t < range.end; ++t) tasks.push_back({step, t});
      }
    }
  }

  // In one job the runtime keeps the order: by step, and within a step after what a task waits for.
  std::vector<wfr::Task> in_order(const wfr::Family& family, const std::vector<wfr::Task>& tasks) {
    std::vector<wfr::Task> sorted;
    for (const wfr::StepId step : family.steps) {
      std::set<wfr::TaskIndex> left;
      for (const wfr::Task task : tasks) {
        if (task.step == step) left.insert(task.index);
      }
      while (!left.empty()) {
        const auto next = std::find_if(left.begin(), left.end(), [&](wfr::TaskIndex task) {
          return std::none_of(left.begin(), left.end(), [&](wfr::TaskIndex other) {
            return waits_within(step, task, other);
          });
        });
        sorted.push_back({step, *next});
        left.erase(next);
      }
    }
    return sorted;
  }

  bool waits_within(wfr::StepId step, wfr::TaskIndex task, wfr::TaskIndex other) {
    return std::any_of(
        plan_.graph.edges.begin(), plan_.graph.edges.end(), [&](const wfr::Edge& edge) {
          return edge.from == step && edge.to == step &&
                 producers(plan_.graph, edge, task).contains(other);
        });
  }

  struct Count {
    std::size_t all = 0;
    std::size_t ended = 0;
    std::size_t completed = 0;
  };

  void set_state(Element& element, State state) {
    element.state = state;
    if (has_ended(state)) ++counts_[element.job].ended;
    if (state == State::Completed) ++counts_[element.job].completed;
  }

  // Of the whole job, or of the one element of the same index, which an array without it replaces
  // by the whole.
  Count waited_for(const Element& element, const Wait& wait) const {
    const bool same_index =
        wait.kind == WaitKind::AfterCorr || wait.kind == WaitKind::AfterCorrOrAny;
    if (!same_index) return counts_[wait.on];
    const auto same = by_job_[wait.on].find(element.index);
    if (same == by_job_[wait.on].end()) return counts_[wait.on];
    const State state = elements_[same->second].state;
    return {1, has_ended(state) ? 1U : 0U, state == State::Completed ? 1U : 0U};
  }

  bool all_ended(const Wait& wait) const { return counts_[wait.on].ended == counts_[wait.on].all; }

  enum class Outlook { Ready, Later, Never };
  Outlook outlook(const Element& element, const Wait& wait) const {
    const Count count = waited_for(element, wait);
    const bool good = count.completed == count.all;
    if (wait.kind == WaitKind::AfterCorrOrAny) {
      return good || all_ended(wait) ? Outlook::Ready : Outlook::Later;
    }
    if (count.ended < count.all) return Outlook::Later;
    if (wait.kind == WaitKind::AfterAny) return Outlook::Ready;
    return good == (wait.kind != WaitKind::AfterNotOk) ? Outlook::Ready : Outlook::Never;
  }
  // A list with a question mark in it is all `or`: the best decides, else the worst.
  Outlook outlook(const Element& element) const {
    const std::vector<Wait>& waits = emitted_.jobs[element.job].call->waits;
    const bool either = std::any_of(waits.begin(), waits.end(), [](const Wait& wait) {
      return wait.kind == WaitKind::AfterCorrOrAny;
    });
    Outlook result = either ? Outlook::Never : Outlook::Ready;
    for (const Wait& wait : waits) {
      const Outlook one = outlook(element, wait);
      result = either ? std::min(result, one) : std::max(result, one);
    }
    return result;
  }

  // --kill-on-invalid-dep=yes.
  bool cancel_one() {
    for (Element& element : elements_) {
      if (element.state != State::Waiting || outlook(element) != Outlook::Never) continue;
      set_state(element, State::Cancelled);
      return true;
    }
    return false;
  }

  // Starts or ends one element; false when there is none left to start or end.
  bool step() {
    std::vector<std::size_t> able;
    for (std::size_t e = 0; e < elements_.size(); ++e) {
      const Element& element = elements_[e];
      const bool may = element.state == State::Running ||
                       (element.state == State::Waiting && outlook(element) == Outlook::Ready);
      if (may) able.push_back(e);
    }
    if (able.empty()) return false;
    std::size_t chosen = able[random_() % able.size()];
    // The slow ones are passed over while there is something else.
    for (int again = 0; again < 6 && slow_[chosen]; ++again) chosen = able[random_() % able.size()];
    Element& element = elements_[chosen];
    if (element.state == State::Running) {
      set_state(element, element.good ? State::Completed : State::Failed);
    } else {
      set_state(element, State::Running);
      start(element, chosen);
    }
    return true;
  }

  std::vector<std::size_t>& owners_of(wfr::Task task) {
    return owners_[wfr::index_of(task.step)][task.index];
  }
  std::uint32_t pass_of(std::size_t element) const {
    return emitted_.jobs[elements_[element].job].pass;
  }

  // True if something that has the task in a pass up to this one has still to end.
  bool is_open(wfr::Task task, std::uint32_t pass, std::size_t self) {
    const std::vector<std::size_t>& owners = owners_of(task);
    return std::any_of(owners.begin(), owners.end(), [&](std::size_t owner) {
      return owner != self && pass_of(owner) <= pass && !has_ended(elements_[owner].state);
    });
  }

  void start(Element& element, std::size_t self) {
    const Job& job = emitted_.jobs[element.job];
    if (!job.is_array()) {
      start_closing(element, job);
      return;
    }
    for (const wfr::Task task : element.tasks) {
      bool good = true;
      if (job.pass > 1 && is_open(task, job.pass - 1, self)) {
        fault_ = task_name(plan_, task) + " is run again before it has ended";
      }
      // A later pass leaves alone what is done.
      if (ok_[wfr::index_of(task.step)][task.index]) continue;
      for (const wfr::Edge& edge : plan_.graph.edges) {
        if (edge.to != task.step) continue;
        for (const wfr::TaskIndex producer : producers(plan_.graph, edge, task.index)) {
          if (is_open({edge.from, producer}, job.pass, self)) {
            fault_ = task_name(plan_, task) + " starts before " +
                     task_name(plan_, {edge.from, producer}) + " has ended";
          }
          good = good && ok_[wfr::index_of(edge.from)][producer];
        }
      }
      good = good && std::uniform_real_distribution<>(0, 1)(random_) >= failure_rate_;
      ok_[wfr::index_of(task.step)][task.index] = good;
      if (good && job.pass == 1) in_first_.insert({wfr::index_of(task.step), task.index});
      element.good = element.good && good;
    }
  }

  void start_closing(Element& element, const Job& job) {
    if (job.script->runs != Runs::Verdict) return;
    for (const Element& other : elements_) {
      if (emitted_.jobs[other.job].is_array() && !has_ended(other.state)) {
        fault_ = "the verdict starts before `" + emitted_.jobs[other.job].name() + "` has ended";
      }
    }
    for (const std::vector<bool>& step : ok_counted()) {
      for (const bool good : step) element.good = element.good && good;
    }
  }

  // Without the finalizers' own tasks.
  std::vector<std::vector<bool>> ok_counted() const {
    std::vector<std::vector<bool>> counted;
    for (std::size_t s = 0; s < ok_.size(); ++s) {
      if (plan_.steps[s].finalizer == wfr::FinalizerKind::None) counted.push_back(ok_[s]);
    }
    return counted;
  }

  void check_end() {
    State verdict = State::Waiting;
    for (const Element& element : elements_) {
      const Job& job = emitted_.jobs[element.job];
      if (!has_ended(element.state)) fault_ = "`" + job.name() + "` waits for ever";
      if (job.script->runs == Runs::Verdict) verdict = element.state;
      if (element.state == State::Cancelled && job.is_array()) check_cancelled(element);
    }
    if (verdict != State::Completed && verdict != State::Failed)
      fault_ = "the verdict does not run";
    for (const Element& element : elements_) {
      const Job& job = emitted_.jobs[element.job];
      if (job.script->runs != Runs::Finalizer) continue;
      const auto kind = plan_.step(plan_.find_step(job.script->target)).finalizer;
      const bool wanted = kind == wfr::FinalizerKind::Always ||
                          (kind == wfr::FinalizerKind::Success) == (verdict == State::Completed);
      if (wanted == (element.state == State::Cancelled)) fault_ = "`" + job.name() + "` is wrong";
    }
  }

  // A task is held back only if something that it needs is not done; in the first pass, whose
  // failures a later one may mend.
  void check_cancelled(const Element& element) {
    for (const wfr::Task task : element.tasks) {
      bool good = true;
      for (const wfr::Edge& edge : plan_.graph.edges) {
        if (edge.to != task.step) continue;
        for (const wfr::TaskIndex producer : producers(plan_.graph, edge, task.index)) {
          good = good && in_first_.count({wfr::index_of(edge.from), producer}) != 0;
        }
      }
      if (good)
        fault_ = task_name(plan_, task) + " is cancelled although all that it needs is done";
    }
  }

  const Emitted& emitted_;
  const wfr::Plan& plan_;
  std::mt19937 random_;
  double failure_rate_ = 0;
  std::vector<Element> elements_;
  std::vector<bool> slow_;
  std::vector<std::map<std::uint32_t, std::size_t>> by_job_;   // index -> element
  std::vector<Count> counts_;                                  // by job
  std::vector<std::vector<bool>> ok_;                          // by step, task
  std::vector<std::vector<std::vector<std::size_t>>> owners_;  // the same: elements of every pass
  std::set<std::pair<std::size_t, wfr::TaskIndex>> in_first_;  // done in the first pass
  std::string fault_;
};

}  // namespace

std::optional<std::string> find_fault(const Emitted& emitted, unsigned runs, std::uint32_t seed) {
  for (unsigned run = 0; run < runs; ++run) {
    if (auto fault = Execution(emitted, seed + run).run()) return fault;
  }
  return std::nullopt;
}

}  // namespace wfc::test
