// The event loop: ends of jobs, looks at the queue, runs of the backfill.
#include "compiler/slurm/simulate.hpp"

#include "compiler/slurm/simulate_backfill.hpp"
#include "compiler/slurm/simulate_queue.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <queue>
#include <utility>

namespace wfc {
namespace {

constexpr Milliseconds kFuture = std::numeric_limits<Milliseconds>::max();
// Slurm's bf_max_job_array_resv: elements of one array that hold places at once.
constexpr std::uint32_t kReservedElements = 20;
// Arrays that hold places in one run of the backfill.
constexpr std::uint32_t kReservedArrays = 50;

struct End {
  Milliseconds at = 0;
  std::uint32_t array = 0;
  std::uint32_t element = 0;
  friend bool operator>(const End& a, const End& b) {
    if (a.at != b.at) return a.at > b.at;
    return a.array != b.array ? a.array > b.array : a.element > b.element;
  }
};

// The first point of the grid at or after `at`.
Milliseconds next_on_grid(Milliseconds at, Milliseconds step) {
  return (at + step - 1) / step * step;
}

class Simulation {
 public:
  Simulation(const Workload& workload, const SimCluster& cluster, const SimTiming& timing);
  Simulated run();

 private:
  // What came of starting the elements of one array.
  enum class Outcome : std::uint8_t { NoneLeft, NoRoom, NoTime };

  void end(const End& ended);
  void look();
  void backfill();
  Outcome start_all(std::uint32_t array, const SimBackfill* held);
  bool find_room(const SimArray& array, const SimBackfill* held);
  void start(std::uint32_t array, std::uint32_t element);
  bool worth_holding(std::uint32_t blocked);
  Milliseconds limit_of(const SimArray& array) const {
    return array.limit_ms == 0 ? kNever : now_ + array.limit_ms;
  }

