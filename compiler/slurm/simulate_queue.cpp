// Dependencies, array limits and the window of aftercorr.
#include "compiler/slurm/simulate_queue.hpp"

#include "runtime/plan/ids.hpp"

#include <algorithm>

namespace wfc {

SimQueue::SimQueue(const Workload& workload)
    : workload_(workload), states_(workload.arrays.size()), successors_(workload.arrays.size()) {
  for (std::uint32_t a = 0; a < workload.arrays.size(); ++a) {
    const SimArray& array = workload.arrays[a];
    states_[a].over.assign(array.size, false);
    for (const SimAfter& after : array.after) {
      // An empty array has ended.
      if (workload.arrays[after.on].size == 0) continue;
      // Once, however often it waits for it.
      if (successors_[after.on].empty() || successors_[after.on].back() != a) {
        successors_[after.on].push_back(a);
      }
      ++(after.wait == SimWait::SameElement ? states_[a].partial : states_[a].closed);
    }
    if (array.size > 0) open_.push_back(a);
  }
}

bool SimQueue::released(std::uint32_t array, std::uint32_t element) const {
  const std::vector<SimAfter>& afters = workload_.arrays[array].after;
  return std::all_of(afters.begin(), afters.end(), [&](const SimAfter& after) {
    if (after.wait != SimWait::SameElement || states_[after.on].over.empty()) return true;
    const std::uint32_t own = after.match.empty() ? element : after.match[element];
    return own != wfr::kNone && states_[after.on].over[own];
  });
}

std::optional<std::uint32_t> SimQueue::candidate(std::uint32_t array) {
  const State& state = states_[array];
  const SimArray& spec = workload_.arrays[array];
  if (state.closed > 0 || (spec.at_once > 0 && state.running >= spec.at_once)) return std::nullopt;
  for (const std::uint32_t element : state.window) {
    if (state.partial == 0 || released(array, element)) return element;
  }
  if (state.partial == 0 && state.next < spec.size) return state.next;
  return std::nullopt;
}

void SimQueue::begin(std::uint32_t array, std::uint32_t element) {
  State& state = states_[array];
  const auto split = std::find(state.window.begin(), state.window.end(), element);
  if (split != state.window.end()) {
    state.window.erase(split);
  } else {
    ++state.next;
  }
  ++state.begun;
  ++state.running;
}

void SimQueue::end(std::uint32_t array, std::uint32_t element) {
  State& state = states_[array];
  state.over[element] = true;
  --state.running;
  ++state.ended;
  const bool whole = state.ended == workload_.arrays[array].size;
  for (const std::uint32_t after : successors_[array]) {
    for (const SimAfter& wait : workload_.arrays[after].after) {
      if (wait.on != array) continue;
      if (wait.wait == SimWait::Element && wait.element == element) --states_[after].closed;
      if (wait.wait == SimWait::Whole && whole) --states_[after].closed;
      if (wait.wait == SimWait::SameElement && whole) --states_[after].partial;
    }
  }
}

void SimQueue::split_off() {
  for (const std::uint32_t array : open_) {
    State& state = states_[array];
    if (state.partial == 0) continue;
    while (state.window.size() < workload_.correspond_after_task_cnt &&
           state.next < workload_.arrays[array].size) {
      state.window.push_back(state.next++);
    }
  }
}

void SimQueue::tidy() {
  const auto begun = [&](std::uint32_t array) {
    return states_[array].begun == workload_.arrays[array].size;
  };
  open_.erase(std::remove_if(open_.begin(), open_.end(), begun), open_.end());
}

void SimQueue::remove(std::uint32_t array) {
  open_.erase(std::remove(open_.begin(), open_.end(), array), open_.end());
}

}  // namespace wfc
