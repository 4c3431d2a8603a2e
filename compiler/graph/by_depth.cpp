// Chooses how many directories share a job where the jobs of one step wait for each other.
#include "compiler/graph/blocks.hpp"
#include "compiler/graph/depth_trial.hpp"
#include "compiler/graph/depths.hpp"
#include "runtime/plan/rungs.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include <fmt/format.h>

namespace wfc {
namespace {

struct Tried {
  Draft draft;
  DepthOutcome outcome;
};

// What the site takes of one family.
struct Share {
  std::uint64_t jobs = 0;
  std::uint64_t arrays = 0;
};

bool has_room(const DepthOutcome& outcome, const Share& share) {
  return outcome.arrays <= share.arrays && outcome.blocks <= share.jobs;
}

bool fits(const DepthOutcome& outcome, const Share& share) {
  return !outcome.circle && outcome.in_time && has_room(outcome, share);
}

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

  // Calls use(draft) for each; it returns whether the queue takes so many jobs.
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
    const auto use_pack = [&](std::uint32_t band, std::uint32_t at_most) {
      Draft draft = with(level, 1);
      draft.clusters = make_clusters(nodes, band, at_most);
      draft.pack = draft.clusters->largest();
      return use(std::move(draft));
    };
    // Not every job is full: with twice as many in each there are surely fewer.
    const auto use_band = [&](std::uint32_t band) {
      if (!use_pack(band, pack) && pack < nodes.nodes) use_pack(band, pack * 2);
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

// Leaves those that are as wished, if there are any; false if there are none.
template <class Wish>
bool keep(std::vector<Tried>& tried, const Wish& wish) {
  const auto granted = [&](const Tried& one) { return wish(one.outcome); };
  if (std::none_of(tried.begin(), tried.end(), granted)) return false;
  tried.erase(std::remove_if(tried.begin(), tried.end(), std::not_fn(granted)), tried.end());
  return true;
}

// Among the candidates that fit the queue and the time limit, takes those within 10 % of the
// shortest makespan, and of these the one with the fewest sbatch calls. If all jobs are too long,
// the candidate with the shortest jobs. If nothing fits the queue, the one with the fewest calls:
// the limits are checked later. Of equal candidates the first.
Tried best_of(std::vector<Tried> tried, const Share& share) {
  constexpr double kAbout = 1.1;
  const auto first_by = [&](const auto& number) {
    return *std::min_element(tried.begin(), tried.end(), [&](const Tried& a, const Tried& b) {
      return number(a.outcome) < number(b.outcome);
    });
  };
  const auto calls = [](const DepthOutcome& outcome) { return outcome.arrays; };
  const bool room =
      keep(tried, [&](const DepthOutcome& outcome) { return has_room(outcome, share); });
  const bool in_time = keep(tried, [](const DepthOutcome& outcome) { return outcome.in_time; });
  const bool short_enough =
      keep(tried, [](const DepthOutcome& outcome) { return !outcome.endless; });
  if (!room) return first_by(calls);
  if (!in_time || !short_enough) {
    return first_by([](const DepthOutcome& outcome) { return outcome.job_s; });
  }
  const double soonest =
      first_by([](const DepthOutcome& outcome) { return outcome.seconds(); }).outcome.seconds();
  keep(tried, [&](const DepthOutcome& one) { return one.seconds() <= kAbout * soonest; });
  return first_by(calls);
}

std::string size_text(const Workflow& workflow, const Tried& tried) {
  const Draft& draft = tried.draft;
  if (tried.outcome.blocks == 1) return "all in one job";
  const std::string& level = workflow.level(draft.level).name;
  if (draft.clusters) {
    return fmt::format("{} jobs, each with connected components of `{}` directories (at most {})",
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
                 const Share& share,
                 std::vector<PassNote>& notes) {
  const Draft& asked = first.draft;
  const Draft& draft = chosen.draft;
  const StepDef& step = workflow.step(asked.steps.front());
  if (draft.level != asked.level || draft.pack != asked.pack || draft.clusters) {
    std::string why;
    if (first.outcome.circle) {
      why = "otherwise jobs would wait for each other in a cycle";
    } else if (first.outcome.arrays > share.arrays) {
      why =
          fmt::format("otherwise its {} depths would need {} calls of sbatch, of which {} are left",
                      first.outcome.depths,
                      first.outcome.arrays,
                      share.arrays);
    } else if (first.outcome.blocks > share.jobs) {
      why = fmt::format("otherwise there would be {} jobs, of which {} are left",
                        first.outcome.blocks,
                        share.jobs);
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
  const DepthTrial trial(workflow, graph, split);
  // What the others leave: calls are shared equally, and each may have the jobs that it has asked
  // for, and what is left beyond those.
  Share others;
  std::uint64_t left = 0;
  for (const Draft& draft : drafts) {
    const DepthOutcome outcome = trial.of(draft);
    others.jobs += outcome.blocks;
    if (waits(draft)) {
      ++left;
    } else {
      others.arrays += outcome.arrays;
    }
  }
  // Later passes of the retry ladder have an array for a family at most.
  std::uint32_t passes = 1;
  for (const StepDef& step : workflow.steps) {
    passes = std::max(passes, wfr::last_pass_of(step.spec, {}));
  }
  others.arrays += std::uint64_t{passes - 1} * drafts.size();
  Share room{trial.room().jobs, trial.room().submissions};
  room.arrays -= std::min(room.arrays, others.arrays);
  room.jobs -= std::min(room.jobs, others.jobs);
  for (Draft& draft : drafts) {
    if (!waits(draft)) continue;
    draft.by_depth = true;
    const Tried first{draft, trial.of(draft)};
    const Share share{room.jobs + first.outcome.blocks,
                      room.arrays / std::max<std::uint64_t>(left, 1)};
    --left;
    Tried best = first;
    if (!fits(first.outcome, share)) {
      std::vector<Tried> tried;
      Alternatives(graph, draft, split.level.has_value(), share.arrays).each([&](Draft one) {
        const DepthOutcome outcome = trial.of(one);
        if (!outcome.circle) tried.push_back({std::move(one), outcome});
        return outcome.blocks <= share.jobs;
      });
      if (!first.outcome.circle) tried.push_back(first);
      best = best_of(std::move(tried), share);
    }
    room.arrays -= std::min(room.arrays, best.outcome.arrays);
    room.jobs = share.jobs - std::min<std::uint64_t>(share.jobs, best.outcome.blocks);
    note_choice(workflow, first, best, share, notes);
    draft = std::move(best.draft);
  }
  return drafts;
}

}  // namespace wfc