  const Workload& workload_;
  const SimTiming& timing_;
  SimNodes nodes_;
  SimQueue queue_;
  std::priority_queue<End, std::vector<End>, std::greater<>> ends_;
  // The nodes of running elements that have several.
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::vector<std::uint32_t>> wide_;
  std::vector<std::uint32_t> room_;  // what find_room() has found
  Milliseconds now_ = 0;
  Milliseconds look_at_ = 0;  // when the queue is looked at next; kFuture: nothing is new
  Milliseconds backfill_at_ = 0;
  Milliseconds controller_us_ = 0;  // when the controller can start the next one, microseconds
  bool started_ = false;            // in this look or run of the backfill
  Simulated result_;
};

Simulation::Simulation(const Workload& workload, const SimCluster& cluster, const SimTiming& timing)
    : workload_(workload), timing_(timing), nodes_(cluster), queue_(workload) {
  for (std::uint32_t a = 0; a < workload.arrays.size(); ++a) {
    const SimArray& array = workload.arrays[a];
    result_.arrays.push_back({std::vector<Milliseconds>(array.size, kNever),
                              std::vector<Milliseconds>(array.size, kNever),
                              std::vector<Milliseconds>(array.size, kNever),
                              std::vector<std::uint32_t>(array.size, 0)});
    // It stays pending, in nobody's way.
    if (array.nodes > cluster.nodes || array.cpus > cluster.cpus ||
        (cluster.mem_mb > 0 && array.mem_mb > cluster.mem_mb)) {
      queue_.remove(a);
    }
  }
}

void Simulation::end(const End& ended) {
  const auto wide = wide_.find({ended.array, ended.element});
  if (wide == wide_.end()) {
    const std::uint32_t node = result_.arrays[ended.array].node[ended.element];
    nodes_.give(node, ended.array, ended.element);
  } else {
    for (const std::uint32_t node : wide->second) nodes_.give(node, ended.array, ended.element);
    wide_.erase(wide);
  }
  queue_.end(ended.array, ended.element);
  look_at_ = std::min(look_at_, next_on_grid(now_, timing_.tick_ms));
  // A thread of its own, in the middle between two looks: a job that it starts runs on for longer
  // than one of the same limit that was started just before.
  const Milliseconds phase = timing_.tick_ms / 2;
  const Milliseconds after = std::max(now_ - phase, Milliseconds{0});
  backfill_at_ = std::min(backfill_at_, next_on_grid(after, timing_.backfill_ms) + phase);
}

bool Simulation::find_room(const SimArray& array, const SimBackfill* held) {
  room_.clear();
  const SimNeed need{array.cpus, array.mem_mb};
  for (std::uint32_t from = 0; room_.size() < array.nodes;) {
    const std::optional<std::uint32_t> node = nodes_.find(need, from);
    if (!node) return false;
    if (held == nullptr || held->admits(*node, limit_of(array))) room_.push_back(*node);
    from = *node + 1;
  }
  return true;
}

void Simulation::start(std::uint32_t array, std::uint32_t element) {
  constexpr Milliseconds kMicroseconds = 1000;
  const SimArray& spec = workload_.arrays[array];
  const SimNeed need{spec.cpus, spec.mem_mb};
  for (const std::uint32_t node : room_) {
    nodes_.take(node, {array, element, limit_of(spec), need});
  }
  if (spec.nodes > 1) wide_[{array, element}] = room_;
  const Milliseconds decided = controller_us_ / kMicroseconds;
  controller_us_ += kMicroseconds * kMicroseconds / std::max(timing_.starts_per_second, 1U);
  SimRuns& runs = result_.arrays[array];
  runs.node[element] = room_.front();
  runs.begin[element] = decided + timing_.launch_ms;
  runs.end[element] = runs.begin[element] + spec.run_of(element);
  result_.makespan = std::max(result_.makespan, runs.end[element]);
  result_.busy_cpu_ms += spec.run_of(element) * spec.cpus * spec.nodes;
  ends_.push({runs.end[element] + timing_.end_ms, array, element});
  queue_.begin(array, element);
  started_ = true;
}

Simulation::Outcome Simulation::start_all(std::uint32_t array, const SimBackfill* held) {
  while (const std::optional<std::uint32_t> element = queue_.candidate(array)) {
    // What the controller does not manage in one round is left for the next.
    if (controller_us_ / 1000 >= now_ + timing_.tick_ms) return Outcome::NoTime;
    if (!find_room(workload_.arrays[array], held)) return Outcome::NoRoom;
    start(array, *element);
  }
  return Outcome::NoneLeft;
}

// In order, up to the first that has no room.
void Simulation::look() {
  look_at_ = kFuture;
  queue_.split_off();
  controller_us_ = std::max(controller_us_, now_ * 1000);
  started_ = false;
  for (const std::uint32_t array : queue_.open()) {
    const Outcome outcome = start_all(array, nullptr);
    if (outcome == Outcome::NoTime) look_at_ = now_ + timing_.tick_ms;
    if (outcome != Outcome::NoneLeft) break;
  }
  queue_.tidy();
  // What has begun made room in the window of aftercorr.
  if (started_) look_at_ = std::min(look_at_, now_ + timing_.tick_ms);
}

// True if a job behind a blocked one would have room now, were nothing held.
bool Simulation::worth_holding(std::uint32_t blocked) {
  return std::any_of(queue_.open().begin(), queue_.open().end(), [&](std::uint32_t array) {
    return array > blocked && queue_.candidate(array) &&
           find_room(workload_.arrays[array], nullptr);
  });
}

// In order as well, but past those that have no room, for which it holds places.
void Simulation::backfill() {
  backfill_at_ = kFuture;
  SimBackfill held(nodes_, now_);
  controller_us_ = std::max(controller_us_, now_ * 1000);
  started_ = false;
  std::uint32_t reserved = 0;
  for (const std::uint32_t array : queue_.open()) {
    const Outcome outcome = start_all(array, &held);
    if (outcome == Outcome::NoTime) break;
    if (outcome != Outcome::NoRoom) continue;
    if (++reserved > kReservedArrays || !worth_holding(array)) break;
    held.reserve(workload_.arrays[array], std::min(kReservedElements, queue_.pending(array)));
  }
  queue_.tidy();
  if (started_) look_at_ = std::min(look_at_, next_on_grid(now_ + 1, timing_.tick_ms));
}

Simulated Simulation::run() {
  while (true) {
    const Milliseconds ends = ends_.empty() ? kFuture : ends_.top().at;
    now_ = std::min({ends, look_at_, backfill_at_});
    if (now_ == kFuture) break;
    // At the same moment the ends come first.
    if (now_ == ends) {
      const End ended = ends_.top();
      ends_.pop();
      end(ended);
    } else if (now_ == look_at_) {
      look();
    } else {
      backfill();
    }
  }
  for (std::uint32_t a = 0; a < workload_.arrays.size(); ++a) {
    const std::vector<Milliseconds>& begin = result_.arrays[a].begin;
    if (std::find(begin.begin(), begin.end(), kNever) != begin.end()) result_.stuck.push_back(a);
  }
  return std::move(result_);
}

// The end of element `element` of what an array waits for; by `ends`, one vector an array.
template <class Ends>
Milliseconds ready_at(const SimArray& array, std::uint32_t element, const Ends& ends) {
  Milliseconds ready = 0;
  for (const SimAfter& after : array.after) {
    const std::vector<Milliseconds>& on = ends(after.on);
    if (on.empty()) continue;
    Milliseconds end = 0;
    if (after.wait == SimWait::Whole) {
      end = *std::max_element(on.begin(), on.end());
    } else if (after.wait == SimWait::Element) {
      end = on[after.element];
    } else {
      end = on[after.match.empty() ? element : after.match[element]];
    }
    ready = std::max(ready, end);
  }
  return ready;
}

// As ready_at() of every element, looking at each whole array once.
template <class Ends>
std::vector<Milliseconds> all_ready(const SimArray& array, const Ends& ends) {
  SimArray whole;
  SimArray single;
  for (const SimAfter& after : array.after) {
    (after.wait == SimWait::Whole ? whole : single).after.push_back(after);
  }
  const Milliseconds common = ready_at(whole, 0, ends);
  std::vector<Milliseconds> ready(array.size, common);
  if (single.after.empty()) return ready;
  for (std::uint32_t e = 0; e < array.size; ++e) {
    ready[e] = std::max(common, ready_at(single, e, ends));
  }
  return ready;
}

}  // namespace

Simulated simulate(const Workload& workload, const SimCluster& cluster, const SimTiming& timing) {
  Simulated result = Simulation(workload, cluster, timing).run();
  for (std::size_t a = 0; a < workload.arrays.size(); ++a) {
    result.arrays[a].ready = all_ready(
        workload.arrays[a], [&](std::uint32_t on) -> const auto& { return result.arrays[on].end; });
  }
  return result;
}

Milliseconds critical_path(const Workload& workload) {
  std::vector<std::vector<Milliseconds>> ends;
  Milliseconds longest = 0;
  for (const SimArray& array : workload.arrays) {
    std::vector<Milliseconds> own = all_ready(
        array, [&](std::uint32_t on) -> const auto& { return ends[on]; });
    for (std::uint32_t e = 0; e < array.size; ++e) {
      own[e] += array.run_of(e);
      longest = std::max(longest, own[e]);
    }
    ends.push_back(std::move(own));
  }
  return longest;
}

}  // namespace wfc
