// The queue of a simulated Slurm: which elements have nothing left to wait for but room.
#pragma once

#include "compiler/slurm/simulate.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace wfc {

class SimQueue {
 public:
  explicit SimQueue(const Workload& workload);

  // Arrays with elements that have not begun, in the order of the queue.
  [[nodiscard]] const std::vector<std::uint32_t>& open() const { return open_; }
  // The next element of an array that may begin now. Ascending, but those that Slurm has split off
  // for aftercorr come first.
  std::optional<std::uint32_t> candidate(std::uint32_t array);
  // Elements that have not begun.
  [[nodiscard]] std::uint32_t pending(std::uint32_t array) const {
    return workload_.arrays[array].size - states_[array].begun;
  }
  void begin(std::uint32_t array, std::uint32_t element);
  void end(std::uint32_t array, std::uint32_t element);
  // Splits off elements of arrays that wait element by element, as each look at the queue does: at
  // most `correspond_after_task_cnt` of one array are pending by themselves.
  void split_off();
  // Drops what has wholly begun from open().
  void tidy();
  // No element of it ever begins.
  void remove(std::uint32_t array);

 private:
  struct State {
    std::uint32_t next = 0;             // the first element that is neither begun nor split off
    std::vector<std::uint32_t> window;  // split off, not begun
    std::uint32_t begun = 0;
    std::uint32_t running = 0;
    std::uint32_t ended = 0;
    std::uint32_t closed = 0;   // whole arrays and single elements that it still waits for
    std::uint32_t partial = 0;  // arrays that it waits for element by element and that go on
    std::vector<bool> over;     // by element: has ended
  };
  [[nodiscard]] bool released(std::uint32_t array, std::uint32_t element) const;

  const Workload& workload_;
  std::vector<State> states_;
  std::vector<std::uint32_t> open_;
  std::vector<std::vector<std::uint32_t>> successors_;
};

}  // namespace wfc
