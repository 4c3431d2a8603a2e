// Chooses how many directories share a job where the jobs of one step wait for each other.
#include "compiler/graph/blocks.hpp"
#include "compiler/graph/depths.hpp"
#include "compiler/graph/job_resources.hpp"
#include "compiler/graph/packing.hpp"
#include "runtime/plan/rungs.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace wfc {
namespace {

constexpr double kTurnaround = 60;
// Where nothing says how long a task takes.
constexpr double kSomeTime = 600;
// What a job may take where the site says nothing. Longer ones are better cut at a depth.
constexpr double kDay = 86400;

// What becomes of a draft with some level and pack.
struct Outcome {
  bool circle = false;       // its blocks wait for each other
  std::uint64_t arrays = 0;  // calls of sbatch
  std::uint32_t depths = 0;
  std::uint32_t blocks = 0;
  double job_s = 0;     // of the longest job
  bool in_time = true;  // it ends before the site ends it

  // Until the last has ended, if nothing else wants the cluster: a depth begins when the one before
  // has ended, and Slurm takes a while to see that.
  [[nodiscard]] double seconds() const { return depths * (job_s + kTurnaround); }
};

class Trial {
 public:
  Trial(const Workflow& workflow, const wfr::TaskGraph& graph, const Split& split)
      : workflow_(workflow), graph_(graph), split_(split), room_(room_of(workflow)) {}

  [[nodiscard]] Outcome of(const Draft& draft) const {
    const JobGraph jobs = cut_blocks(graph_, {draft}, split_);
    const wfr::BlockMap& map = jobs.maps.front();
    Outcome outcome;
    outcome.blocks = map.blocks();
    add_time(draft, outcome);
    const auto depths = pairs_of_blocks(graph_, map, draft.steps).depths;
    if (!depths) {
      outcome.circle = true;
      return outcome;
    }
    if (depths->empty()) {
      outcome.depths = 1;
      outcome.arrays = (map.blocks() + room_.array_size - 1) / room_.array_size;
      return outcome;
    }
    // Parts of the split count as one here: partition_to_fit() counts what is made.
    const std::vector<DepthArray> arrays =
        depth_arrays(*depths, static_cast<std::uint32_t>(room_.array_size), {0});
    outcome.arrays = arrays.size();
    outcome.depths = arrays.back().depth + 1;
    return outcome;
  }

  [[nodiscard]] std::uint64_t submissions() const { return room_.submissions; }

 private:
  void add_time(const Draft& draft, Outcome& outcome) const {
    const JobLoad load =
        load_of(workflow_, graph_, draft, most_tasks_in_a_directory(graph_, draft), draft.pack);
    const std::optional<double> seconds = makespan(workflow_, graph_, load);
    outcome.job_s = seconds ? *seconds : kSomeTime * rounds(workflow_, graph_, load, 0);
    // One task has the time that it asks for.
    if (workflow_.jobs.time_s > 0 || load.tasks.front() <= 1) return;
    const std::uint64_t most = longest_time(workflow_, draft.steps);
    outcome.in_time = outcome.job_s <= (most > 0 ? static_cast<double>(most) : kDay);
  }

  const Workflow& workflow_;
  const wfr::TaskGraph& graph_;
  Split split_;
  QueueRoom room_;
};

// The finest level that holds every pair of the step.
LevelId level_of_pairs(const wfr::TaskGraph& graph, StepId step) {
  LevelId level = graph.tasks(step).level;
  for (const wfr::Edge& edge : graph.edges) {
    if (edge.from == step && edge.to == step && edge.pairs) level = edge.via;
  }
  return level;
}

// What may be done instead of what is asked for.
class Alternatives {
 public:
  Alternatives(const wfr::TaskGraph& graph,
               const Draft& asked,
               bool split,
               std::uint64_t most_depths)
      : graph_(graph),
        asked_(asked),
        split_(split),
        most_depths_(std::max<std::uint64_t>(most_depths, 1)) {}

  // Calls use(draft).
  template <class Use>
  void each(const Use& use) const {
    const LevelId via = level_of_pairs(graph_, asked_.steps.front());
    if (via != wfr::kRootLevel) use(with(via, 1));
    const LevelId own = graph_.tasks(asked_.steps.front()).level;
    // Whole directories of the level asked for, unless `split` keeps them apart.
    if (own == asked_.level || split_) {
      each_clustering(own, own == asked_.level ? asked_.pack : 1, use);
    } else {
      each_clustering(asked_.level, asked_.pack, use);
    }
  }

 private:
  [[nodiscard]] Draft with(LevelId level, std::uint32_t pack) const {
    Draft draft = asked_;
    draft.level = level;
    draft.pack = pack;
    return draft;
  }

  template <class Use>
  void each_clustering(LevelId level, std::uint32_t pack, const Use& use) const {
    wfr::Storage storage;
    const wfr::BlockMap map{level, nodes_with_work(graph_, level, asked_.steps, storage), {}};
    const NodePairs nodes = pairs_of_blocks(graph_, map, asked_.steps);
    const auto use_band = [&](std::uint32_t band) {
      Draft draft = with(level, 1);
      draft.clusters = make_clusters(nodes, band, pack);
      draft.pack = draft.clusters->largest();
      use(std::move(draft));
    };
    if (nodes.depths && !nodes.depths->empty()) {
      const std::uint64_t depths =
          std::uint64_t{*std::max_element(nodes.depths->begin(), nodes.depths->end())} + 1;
      for (std::uint64_t band = (depths + most_depths_ - 1) / most_depths_; band < depths;
           band *= 2) {
        use_band(static_cast<std::uint32_t>(band));
      }
    }
    use_band(0);
  }

