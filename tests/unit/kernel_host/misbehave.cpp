// Kernels for tests: each does one thing that a real one does rarely.
#include "runtime/kernels/body.hpp"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <stdexcept>
#include <thread>

#include <unistd.h>

namespace {

using wfr::KernelTask;

// Writes what it was given, all of it, to its first output.
void echo(const KernelTask& task) {
  std::ofstream out(task.outputs.at(0).path, std::ios::binary);
  out << task.params.dump() << '\n'
      << task.provenance.dump() << '\n'
      << task.cpus << ' ' << task.memory_bytes << ' ' << task.scratch << '\n';
  for (const std::string& input : task.inputs) out << "input " << input << '\n';
  for (const wfr::KernelOutput& output : task.outputs) {
    out << "output " << output.path << " " << output.name;
    for (const std::string& name : output.names) out << '/' << name;
    out << '\n';
  }
}

void fail(const KernelTask& /*task*/) {
  throw wfr::KernelError("offset 12: not a header");
}
void crash(const KernelTask& /*task*/) {
  std::raise(SIGSEGV);
}
void leave(const KernelTask& /*task*/) {
  std::_Exit(3);
}

void talk(const KernelTask& task) {
  task.warn("first");
  task.progress(0.5);
  task.warn("second");
}

// Touches params.mb megabytes and gives them back.
void hog(const KernelTask& task) {
  const auto size = task.params.at("mb").get<std::size_t>() << 20U;
  char* memory = static_cast<char*>(std::malloc(size));
  std::memset(memory, 1, size);
  if (memory[size / 2] != 1) throw std::runtime_error("memory");
  std::free(memory);
}

// So much time of the cpu, however long that takes on a busy machine.
void work(const KernelTask& task) {
  const double seconds = task.params.at("ms").get<double>() / 1000;
  const std::clock_t begin = std::clock();
  while (static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC < seconds) {
  }
}

void wait_for_cancel(const KernelTask& task) {
  task.progress(0.25);
  while (!task.cancelled()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  throw wfr::KernelError("cancelled");
}

constexpr wfr::KernelEntry kEntries[] = {{"t.echo", echo},
                                         {"t.fail", fail},
                                         {"t.crash", crash},
                                         {"t.leave", leave},
                                         {"t.talk", talk},
                                         {"t.hog", hog},
                                         {"t.work", work},
                                         {"t.wait", wait_for_cancel}};

}  // namespace

WFR_EXPORT_KERNELS(kEntries)
