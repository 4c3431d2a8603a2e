// The input of a signal kernel: physical values in blocks, each sample read once.
#pragma once

#include "runtime/kernels/body.hpp"
#include "runtime/kernels/hdf5/signal.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace wfr::signal {

using Blocks = std::function<void(std::span<const double>)>;

class Source {
 public:
  explicit Source(const KernelTask& task);

  [[nodiscard]] const std::string& path() const { return task_->inputs.front(); }
  [[nodiscard]] const hdf5::SignalInfo& info() const { return reader_.info(); }
  [[nodiscard]] const hdf5::Segments& segments() const { return reader_.segments(); }
  [[nodiscard]] std::uint64_t size() const { return reader_.size(); }
  [[nodiscard]] std::uint64_t longest_piece() const;  // [samples]

  // The samples of one uninterrupted piece, in order, at most `block` at a time. Reports progress.
  // Throws KernelError for a value that is not finite, and when the task is to stop.
  void read(const hdf5::Segment& piece, std::size_t block, const Blocks& take);

  // What read() holds for each sample of a block.
  static constexpr std::uint64_t kBytesPerSample = sizeof(double) + sizeof(std::int16_t);

 private:
  void load(std::uint64_t begin, std::span<double> values);

  const KernelTask* task_;
  hdf5::SignalReader reader_;
  std::vector<std::int16_t> raw_;
  std::vector<double> values_;
};

// Throws KernelError, saying what would do, if `needed` bytes are more than `buffer_mb` allows.
// `reason`: what takes the memory, "a filter that remembers 100 samples".
void check_budget(const KernelTask& task, std::uint64_t needed, const std::string& reason);

// What a result stores about its origin: the task's provenance with the kernel's parameters.
std::string provenance_text(const KernelTask& task);

}  // namespace wfr::signal
