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

// What becomes of a draft with some level and pack.
struct Outcome {
  bool circle = false;       // its blocks wait for each other
  std::uint64_t arrays = 0;  // calls of sbatch
  std::uint32_t depths = 0;
  std::uint32_t blocks = 0;
  bool in_time = true;  // a job ends before the site ends it
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
    outcome.in_time = ends_in_time(draft);
    const auto depths = block_depths(graph_, map, draft.steps);
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
  [[nodiscard]] bool ends_in_time(const Draft& draft) const {
    const std::uint64_t most = longest_time(workflow_, draft.steps);
    if (most == 0 || workflow_.jobs.time_s > 0) return true;
    const JobLoad load =
        load_of(workflow_, graph_, draft, most_tasks_in_a_directory(graph_, draft), draft.pack);
    const std::optional<double> seconds = makespan(workflow_, graph_, load);
    return !seconds || *seconds <= static_cast<double>(most);
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

// What may be tried, in this order. Where the asked level has a circle that nothing breaks (`split`
// keeps directories apart), the tasks' own level has none.
std::vector<Draft> alternatives(const wfr::TaskGraph& graph, const Draft& asked) {
  std::vector<Draft> drafts;
  const auto add = [&](LevelId level, std::uint64_t pack) {
    drafts.push_back(asked);
    drafts.back().level = level;
    drafts.back().pack = static_cast<std::uint32_t>(pack);
  };
  const auto add_packs = [&](LevelId level, std::uint64_t pack) {
    const std::uint32_t nodes = graph.tree.level(level).size();
    for (; pack / 2 < nodes; pack *= 2) add(level, std::min<std::uint64_t>(pack, nodes));
  };
  add(asked.level, asked.pack);
  const LevelId via = level_of_pairs(graph, asked.steps.front());
  if (via != wfr::kRootLevel) add(via, 1);
  add_packs(asked.level, std::uint64_t{asked.pack} * 2);
  const LevelId own = graph.tasks(asked.steps.front()).level;
  if (own != asked.level || asked.pack > 1) add_packs(own, 1);
  return drafts;
}

std::string size_text(const Workflow& workflow, const Draft& draft, const Outcome& outcome) {
  if (outcome.blocks == 1) return "all in one job";
  return fmt::format(
      "{} a job",
      draft.pack == 1
          ? quoted_directory(workflow, draft.level)
          : fmt::format("{} `{}` directories", draft.pack, workflow.level(draft.level).name));
}

void note_choice(const Workflow& workflow,
                 const Draft& asked,
                 const Outcome& first,
                 const Draft& chosen,
                 const Outcome& outcome,
                 std::uint64_t room,
                 std::vector<PassNote>& notes) {
  const StepDef& step = workflow.step(asked.steps.front());
  if (chosen.level != asked.level || chosen.pack != asked.pack) {
    std::string why;
    if (first.circle) {
      why = "otherwise jobs would wait for each other in a circle";
    } else if (first.arrays > room) {
      why =
          fmt::format("otherwise its {} depths would need {} calls of sbatch, of which {} are left",
                      first.depths,
                      first.arrays,
                      room);
    } else {
      why = "otherwise a job would take longer than the site lets it run";
    }
    notes.push_back({"depths",
                     asked.steps,
                     fmt::format("{}, in which wfr keeps the order of the pairs: {}",
                                 size_text(workflow, chosen, outcome),
                                 why),
                     asked.span.known() ? asked.span : step.span});
  }
  if (outcome.depths < 2) return;
  notes.push_back({"depths",
                   asked.steps,
                   fmt::format("its tasks wait for each other ({} depths): the jobs of each depth "
                               "are arrays of their own",
                               outcome.depths),
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
    const Draft asked = draft;
    const std::uint64_t share = room / left--;
    Outcome first;
    Outcome best;
    for (Draft tried : alternatives(graph, asked)) {
      tried.by_depth = true;
      const Outcome outcome = trial.of(tried);
      const bool is_first = tried.level == asked.level && tried.pack == asked.pack;
      if (is_first) first = outcome;
      if (outcome.circle) continue;
      // Without any that will do, the fewest calls: the limits are checked later.
      const bool good = outcome.arrays <= share && outcome.in_time;
      if (good || best.arrays == 0 || (outcome.in_time && outcome.arrays < best.arrays)) {
        best = outcome;
        draft = tried;
      }
      if (good) break;
    }
    room -= std::min(room, best.arrays);
    note_choice(workflow, asked, first, draft, best, share, notes);
  }
  return drafts;
}

}  // namespace wfc
