// Turns the C interface of a kernel library into C++ and back; linked into every kernel library.
#include "runtime/kernels/body.hpp"

#include <algorithm>
#include <cstring>
#include <exception>

namespace wfr {
namespace {

KernelTask from_c(const wfr_kernel_task& raw) {
  KernelTask task;
  task.params = nlohmann::json::parse(raw.params_json);
  task.provenance = nlohmann::json::parse(raw.provenance_json);
  task.inputs.assign(raw.inputs, raw.inputs + raw.input_count);
  for (std::size_t i = 0; i < raw.output_count; ++i) {
    const wfr_kernel_output& output = raw.outputs[i];
    task.outputs.push_back(
        {output.path, output.name, {output.names, output.names + output.name_count}});
  }
  task.cpus = raw.cpus;
  task.memory_bytes = raw.memory_bytes;
  task.scratch = raw.scratch;
  task.raw = &raw;
  return task;
}

int fail(char* message, std::size_t size, const char* text) {
  if (size > 0) {
    const std::size_t length = std::min(size - 1, std::strlen(text));
    std::memcpy(message, text, length);
    message[length] = '\0';
  }
  return 1;
}

}  // namespace

int run_kernel_entry(std::span<const KernelEntry> entries,
                     const wfr_kernel_task* task,
                     char* message,
                     std::size_t size) noexcept {
  if (task->abi != WFR_KERNEL_ABI) {
    return fail(message, size, "this kernel library was built for another version of wfr");
  }
  const auto* entry = std::find_if(entries.data(),
                                   entries.data() + entries.size(),
                                   [&](const KernelEntry& e) { return e.name == task->kernel; });
  if (entry == entries.data() + entries.size()) {
    return fail(message, size, "this library does not hold the kernel");
  }
  try {
    entry->body(from_c(*task));
    return 0;
  } catch (const std::exception& error) {
    return fail(message, size, error.what());
  } catch (...) {
    return fail(message, size, "an unknown exception");
  }
}

}  // namespace wfr
