// `wfr kernel`: lists, describes and runs kernels by hand.
#include "runtime/run/kernel_command.hpp"

#include "runtime/plan/temporary.hpp"
#include "runtime/plan/visible.hpp"
#include "runtime/run/kernel_outputs.hpp"
#include "runtime/run/kernel_params.hpp"

#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <thread>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace wfr {
namespace {

constexpr int kUsage = 2;

// The command line is wrong, not the data.
class UsageError : public KernelError {
 public:
  using KernelError::KernelError;
};

struct Request {
  std::string kernel;
  std::vector<std::string> params;
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  std::string scratch;
  std::uint32_t cpus = std::max(1U, std::thread::hardware_concurrency());
  bool help = false;
};

std::uint32_t parse_count(const std::string& text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value == 0) {
    throw UsageError("`--cpus " + text + "`: a number from 1 is expected");
  }
  return value;
}

Request parse(std::span<const std::string> words) {
  Request request;
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::string option = words[i];
    if (!option.starts_with("--")) {
      if (!request.kernel.empty()) throw UsageError("unexpected `" + option + "`");
      request.kernel = option;
      continue;
    }
    if (option == "--help") {
      request.help = true;
      continue;
    }
    // --option=value as well as --option value.
    const std::size_t equals = option.find('=');
    std::string value;
    if (equals != std::string::npos) {
      value = option.substr(equals + 1);
      option.resize(equals);
    } else if (i + 1 < words.size()) {
      value = words[++i];
    } else {
      throw UsageError("`" + option + "` needs a value");
    }
    if (option == "--param") {
      request.params.push_back(value);
    } else if (option == "--input") {
      request.inputs.push_back(value);
    } else if (option == "--output") {
      request.outputs.push_back(value);
    } else if (option == "--scratch") {
      request.scratch = value;
    } else if (option == "--cpus") {
      request.cpus = parse_count(value);
    } else {
      throw UsageError("unknown option `" + option + "`");
    }
  }
  return request;
}

void print(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
}

void list_kernels() {
  std::size_t width = 0;
  for (const KernelDecl& kernel : kernels()) width = std::max(width, kernel.name.size());
  for (const KernelDecl& kernel : kernels()) {
    print(fmt::format("{:<{}}  {}\n", kernel.name, width, kernel.summary));
  }
}

void check_count(const KernelDecl& kernel, const char* noun, std::size_t given, CountRange range) {
  if (given >= range.min && given <= range.max) return;
  throw UsageError(fmt::format("{} takes {}{} {}{}, {} given",
                               kernel.name,
                               range.min,
                               range.max == range.min    ? ""
                               : range.max == kUnlimited ? " or more"
                                                         : fmt::format(" to {}", range.max),
                               noun,
                               range.max == 1 ? "" : "s",
                               given));
}

std::atomic<bool> interrupted{false};

// The first signal asks the kernel to stop; the second finds the default action.
void listen_to_signals() {
  struct sigaction action {};
  action.sa_handler = [](int /*signal*/) { interrupted = true; };
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

// One line that is written over, only where somebody looks.
class ProgressLine {
 public:
  explicit ProgressLine(std::string_view name)
      : name_(name), shown_(::isatty(STDERR_FILENO) == 1) {}
  ~ProgressLine() { clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void show(double fraction) {
    const int percent = static_cast<int>(fraction * 100);
    if (!shown_ || percent == last_) return;
    last_ = percent;
    fmt::print(stderr, "\r{} {:3d} %", name_, percent);
  }
  void clear() {
    if (last_ >= 0) fmt::print(stderr, "\r\x1b[K");
    last_ = -1;
  }

 private:
  std::string_view name_;
  bool shown_;
  int last_ = -1;
};

std::vector<KernelCallOutput> all_outputs(const KernelDecl& kernel,
                                          const Request& request,
                                          const nlohmann::json& params) {
  std::vector<MadeNames> made;
  if (kernel.discover != nullptr) made = kernel.discover(params, request.inputs);
  std::vector<KernelCallOutput> outputs;
  for (const std::string& path : request.outputs) {
    for (KernelCallOutput& output : fan_out(kernel, path, made))
      outputs.push_back(std::move(output));
  }
  return outputs;
}

void execute(const KernelDecl& kernel, const Request& request) {
  const nlohmann::json params = parse_params(kernel, request.params);
  check_count(kernel, "input", request.inputs.size(), kernel.inputs);
  check_count(kernel, "output", request.outputs.size(), kernel.outputs);
  HandOutputs files(all_outputs(kernel, request, params));

  KernelCall call;
  call.kernel = kernel.name;
  call.params_json = params.dump();
  call.inputs = request.inputs;
  call.outputs = files.temporaries();
  call.cpus = request.cpus;
  call.scratch = request.scratch.empty() ? temporary_directory() : request.scratch;
  call.provenance_json =
      nlohmann::json{{"kernel", kernel.name}, {"version", kernel.version}}.dump();

  ProgressLine line(kernel.name);
  KernelHost host;
  host.warn = [&](const std::string& text) {
    line.clear();
    fmt::print(stderr, "wfr: warning: {}\n", text);
  };
  host.progress = [&](double fraction) { line.show(fraction); };
  host.cancelled = [] { return interrupted.load(); };
  listen_to_signals();
  const KernelOutcome outcome = run_kernel(call, host);
  line.clear();
  if (!outcome.ok) throw KernelError(outcome.message);
  files.rename_in();
}

}  // namespace

int kernel_command(std::span<const std::string> arguments) {
  try {
    const Request request = parse(arguments);
    if (request.kernel.empty()) {
      if (request.help) {
        print(
            "usage: wfr kernel [NAME [--param K=V]... [--input F]... [--output F]...\n"
            "                   [--cpus N] [--scratch DIR]]\n\nkernels:\n");
      }
      list_kernels();
      return 0;
    }
    const KernelDecl* kernel = find_kernel(request.kernel);
    if (kernel == nullptr) {
      throw UsageError("there is no kernel `" + request.kernel + "`; `wfr kernel` lists them");
    }
    if (request.help) {
      print(describe_kernel(*kernel));
    } else {
      execute(*kernel, request);
    }
    return 0;
  } catch (const UsageError& error) {
    fmt::print(stderr, "wfr kernel: {}\n", visible_text(error.what()));
    return kUsage;
  } catch (const std::exception& error) {
    fmt::print(stderr, "wfr kernel: {}\n", visible_text(error.what()));
    return 1;
  }
}

}  // namespace wfr