  const wfr::TaskGraph& graph_;
  const Draft& asked_;
  bool split_;
  std::uint64_t most_depths_;
};

struct Tried {
  Draft draft;
  Outcome outcome;
};

bool fits(const Outcome& outcome, std::uint64_t room) {
  return !outcome.circle && outcome.arrays <= room && outcome.in_time;
}

// The fewest calls of those that are about as soon done as the soonest. Without any that fits the
// fewest calls of all: the limits are checked later. The first of equals.
Tried best_of(std::vector<Tried> tried, std::uint64_t room) {
  constexpr double kAbout = 1.1;
  double soonest = 0;
  for (const Tried& one : tried) {
    const double seconds = one.outcome.seconds();
    if (fits(one.outcome, room) && (soonest <= 0 || seconds < soonest)) soonest = seconds;
  }
  if (soonest > 0) {
    const auto late = [&](const Tried& one) {
      return !fits(one.outcome, room) || one.outcome.seconds() > kAbout * soonest;
    };
    tried.erase(std::remove_if(tried.begin(), tried.end(), late), tried.end());
  }
  return *std::min_element(tried.begin(), tried.end(), [](const Tried& a, const Tried& b) {
    return a.outcome.arrays < b.outcome.arrays;
  });
}

std::string size_text(const Workflow& workflow, const Tried& tried) {
  const Draft& draft = tried.draft;
  if (tried.outcome.blocks == 1) return "all in one job";
  const std::string& level = workflow.level(draft.level).name;
  if (draft.clusters) {
    return fmt::format("{} jobs, each with `{}` directories that pairs tie together (at most {})",
                       tried.outcome.blocks,
                       level,
                       draft.pack);
  }
  return fmt::format("{} a job",
                     draft.pack == 1 ? quoted_directory(workflow, draft.level)
                                     : fmt::format("{} `{}` directories", draft.pack, level));
}

void note_choice(const Workflow& workflow,
                 const Tried& first,
                 const Tried& chosen,
                 std::uint64_t room,
                 std::vector<PassNote>& notes) {
  const Draft& asked = first.draft;
  const Draft& draft = chosen.draft;
  const StepDef& step = workflow.step(asked.steps.front());
  if (draft.level != asked.level || draft.pack != asked.pack || draft.clusters) {
    std::string why;
    if (first.outcome.circle) {
      why = "otherwise jobs would wait for each other in a circle";
    } else if (first.outcome.arrays > room) {
      why =
          fmt::format("otherwise its {} depths would need {} calls of sbatch, of which {} are left",
                      first.outcome.depths,
                      first.outcome.arrays,
                      room);
    } else {
      why = "otherwise a job would take longer than the site lets it run";
    }
    notes.push_back(
        {"depths",
         asked.steps,
         fmt::format(
             "{}, in which wfr keeps the order of the pairs: {}", size_text(workflow, chosen), why),
         asked.span.known() ? asked.span : step.span});
  }
  if (chosen.outcome.depths < 2) return;
  notes.push_back({"depths",
                   asked.steps,
                   fmt::format("its tasks wait for each other ({} depths): the jobs of each depth "
                               "are arrays of their own",
                               chosen.outcome.depths),
                   step.span});
}

}  // namespace

std::vector<Draft> by_depth(const Workflow& workflow,
                            const wfr::TaskGraph& graph,
                            std::vector<Draft> drafts,
                            const Split& split,
                            std::vector<PassNote>& notes) {
  const auto waits = [&](const Draft& draft) {
    return leaves_by_pairs(graph, draft.steps.front(), draft.level);
  };
  if (std::none_of(drafts.begin(), drafts.end(), waits)) return drafts;
  const Trial trial(workflow, graph, split);
  // What the others leave, shared equally.
  std::uint64_t others = 0;
  std::uint64_t left = 0;
  for (const Draft& draft : drafts) {
    if (waits(draft)) {
      ++left;
    } else {
      others += trial.of(draft).arrays;
    }
  }
  // Later passes of the retry ladder have an array for a family at most.
  std::uint32_t passes = 1;
  for (const StepDef& step : workflow.steps) {
    passes = std::max(passes, wfr::last_pass_of(step.spec, {}));
  }
  others += std::uint64_t{passes - 1} * drafts.size();
  std::uint64_t room = trial.submissions();
  room -= std::min(room, others);
  for (Draft& draft : drafts) {
    if (!waits(draft)) continue;
    const std::uint64_t share = room / std::max<std::uint64_t>(left, 1);
    --left;
    draft.by_depth = true;
    const Tried first{draft, trial.of(draft)};
    Tried best = first;
    if (!fits(first.outcome, share)) {
      std::vector<Tried> tried;
      Alternatives(graph, draft, split.level.has_value(), share).each([&](Draft one) {
        const Outcome outcome = trial.of(one);
        if (!outcome.circle) tried.push_back({std::move(one), outcome});
      });
      if (!first.outcome.circle) tried.push_back(first);
      best = best_of(std::move(tried), share);
    }
    room -= std::min(room, best.outcome.arrays);
    note_choice(workflow, first, best, share, notes);
    draft = std::move(best.draft);
  }
  return drafts;
}

}  // namespace wfc
