// Elements by job array; every decision is made by walking them, for the arrays are small.
#include "tests/unit/slurm/slurm_model.hpp"

#include "tests/unit/slurm/slurm_model_jobs.hpp"

#include <algorithm>
#include <tuple>

namespace wfc::test {
using wfr::Dep;
using wfr::JobArray;
using wfr::WaitKind;

class SlurmModel::Model {
 public:
  Model(const wfr::Plan& plan, std::uint32_t window, const Faults& faults)
      : plan_(plan), window_(window), faults_(faults) {
    for (const JobArray& array : plan.arrays) {
      Job job{&array, array.limit, array.after, 0, {}};
      std::uint32_t position = 0;
      for (const wfr::Range& range : array.indices) {
        for (std::uint32_t index = range.begin; index < range.end; ++index) {
          job.add(array.depth ? position++ : index, index);
        }
      }
      jobs_.push_back(std::move(job));
    }
  }

  std::vector<wfr::LiveElement> clear_queue() {
    std::vector<wfr::LiveElement> live;
    for (std::uint32_t j = 0; j < jobs_.size(); ++j) {
      for (Element& element : jobs_[j].elements) {
        if (element.over()) continue;
        if (element.state == State::Pending && !element.eligible) {
          element.state = State::Cancelled;
          continue;
        }
        live.push_back({j + 1, jobs_[j].array->plain ? -1 : std::int64_t{element.index}});
      }
    }
    return live;
  }

  std::vector<std::uint32_t> submit(const wfr::ResumePlan& resume) {
    ++submissions_;
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> place;  // of a part
    std::vector<std::uint32_t> ids;
    for (const wfr::ResumePart& part : resume.parts) {
      const JobArray& array = plan_.arrays[part.array];
      Job job{&array, part.limit, {}, submissions_, {}};
      for (const wfr::PartWait& wait : part.after) {
        const bool live = wait.kind == WaitKind::LiveJob;
        job.after.push_back({kind_of(wait.kind),
                             wfr::ArrayId{live ? wait.on - 1 : place.at({wait.on, wait.part})}});
      }
      for (std::uint32_t i = 0; i < part.indices.size(); ++i) job.add(i, part.indices[i]);
      place[{part.array, part.part}] = static_cast<std::uint32_t>(jobs_.size());
      jobs_.push_back(std::move(job));
      ids.push_back(static_cast<std::uint32_t>(jobs_.size()));
    }
    return ids;
  }

  [[nodiscard]] const std::set<TaskKey>& done() const { return done_; }
  [[nodiscard]] const std::set<TaskKey>& failed() const { return failed_; }

  Outcome run(Chance& chance, std::uint32_t events) {
    // Each event ends or starts something with a fair chance; what is idle for long is stuck.
    std::uint32_t idle = 0;
    while (!all_over() && idle < 4000 && events-- > 0) {
      ++idle;
      const std::uint32_t a = chance.below(static_cast<std::uint32_t>(jobs_.size()));
      switch (chance.below(4)) {
        case 0:
          look_at(a);
          break;
        case 1:
          if (start_one(a, chance)) idle = 0;
          break;
        case 2:
          if (end_one(a, chance)) idle = 0;
          break;
        default:
          if (purge_one(a, chance)) idle = 0;
          if (faults_.losses && chance.one_in(40)) lose_one(a, chance);
      }
    }
    outcome_.stuck = !all_over();
    return outcome_;
  }

 private:
  [[nodiscard]] bool all_over() const {
    return std::all_of(jobs_.begin(), jobs_.end(), [](const Job& job) {
      return std::all_of(
          job.elements.begin(), job.elements.end(), [](const Element& e) { return e.over(); });
    });
  }

  static Dep kind_of(WaitKind kind) {
    if (kind == WaitKind::Corresponding) return Dep::AfterCorr;
    return kind == WaitKind::CorrespondingOrAll ? Dep::AfterCorrOrAny : Dep::AfterAny;
  }

  [[nodiscard]] Wait whole(std::uint32_t on, bool success) const {
    bool ok = true;
    for (const Element& element : jobs_[on].elements) {
      if (!element.over()) return Wait::Open;
      ok = ok && element.state == State::Succeeded;
    }
    return !success || ok ? Wait::Satisfied : Wait::Impossible;
  }

  [[nodiscard]] Wait corresponding(std::uint32_t on, std::uint32_t index) const {
    for (const Element& element : jobs_[on].elements) {
      if (element.index != index || element.purged) continue;
      if (!element.over()) return Wait::Open;
      return element.state == State::Succeeded ? Wait::Satisfied : Wait::Impossible;
    }
    return whole(on, true);
  }

  // The dependencies of the first pending elements.
  void look_at(std::uint32_t a) {
    Job& job = jobs_[a];
    std::uint32_t looked = 0;
    for (Element& element : job.elements) {
      if (element.state != State::Pending || element.eligible) continue;
      if (looked++ == std::max(window_, 1U)) return;
      bool all = true;
      bool any_impossible = false;
      for (std::size_t d = 0; d < job.after.size(); ++d) {
        if (element.waits[d] == Wait::Open) {
          element.waits[d] = look(job.after[d], element.index, job.array->plain);
        }
        all = all && element.waits[d] == Wait::Satisfied;
        any_impossible = any_impossible || element.waits[d] == Wait::Impossible;
      }
      element.eligible = all;
      if (any_impossible) element.state = State::Cancelled;
    }
  }

