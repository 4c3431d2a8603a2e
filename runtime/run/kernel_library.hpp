// Finds, loads and calls the shared objects that hold the bodies of kernels.
#pragma once

#include "runtime/kernels/kernel.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace wfr {

struct KernelCallOutput {
  std::string path;                // written here; the caller renames it in
  std::string name;                // the output's name in the workflow, "" if it has none
  std::vector<std::string> names;  // of the directories the kernel makes, coarse to fine
};

// One task of one kernel. Paths are absolute or relative to the working directory of the process.
struct KernelCall {
  std::string kernel;
  std::string library;             // the file to load; "": found by the kernel's declaration
  std::string params_json = "{}";  // complete and checked: see complete_params()
  std::vector<std::string> inputs;
  std::vector<KernelCallOutput> outputs;
  std::uint32_t cpus = 1;
  std::uint64_t memory_bytes = 0;  // 0: no limit given
  std::string scratch;
  std::string provenance_json = "{}";
};

// What a kernel may ask of its caller while it runs; every function may be empty.
struct KernelHost {
  std::function<void(const std::string& text)> warn;
  std::function<void(double done_fraction)> progress;
  std::function<bool()> cancelled;
};

struct KernelOutcome {
  bool ok = false;
  std::string message;  // the reason when it is not
};

// libwfr_kernel_LIBRARY.so beside the running executable: ../lib, ../lib/wfc,
// ../lib/<multiarch>/wfc, and what the installation was configured with. Throws KernelError that
// lists where it has looked.
std::filesystem::path find_kernel_library(std::string_view library);

// Loads the library (once a process) and runs the kernel in this process. A missing or unfit
// library is an outcome like any other failure. Not for several threads at once: HDF5 is not made
// for that.
KernelOutcome run_kernel(const KernelCall& call, const KernelHost& host);

// The wfr executable that belongs to this process: itself, or the wfr beside wfc. Throws
// KernelError.
std::filesystem::path wfr_executable();
// Another one, for tests, whose own program is neither.
void set_wfr_executable(std::filesystem::path executable);

}  // namespace wfr
