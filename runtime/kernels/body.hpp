// For the body of a kernel: its task in C++ types, and the one line that exports a library's
// kernels.
#pragma once

#include "runtime/kernels/abi.h"
#include "runtime/kernels/kernel.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace wfr {

struct KernelOutput {
  std::string path;
  std::string name;
  std::vector<std::string> names;
};

// NOLINTNEXTLINE(bugprone-exception-escape): moving or destroying a json value does not throw.
struct KernelTask {
  nlohmann::json params;
  std::vector<std::string> inputs;
  std::vector<KernelOutput> outputs;
  std::uint32_t cpus = 1;
  std::uint64_t memory_bytes = 0;
  std::string scratch;
  nlohmann::json provenance;
  const wfr_kernel_task* raw = nullptr;

  void warn(const std::string& text) const { raw->warn(raw->host, text.c_str()); }
  void progress(double fraction) const { raw->progress(raw->host, fraction); }
  [[nodiscard]] bool cancelled() const { return raw->cancelled(raw->host) != 0; }
};

using KernelBody = void (*)(const KernelTask& task);  // throws KernelError to fail
struct KernelEntry {
  std::string_view name;
  KernelBody body;
};

// Converts, finds the body, calls it and turns every exception into a message.
int run_kernel_entry(std::span<const KernelEntry> entries,
                     const wfr_kernel_task* task,
                     char* message,
                     std::size_t size) noexcept;

}  // namespace wfr

// NOLINTNEXTLINE(cppcoreguidelines-macro-usage): an exported C symbol cannot be a template.
#define WFR_EXPORT_KERNELS(entries)                                     \
  extern "C" __attribute__((visibility("default"))) int wfr_kernel_run( \
      const wfr_kernel_task* task, char* message, size_t size) {        \
    return wfr::run_kernel_entry(entries, task, message, size);         \
  }
