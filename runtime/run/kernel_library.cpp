// Loading and calling kernel libraries, in this process.
#include "runtime/run/kernel_library.hpp"

#include "runtime/kernels/abi.h"

#include <array>
#include <map>
#include <system_error>

#include <dlfcn.h>

namespace wfr {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMessageSize = 16UL * 1024;

fs::path own_executable() {
  std::error_code error;
  fs::path path = fs::read_symlink("/proc/self/exe", error);
  if (error) throw KernelError("cannot read /proc/self/exe: " + error.message());
  return path;
}

fs::path& chosen_executable() {
  static fs::path chosen;
  return chosen;
}

// Relative to the directory of the executable: the out directory, the build tree, an installation.
constexpr std::array<const char*, 4> kLibraryPlaces = {
    "../lib", "../lib/wfc", "../" WFR_LIBDIR "/wfc", "../lib64/wfc"};

wfr_kernel_run_function load(const std::string& file) {
  static std::map<std::string, wfr_kernel_run_function> loaded;
  const auto known = loaded.find(file);
  if (known != loaded.end()) return known->second;
  // Lazy: most of what the libraries below bring is never called by a kernel.
  void* library = ::dlopen(file.c_str(), RTLD_LAZY | RTLD_LOCAL);
  if (library == nullptr) {
    throw KernelError(std::string("cannot load the kernel library: ") + ::dlerror());
  }
  void* symbol = ::dlsym(library, "wfr_kernel_run");
  if (symbol == nullptr) {
    throw KernelError(std::string("not a kernel library: ") + ::dlerror());
  }
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): what dlsym is for.
  const auto function = reinterpret_cast<wfr_kernel_run_function>(symbol);
  loaded.emplace(file, function);
  return function;
}

std::string library_of(const KernelCall& call) {
  if (!call.library.empty()) return call.library;
  const KernelDecl* kernel = find_kernel(call.kernel);
  if (kernel == nullptr) throw KernelError("there is no kernel `" + call.kernel + "` in this wfr");
  return find_kernel_library(kernel->library).string();
}

std::vector<const char*> pointers(const std::vector<std::string>& texts) {
  std::vector<const char*> result;
  result.reserve(texts.size());
  for (const std::string& text : texts) result.push_back(text.c_str());
  return result;
}

// An exception must not fly through the C frames of a library, which may be a plugin.
void warn(void* host, const char* text) noexcept {
  try {
    const auto& function = static_cast<const KernelHost*>(host)->warn;
    if (function) function(text);
  } catch (...) {  // NOLINT(bugprone-empty-catch): a lost warning does no harm
  }
}

void progress(void* host, double fraction) noexcept {
  try {
    const auto& function = static_cast<const KernelHost*>(host)->progress;
    if (function) function(fraction);
  } catch (...) {  // NOLINT(bugprone-empty-catch): lost progress does no harm
  }
}

int cancelled(void* host) noexcept {
  try {
    const auto& function = static_cast<const KernelHost*>(host)->cancelled;
    return function && function() ? 1 : 0;
  } catch (...) {
    return 1;
  }
}

KernelOutcome invoke(wfr_kernel_run_function run, const KernelCall& call, const KernelHost& host) {
  std::vector<std::vector<const char*>> names;
  std::vector<wfr_kernel_output> outputs;
  names.reserve(call.outputs.size());
  for (const KernelCallOutput& output : call.outputs) {
    names.push_back(pointers(output.names));
    outputs.push_back(
        {output.path.c_str(), output.name.c_str(), names.back().data(), names.back().size()});
  }
  const std::vector<const char*> inputs = pointers(call.inputs);
  KernelHost host_copy = host;
  wfr_kernel_task task{};
  task.abi = WFR_KERNEL_ABI;
  task.kernel = call.kernel.c_str();
  task.params_json = call.params_json.c_str();
  task.inputs = inputs.data();
  task.input_count = inputs.size();
  task.outputs = outputs.data();
  task.output_count = outputs.size();
  task.cpus = call.cpus;
  task.memory_bytes = call.memory_bytes;
  task.scratch = call.scratch.c_str();
  task.provenance_json = call.provenance_json.c_str();
  task.host = &host_copy;
  task.warn = warn;
  task.progress = progress;
  task.cancelled = cancelled;
  std::array<char, kMessageSize> message{};
  const int status = run(&task, message.data(), message.size());
  message.back() = '\0';
  if (status == 0) return {true, ""};
  const std::string reason = message.data();
  return {false, reason.empty() ? "the kernel failed without a reason" : reason};
}

}  // namespace

std::filesystem::path find_kernel_library(std::string_view library) {
  const std::string name = "libwfr_kernel_" + std::string(library) + ".so";
  // A test's program lies elsewhere; its wfr knows the way.
  const fs::path base =
      (chosen_executable().empty() ? own_executable() : chosen_executable()).parent_path();
  std::string places;
  for (const char* place : kLibraryPlaces) {
    fs::path file = (base / place / name).lexically_normal();
    std::error_code ignored;
    if (fs::exists(file, ignored)) return file;
    places += (places.empty() ? "" : ", ") + file.parent_path().string();
  }
  throw KernelError("there is no " + name + " in " + places);
}

KernelOutcome run_kernel(const KernelCall& call, const KernelHost& host) {
  try {
    return invoke(load(library_of(call)), call, host);
  } catch (const std::exception& error) {
    return {false, error.what()};
  }
}

std::filesystem::path wfr_executable() {
  if (!chosen_executable().empty()) return chosen_executable();
  fs::path own = own_executable();
  if (own.filename() == "wfr") return own;
  fs::path beside = own.parent_path() / "wfr";
  std::error_code ignored;
  if (!fs::exists(beside, ignored)) {
    throw KernelError("there is no wfr beside " + own.string() + " to run kernels with");
  }
  return beside;
}

void set_wfr_executable(std::filesystem::path executable) {
  chosen_executable() = std::move(executable);
}

}  // namespace wfr