  [[nodiscard]] Wait look(const wfr::Dependency& wait, std::uint32_t index, bool plain) const {
    const auto on = static_cast<std::uint32_t>(wait.on);
    switch (wait.kind) {
      case Dep::AfterCorr:
        return plain ? whole(on, true) : corresponding(on, index);
      case Dep::AfterOk:
        return whole(on, true);
      case Dep::AfterAny:
        return whole(on, false);
      case Dep::AfterCorrOrAny:
        break;
    }
    const Wait own = corresponding(on, index);
    return own == Wait::Satisfied ? own : whole(on, false);
  }

  bool start_one(std::uint32_t a, Chance& chance) {
    std::vector<Element*> ready;
    std::uint32_t running = 0;
    for (Element& element : jobs_[a].elements) {
      if (element.state == State::Running) ++running;
      if (element.state == State::Pending && element.eligible) ready.push_back(&element);
    }
    const std::uint32_t limit = jobs_[a].limit;
    if (ready.empty() || (limit > 0 && running >= limit)) return false;
    Element& element = *ready[chance.below(static_cast<std::uint32_t>(ready.size()))];
    element.state = State::Running;
    run_tasks(jobs_[a], element);
    check_limits();
    return true;
  }

  // By step of the family.
  [[nodiscard]] std::vector<std::vector<std::uint32_t>> tasks_of(const JobArray& array,
                                                                 const Element& element) const {
    const wfr::Family& family = plan_.families[wfr::index_of(array.family)];
    std::vector<std::vector<std::uint32_t>> tasks(family.steps.size());
    const std::uint32_t blocks = plan_.maps[family.block_map].blocks();
    for (std::uint32_t block = 0; block < blocks; ++block) {
      const bool mine = array.repeats() ? block % array.size() == element.block
                                        : block == array.first_block + element.block;
      if (!mine) continue;
      const wfr::StepRanges some = wfr::tasks_of_block(plan_, family, block);
      for (std::size_t s = 0; s < some.size(); ++s) {
        for (const wfr::Range& range : some[s].second) {
          for (std::uint32_t t = range.begin; t < range.end; ++t) tasks[s].push_back(t);
        }
      }
    }
    // As wfr takes them: each after those of its own step that it waits for.
    for (std::size_t s = 0; s < tasks.size(); ++s) {
      const std::vector<std::uint32_t> depths = wfr::own_depths(plan_.graph, family.steps[s]);
      if (depths.empty()) continue;
      std::stable_sort(tasks[s].begin(), tasks[s].end(), [&](std::uint32_t a, std::uint32_t b) {
        return depths[a] < depths[b];
      });
    }
    return tasks;
  }

  // Whether a job of the pass would look at the task at all.
  [[nodiscard]] bool is_left(TaskKey task, std::uint32_t pass) const {
    if (done_.count(task) != 0) return false;
    if (pass == 1) return true;
    if (failed_.count(task) == 0) return true;
    return faults_.cured.count(task) != 0 && pass <= plan_.steps[task.first].retry.times + 1;
  }

  // With less memory than it wants, or with something that no memory mends.
  [[nodiscard]] bool fails(TaskKey task, std::uint32_t pass) const {
    if (faults_.failing.count(task) == 0) return false;
    const auto cured = faults_.cured.find(task);
    return cured == faults_.cured.end() ||
           std::min(pass, plan_.steps[task.first].retry.times + 1) < cured->second;
  }

  [[nodiscard]] bool runs_elsewhere(TaskKey task) const {
    return std::any_of(jobs_.begin(), jobs_.end(), [&](const Job& job) {
      return std::any_of(job.elements.begin(), job.elements.end(), [&](const Element& other) {
        return other.state == State::Running && other.ran.count(task) != 0;
      });
    });
  }

  void run_tasks(const Job& job, Element& element) {
    const JobArray& array = *job.array;
    const wfr::Family& family = plan_.families[wfr::index_of(array.family)];
    const std::vector<std::vector<std::uint32_t>> tasks = tasks_of(array, element);
    for (std::size_t s = 0; s < tasks.size(); ++s) {
      for (const std::uint32_t t : tasks[s]) {
        const TaskKey task{static_cast<std::uint32_t>(family.steps[s]), t};
        if (!is_left(task, array.pass)) continue;
        const bool ready = all_done(family.steps[s], t, element.verdicts);
        if (ready) {
          const bool again = !started_.insert({task, array.pass, job.submission}).second;
          outcome_.twice = outcome_.twice || again || runs_elsewhere(task);
          outcome_.ran.insert(task);
          element.ran.insert(task);
        }
        if (ready && !fails(task, array.pass)) {
          element.verdicts.push_back(task);
        } else {
          element.exit_ok = false;
        }
      }
    }
  }

