// Sums jobs into bins and gives each a lane.
#include "compiler/view/gantt.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <queue>

namespace wfc {
namespace {

// Adds intervals, each by the share of a bin that it covers. O(1) an interval: the bins between its
// ends are kept as differences.
class Coverage {
 public:
  Coverage(std::uint32_t bins, Milliseconds makespan)
      : width_(static_cast<double>(std::max<Milliseconds>(makespan, 1)) / bins),
        part_(bins + 1, 0),
        step_(bins + 1, 0) {}

  void add(Milliseconds begin, Milliseconds end, double weight) {
    if (end <= begin) return;
    const auto last = static_cast<double>(part_.size() - 1);
    const double from = std::clamp(static_cast<double>(begin) / width_, 0.0, last);
    const double to = std::clamp(static_cast<double>(end) / width_, 0.0, last);
    const auto first_bin = static_cast<std::size_t>(from);
    const auto last_bin = static_cast<std::size_t>(to);
    if (first_bin == last_bin) {
      part_[first_bin] += (to - from) * weight;
      return;
    }
    part_[first_bin] += (static_cast<double>(first_bin) + 1 - from) * weight;
    part_[last_bin] += (to - static_cast<double>(last_bin)) * weight;
    step_[first_bin + 1] += weight;
    step_[last_bin] -= weight;
  }

  [[nodiscard]] std::vector<double> bins() const {
    constexpr double kNothing = 1e-9;
    std::vector<double> result(part_.size() - 1);
    double running = 0;
    for (std::size_t b = 0; b < result.size(); ++b) {
      running += step_[b];
      const double value = running + part_[b];
      result[b] = value < kNothing ? 0 : value;
    }
    return result;
  }

 private:
  double width_;  // of a bin, milliseconds
  std::vector<double> part_;
  std::vector<double> step_;
};

class Maker {
 public:
  Maker(const PlanReport& report, std::uint32_t bins, std::uint32_t bars, std::uint32_t lanes)
      : report_(report), most_bars_(bars), most_lanes_(lanes) {
    gantt_.bins = bins;
    gantt_.makespan = report.forecast->run.makespan;
    const SimCluster& cluster = report.forecast->cluster;
    gantt_.capacity = static_cast<double>(cluster.nodes) * cluster.cpus;
    gantt_.names = {"verdict"};
    colour_of_.assign(report.plan.steps.size(), 0);
    for (const StepForecast& step : report.forecast->steps) {
      colour_of_[wfr::index_of(step.step)] = static_cast<std::uint32_t>(gantt_.names.size());
      gantt_.names.push_back(report.plan.step(step.step).name);
    }
    gantt_.cpus.assign(gantt_.names.size(), std::vector<double>(bins, 0));
  }
  // The arrays [first, end) of the workload as one row.
  void add_row(std::size_t first, std::size_t end);
  Gantt take() { return std::move(gantt_); }

 private:
  struct Job {
    Milliseconds begin = 0;
    Milliseconds end = 0;
    const JobProfile* profile = nullptr;
  };
  std::vector<Job> jobs_of(std::size_t first, std::size_t end, GanttRow& row) const;
  void add_bars(const std::vector<Job>& jobs, GanttRow& row) const;
  void share_out(const std::vector<Job>& jobs, GanttRow& row) const;
  [[nodiscard]] static std::vector<std::uint32_t> lanes_of(const std::vector<Job>& jobs,
                                                           std::uint32_t& lanes);

  const PlanReport& report_;
  std::uint32_t most_bars_;
  std::uint32_t most_lanes_;
  std::vector<std::uint32_t> colour_of_;  // by StepId
  Gantt gantt_;
};

// In the order of their begins.
std::vector<Maker::Job> Maker::jobs_of(std::size_t first, std::size_t end, GanttRow& row) const {
  std::vector<Job> jobs;
  Coverage waiting(gantt_.bins, gantt_.makespan);
  row.ready = gantt_.makespan;
  for (std::size_t a = first; a < end; ++a) {
    const SimRuns& runs = report_.forecast->run.arrays[a];
    const PlannedArray& planned = report_.planned.arrays[a];
    for (std::size_t e = 0; e < runs.begin.size(); ++e) {
      if (runs.begin[e] == kNever) continue;
      jobs.push_back({runs.begin[e], runs.end[e], &report_.planned.profiles[planned.profile[e]]});
      waiting.add(runs.ready[e], runs.begin[e], 1);
      row.ready = std::min(row.ready, runs.ready[e]);
    }
  }
  row.waiting = waiting.bins();
  std::stable_sort(
      jobs.begin(), jobs.end(), [](const Job& a, const Job& b) { return a.begin < b.begin; });
  return jobs;
}

// The lowest lane that is free: those of jobs in the order of their begins.
std::vector<std::uint32_t> Maker::lanes_of(const std::vector<Job>& jobs, std::uint32_t& lanes) {
  using Busy = std::pair<Milliseconds, std::uint32_t>;
  std::priority_queue<Busy, std::vector<Busy>, std::greater<>> busy;
  std::priority_queue<std::uint32_t, std::vector<std::uint32_t>, std::greater<>> free;
  std::vector<std::uint32_t> result;
  lanes = 0;
  for (const Job& job : jobs) {
    while (!busy.empty() && busy.top().first <= job.begin) {
      free.push(busy.top().second);
      busy.pop();
    }
    if (free.empty()) free.push(lanes++);
    result.push_back(free.top());
    busy.emplace(job.end, free.top());
    free.pop();
  }
  return result;
}

// Steps of one job side by side where they overlap: the lowest stripe that is free, in the order of
// their begins.
std::vector<std::uint32_t> stripes_of(const std::vector<StepSpan>& steps, std::uint32_t& stripes) {
  std::vector<std::size_t> order(steps.size());
  for (std::size_t s = 0; s < order.size(); ++s) order[s] = s;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return steps[a].first < steps[b].first;
  });
  std::vector<std::uint32_t> result(steps.size());
  std::vector<Milliseconds> ends;
  for (const std::size_t s : order) {
    const auto free = std::find_if(
        ends.begin(), ends.end(), [&](Milliseconds end) { return end <= steps[s].first; });
    result[s] = static_cast<std::uint32_t>(free - ends.begin());
    if (free == ends.end()) {
      ends.push_back(steps[s].last);
    } else {
      *free = steps[s].last;
    }
  }
  stripes = static_cast<std::uint32_t>(ends.size());
  return result;
}

