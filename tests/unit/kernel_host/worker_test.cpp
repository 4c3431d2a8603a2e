// Workers: results, deaths, memory of one task told from another's, cancelling.
#include "runtime/run/worker.hpp"

#include "runtime/run/worker_protocol.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <vector>

#include <catch2/catch.hpp>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

namespace wfr::test {
namespace {

using Clock = std::chrono::steady_clock;

KernelWorker started() {
  // Under a sanitizer a worker shall die of its signal, not of a report, and give freed memory
  // back; without one the variables mean nothing.
  ::setenv("ASAN_OPTIONS", "handle_segv=0:quarantine_size_mb=0", 1);
  ::setenv("TSAN_OPTIONS", "handle_segv=0", 1);
  set_wfr_executable(WORKER_PROGRAM);
  KernelWorker worker;
  worker.start();
  return worker;
}

WorkerTask task_of(const std::string& kernel, const std::string& params = "{}") {
  WorkerTask task;
  task.call.kernel = kernel;
  task.call.library = MISBEHAVE_LIBRARY;
  task.call.params_json = params;
  return task;
}

WorkerResult run_one(KernelWorker& worker, const WorkerTask& task) {
  worker.send(task);
  return worker.wait();
}

}  // namespace

TEST_CASE("a worker does one task after another", "[worker]") {
  KernelWorker worker = started();
  CHECK(worker.running());
  const pid_t pid = worker.pid();
  for (int i = 0; i < 20; ++i) {
    REQUIRE(run_one(worker, task_of("t.talk")).log == "first\nsecond\n");
    const WorkerResult failed = run_one(worker, task_of("t.fail"));
    REQUIRE_FALSE(failed.ok);
    REQUIRE_FALSE(failed.died);
    REQUIRE(failed.message == "offset 12: not a header");
    REQUIRE(failed.log.empty());
  }
  CHECK(worker.pid() == pid);
  CHECK_FALSE(worker.busy());
}

TEST_CASE("a task runs in its directory with its files", "[worker]") {
  KernelWorker worker = started();
  const auto directory = std::filesystem::temp_directory_path() / "wfr-worker-test";
  std::filesystem::create_directories(directory);
  WorkerTask task = task_of("t.echo", R"({"x":1})");
  task.directory = directory.string();
  task.call.outputs = {{"here", "name", {"a", "b"}}};
  // More than a socket holds at once.
  task.call.inputs.assign(20000, "an input with a name of some length, forty and more");
  const WorkerResult result = run_one(worker, task);
  CHECK(result.message.empty());
  CHECK(result.ok);
  CHECK(std::filesystem::file_size(directory / "here") > 1000000);
  std::filesystem::remove_all(directory);
  CHECK_THAT(run_one(worker, task).message, Catch::Contains("cannot enter"));
}

TEST_CASE("a crash ends the worker and is told; a new one goes on", "[worker]") {
  KernelWorker worker = started();
  const WorkerResult crashed = run_one(worker, task_of("t.crash"));
  CHECK(crashed.died);
  CHECK(crashed.status == SIGSEGV);
  CHECK_THAT(crashed.message, Catch::Contains("signal 11"));
  CHECK_FALSE(worker.running());
  worker.start();
  const WorkerResult left = run_one(worker, task_of("t.leave"));
  CHECK(left.died);
  CHECK(left.status == -3);
  worker.start();
  CHECK(run_one(worker, task_of("t.talk")).ok);
}

TEST_CASE("a task sent to a dead worker is reported by receive", "[worker]") {
  KernelWorker worker = started();
  ::kill(worker.pid(), SIGKILL);
  const WorkerResult result = run_one(worker, task_of("t.talk"));
  CHECK(result.died);
  CHECK(result.status == SIGKILL);
}

TEST_CASE("peak memory and cpu time are those of one task", "[worker]") {
  KernelWorker worker = started();
  constexpr std::uint64_t kMega = 1024 * 1024;
  const WorkerResult large = run_one(worker, task_of("t.hog", R"({"mb": 96})"));
  const WorkerResult small = run_one(worker, task_of("t.hog", R"({"mb": 8})"));
  CHECK(large.peak_memory > 96 * kMega);
#if defined(__SANITIZE_THREAD__)
  // Its shadow is resident too, four bytes for each of the program's.
  constexpr std::uint64_t kShadow = 5;
#else
  constexpr std::uint64_t kShadow = 1;
#endif
  CHECK(large.peak_memory < 160 * kMega * kShadow);
  // Where the kernel has no clear_refs the peak of the whole life is given.
  if (::access("/proc/self/clear_refs", W_OK) == 0) CHECK(small.peak_memory < 60 * kMega * kShadow);
  const WorkerResult busy = run_one(worker, task_of("t.work", R"({"ms": 60})"));
  CHECK(busy.wall_ns >= 60'000'000);
  CHECK(busy.cpu_ns >= 50'000'000);
  CHECK(busy.cpu_ns < 1'000'000'000);
}

TEST_CASE("a cancelled task stops, and the next one is not cancelled", "[worker]") {
  KernelWorker worker = started();
  worker.send(task_of("t.wait"));
  CHECK(worker.busy());
  pollfd entry{worker.fd(), POLLIN, 0};
  REQUIRE(::poll(&entry, 1, 10000) == 1);
  CHECK_FALSE(worker.receive());
  CHECK(worker.progress() == 0.25);
  worker.cancel();
  CHECK(worker.wait().message == "cancelled");
  // Too late: it crosses with the result of its task.
  worker.cancel();
  CHECK(run_one(worker, task_of("t.talk")).ok);
}

TEST_CASE("signals for the whole job leave a worker alone, and kill ends it", "[worker]") {
  KernelWorker worker = started();
  CHECK(run_one(worker, task_of("t.talk")).ok);
  for (const int signal : {SIGTERM, SIGINT, SIGUSR1}) ::kill(worker.pid(), signal);
  CHECK(run_one(worker, task_of("t.talk")).ok);
  worker.send(task_of("t.wait"));
  const pid_t pid = worker.pid();
  worker.kill();
  CHECK_FALSE(worker.running());
  CHECK(::kill(pid, 0) == -1);
}

TEST_CASE("a worker that loses its scheduler ends", "[worker]") {
  KernelWorker worker = started();
  worker.send(task_of("t.wait"));
  ::shutdown(worker.fd(), SHUT_RDWR);
  const auto begin = Clock::now();
  // Its task is told to stop, then there is nobody to answer.
  CHECK(worker.wait().died);
  CHECK(Clock::now() - begin < std::chrono::seconds(5));
}

TEST_CASE("many workers are driven by one poll", "[worker]") {
  std::vector<KernelWorker> workers;
  for (int i = 0; i < 4; ++i) workers.push_back(started());
  int left = 80;
  int done = 0;
  for (KernelWorker& worker : workers) worker.send(task_of("t.talk")), --left;
  while (done < 80) {
    std::vector<pollfd> entries;
    for (const KernelWorker& worker : workers) entries.push_back({worker.fd(), POLLIN, 0});
    REQUIRE(::poll(entries.data(), entries.size(), 10000) > 0);
    for (KernelWorker& worker : workers) {
      if (!worker.busy()) continue;
      const auto result = worker.receive();
      if (!result) continue;
      REQUIRE(result->ok);
      ++done;
      if (left-- > 0) worker.send(task_of("t.talk"));
    }
  }
  CHECK(done == 80);
}

TEST_CASE("messages cut anywhere are waited for, and damaged ones refused", "[worker]") {
  const std::string whole =
      frame_bytes(FrameKind::Warning, "text") + frame_bytes(FrameKind::Cancel, "");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    std::string buffer = whole.substr(0, size);
    std::size_t frames = 0;
    while (take_frame_from(buffer)) ++frames;
    REQUIRE(frames == (size >= 9 ? 1U : 0U));
  }
  WorkerTask task = task_of("t.echo");
  task.call.inputs = {"a", "b"};
  task.call.outputs = {{"p", "n", {"x"}}};
  const std::string bytes = encode_task(task);
  CHECK(encode_task(decode_task(bytes)) == bytes);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    REQUIRE_THROWS_AS(decode_task(bytes.substr(0, size)), KernelError);
  }
}

}  // namespace wfr::test