  [[nodiscard]] bool all_done(wfr::StepId step,
                              std::uint32_t task,
                              const std::vector<TaskKey>& own) const {
    for (const wfr::Edge& edge : plan_.graph.edges) {
      if (edge.to != step) continue;
      for (const wfr::TaskIndex producer : producers(plan_.graph, edge, task)) {
        const TaskKey key{static_cast<std::uint32_t>(edge.from), producer};
        if (done_.count(key) == 0 && std::find(own.begin(), own.end(), key) == own.end()) {
          return false;
        }
      }
    }
    return true;
  }

  bool end_one(std::uint32_t a, Chance& chance) {
    Element* element = pick(a, State::Running, chance);
    if (element == nullptr) return false;
    element->state = element->exit_ok ? State::Succeeded : State::Failed;
    failed_.insert(element->ran.begin(), element->ran.end());
    for (const TaskKey& task : element->verdicts) {
      done_.insert(task);
      failed_.erase(task);
    }
    return true;
  }

  // Long after the end: what is looked at at all has been looked at meanwhile.
  bool purge_one(std::uint32_t a, Chance& chance) {
    std::vector<Element*> over;
    for (Element& element : jobs_[a].elements) {
      if (element.over() && !element.purged) over.push_back(&element);
    }
    if (over.empty() || !chance.one_in(3)) return false;
    for (std::uint32_t b = 0; b < jobs_.size(); ++b) look_at(b);
    over[chance.below(static_cast<std::uint32_t>(over.size()))]->purged = true;
    return true;
  }

  void lose_one(std::uint32_t a, Chance& chance) {
    Element* element = pick(a, State::Running, chance);
    if (element == nullptr) return;
    const wfr::Family& family = plan_.families[wfr::index_of(jobs_[a].array->family)];
    const std::vector<std::vector<std::uint32_t>> tasks = tasks_of(*jobs_[a].array, *element);
    for (std::size_t s = 0; s < tasks.size(); ++s) {
      for (const std::uint32_t t : tasks[s]) {
        const TaskKey task{static_cast<std::uint32_t>(family.steps[s]), t};
        outcome_.lost.insert(task);
        outcome_.ran.erase(task);
      }
    }
    element->state = State::Cancelled;
  }

  Element* pick(std::uint32_t a, State state, Chance& chance) {
    std::vector<Element*> some;
    for (Element& element : jobs_[a].elements) {
      if (element.state == state) some.push_back(&element);
    }
    if (some.empty()) return nullptr;
    return some[chance.below(static_cast<std::uint32_t>(some.size()))];
  }

  // Tasks of each step that the running jobs may have at once.
  void check_limits() {
    std::vector<std::uint32_t> at_once(plan_.steps.size());
    for (const Job& job : jobs_) {
      const wfr::Family& family = plan_.families[wfr::index_of(job.array->family)];
      for (const Element& element : job.elements) {
        if (element.state != State::Running) continue;
        const std::vector<std::vector<std::uint32_t>> tasks = tasks_of(*job.array, element);
        for (std::size_t s = 0; s < tasks.size(); ++s) {
          const wfr::StepSpec& step = plan_.step(family.steps[s]);
          const std::uint32_t by_cpus =
              std::max(1U, family.job.cpus / std::max(1U, step.resources.cpus));
          at_once[wfr::index_of(family.steps[s])] +=
              std::min({static_cast<std::uint32_t>(tasks[s].size()), by_cpus, step.limit});
        }
      }
    }
    for (std::size_t s = 0; s < at_once.size(); ++s) {
      if (plan_.steps[s].limit > 0 && at_once[s] > plan_.steps[s].limit) outcome_.over_limit = true;
    }
  }

  const wfr::Plan& plan_;
  std::uint32_t window_;
  const Faults& faults_;
  std::vector<Job> jobs_;  // in the order of their submission; ids count from 1
  std::uint32_t submissions_ = 0;
  std::set<TaskKey> done_;
  std::set<TaskKey> failed_;                                             // told, and not mended
  std::set<std::tuple<TaskKey, std::uint32_t, std::uint32_t>> started_;  // pass, submission
  Outcome outcome_;
};

SlurmModel::SlurmModel(const wfr::Plan& plan, std::uint32_t window, const Faults& faults)
    : model_(std::make_unique<Model>(plan, window, faults)) {}

SlurmModel::~SlurmModel() = default;

Outcome SlurmModel::run(Chance& chance, std::uint32_t events) {
  return model_->run(chance, events);
}

std::vector<wfr::LiveElement> SlurmModel::clear_queue() {
  return model_->clear_queue();
}

std::vector<std::uint32_t> SlurmModel::submit(const wfr::ResumePlan& resume) {
  return model_->submit(resume);
}

const std::set<TaskKey>& SlurmModel::done() const {
  return model_->done();
}

const std::set<TaskKey>& SlurmModel::failed() const {
  return model_->failed();
}

Outcome run_model(const wfr::Plan& plan,
                  std::uint32_t window,
                  const Faults& faults,
                  Chance& chance) {
  return SlurmModel(plan, window, faults).run(chance);
}

}  // namespace wfc::test