void Maker::add_bars(const std::vector<Job>& jobs, GanttRow& row) const {
  const std::vector<std::uint32_t> lanes = lanes_of(jobs, row.lanes);
  if (jobs.size() > most_bars_ || row.lanes > most_lanes_) return;
  for (std::size_t j = 0; j < jobs.size(); ++j) {
    const std::vector<StepSpan>& steps = jobs[j].profile->steps;
    if (steps.empty()) row.bars.push_back({jobs[j].begin, jobs[j].end, lanes[j], 0, 1, 0});
    std::uint32_t count = 1;
    const std::vector<std::uint32_t> stripes = stripes_of(steps, count);
    for (std::size_t s = 0; s < steps.size(); ++s) {
      row.bars.push_back({jobs[j].begin + steps[s].first,
                          jobs[j].begin + steps[s].last,
                          lanes[j],
                          stripes[s],
                          count,
                          colour_of_[wfr::index_of(steps[s].step)]});
    }
  }
}

// A job in several steps at once counts for each in part.
void Maker::share_out(const std::vector<Job>& jobs, GanttRow& row) const {
  const Coverage nothing(gantt_.bins, gantt_.makespan);
  std::map<std::uint32_t, Coverage> active;  // by colour: of all steps, a row has few
  Coverage running = nothing;
  for (const Job& job : jobs) {
    running.add(job.begin, job.end, 1);
    if (job.profile->steps.empty()) {
      active.try_emplace(0, nothing).first->second.add(job.begin, job.end, 1);
    }
    for (const StepSpan& span : job.profile->steps) {
      const std::uint32_t colour = colour_of_[wfr::index_of(span.step)];
      active.try_emplace(colour, nothing)
          .first->second.add(job.begin + span.first, job.begin + span.last, 1);
    }
  }
  row.running = running.bins();
  row.peak = *std::max_element(row.running.begin(), row.running.end());
  std::vector<double> sum(gantt_.bins, 0);
  for (const auto& [colour, coverage] : active) {
    row.colours.push_back(colour);
    row.by_colour.push_back(coverage.bins());
    for (std::uint32_t b = 0; b < gantt_.bins; ++b) sum[b] += row.by_colour.back()[b];
  }
  for (std::vector<double>& bins : row.by_colour) {
    for (std::uint32_t b = 0; b < gantt_.bins; ++b) {
      if (sum[b] > 0) bins[b] *= row.running[b] / sum[b];
    }
  }
}

void Maker::add_row(std::size_t first, std::size_t end) {
  GanttRow row;
  row.title = report_.planned.arrays[first].name;
  row.cores = report_.planned.arrays[first].cores;
  const std::vector<Job> jobs = jobs_of(first, end, row);
  if (jobs.empty()) return;
  row.jobs = jobs.size();
  row.begin = jobs.front().begin;
  for (const Job& job : jobs) row.end = std::max(row.end, job.end);
  add_bars(jobs, row);
  share_out(jobs, row);
  for (std::size_t c = 0; c < row.colours.size(); ++c) {
    std::vector<double>& cpus = gantt_.cpus[row.colours[c]];
    for (std::uint32_t b = 0; b < gantt_.bins; ++b) cpus[b] += row.by_colour[c][b] * row.cores;
  }
  gantt_.rows.push_back(std::move(row));
}

}  // namespace

Gantt make_gantt(const PlanReport& report,
                 std::uint32_t bins,
                 std::uint32_t most_bars,
                 std::uint32_t most_lanes) {
  Maker maker(report, bins, most_bars, most_lanes);
  const std::vector<PlannedArray>& arrays = report.planned.arrays;
  for (std::size_t first = 0; first < arrays.size();) {
    std::size_t end = first + 1;
    while (end < arrays.size() && arrays[first].of == JobsOf::Family &&
           arrays[end].of == JobsOf::Family && arrays[end].pass == arrays[first].pass &&
           arrays[end].family == arrays[first].family) {
      ++end;
    }
    if (arrays[first].pass == 1) maker.add_row(first, end);
    first = end;
  }
  return maker.take();
}

}  // namespace wfc
