// Runs one kernel of a library by hand, as `wfr kernel` does, for tests and benchmarks.
//   kernel_driver LIBRARY_DIR NAME [--param K=V] [--input F] [--output F[::NAME/NAME...]]
//   [--scratch D]
// Options may be repeated. What follows `::` in an output are its directory names, coarse to fine.
// Warnings go to stderr; the last line of stdout is {"seconds": ..., "peak_kb": ...}.
#include "runtime/kernels/abi.h"
#include "runtime/kernels/kernel.hpp"

#include <array>
#include <chrono>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include <dlfcn.h>
#include <nlohmann/json.hpp>

namespace {

struct Output {
  std::string path;
  std::vector<std::string> names;
};

struct Request {
  std::string directory;
  std::string kernel;
  nlohmann::json params = nlohmann::json::object();
  std::vector<std::string> inputs;
  std::vector<Output> outputs;
  std::string scratch = "/tmp";
};

Output parse_output(const std::string& text) {
  const std::size_t cut = text.find("::");
  Output output{text.substr(0, cut), {}};
  for (std::size_t at = cut; at != std::string::npos;) {
    const std::size_t begin = text.find_first_not_of(":/", at);
    at = text.find('/', begin);
    output.names.push_back(text.substr(begin, at == std::string::npos ? at : at - begin));
  }
  return output;
}

void add_param(Request& request, const std::string& text) {
  const std::size_t equals = text.find('=');
  const std::string value = text.substr(equals + 1);
  nlohmann::json parsed = nlohmann::json::parse(value, nullptr, false);
  request.params[text.substr(0, equals)] = parsed.is_discarded() ? nlohmann::json(value) : parsed;
}

Request parse(const std::vector<std::string>& words) {
  Request request;
  request.directory = words.at(0);
  request.kernel = words.at(1);
  for (std::size_t i = 2; i + 1 < words.size(); i += 2) {
    const std::string& value = words[i + 1];
    if (words[i] == "--param") {
      add_param(request, value);
    } else if (words[i] == "--input") {
      request.inputs.push_back(value);
    } else if (words[i] == "--output") {
      request.outputs.push_back(parse_output(value));
    } else if (words[i] == "--scratch") {
      request.scratch = value;
    } else {
      throw wfr::KernelError("unknown option " + words[i]);
    }
  }
  return request;
}

std::vector<const char*> pointers(const std::vector<std::string>& texts) {
  std::vector<const char*> found;
  for (const std::string& text : texts) {
    found.push_back(text.c_str());
  }
  return found;
}

wfr_kernel_run_function load(const Request& request, const wfr::KernelDecl& kernel) {
  const std::string path =
      request.directory + "/libwfr_kernel_" + std::string(kernel.library) + ".so";
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  void* symbol = library == nullptr ? nullptr : dlsym(library, "wfr_kernel_run");
  if (symbol == nullptr) {
    throw wfr::KernelError(dlerror());
  }
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): what dlsym is for.
  return reinterpret_cast<wfr_kernel_run_function>(symbol);
}

// getrusage would count the process that started this one: its memory lives on until exec.
std::uint64_t peak_kb() {
  std::ifstream status("/proc/self/status");
  std::string word;
  std::uint64_t value = 0;
  while (status >> word && word != "VmHWM:") {
  }
  status >> value;
  return value;
}

void run(Request& request) {
  const wfr::KernelDecl* kernel = wfr::find_kernel(request.kernel);
  if (kernel == nullptr) {
    throw wfr::KernelError("there is no kernel " + request.kernel);
  }
  for (const wfr::ParamProblem& problem : wfr::complete_params(*kernel, request.params)) {
    throw wfr::KernelError(problem.param + " " + problem.message);
  }
  std::vector<std::vector<const char*>> names;
  std::vector<wfr_kernel_output> outputs;
  for (const Output& output : request.outputs) {
    names.push_back(pointers(output.names));
    outputs.push_back({output.path.c_str(), "", names.back().data(), names.back().size()});
  }
  const std::vector<const char*> inputs = pointers(request.inputs);
  const std::string params = request.params.dump();
  const std::string provenance = R"({"kernel":")" + request.kernel + R"("})";
  wfr_kernel_task task{};
  task.abi = WFR_KERNEL_ABI;
  task.kernel = request.kernel.c_str();
  task.params_json = params.c_str();
  task.inputs = inputs.data();
  task.input_count = inputs.size();
  task.outputs = outputs.data();
  task.output_count = outputs.size();
  task.cpus = 1;
  task.scratch = request.scratch.c_str();
  task.provenance_json = provenance.c_str();
  task.warn = [](void*, const char* text) { std::cerr << "warning: " << text << '\n'; };
  task.progress = [](void*, double) {};
  task.cancelled = [](void*) { return 0; };

  const wfr_kernel_run_function function = load(request, *kernel);
  std::array<char, 4096> message{};
  const auto start = std::chrono::steady_clock::now();
  if (function(&task, message.data(), message.size()) != 0) {
    throw wfr::KernelError(message.data());
  }
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  std::cout << nlohmann::json{{"seconds", elapsed.count()}, {"peak_kb", peak_kb()}} << '\n';
}

}  // namespace

int main(int argc, char** argv) {
  try {
    Request request = parse({argv + 1, argv + argc});
    run(request);
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "error: " << error.what() << '\n';
    return 1;
  }
}
