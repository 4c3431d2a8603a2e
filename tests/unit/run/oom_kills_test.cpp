// The kernel's count of kills for memory, of cgroups of both versions.
#include "runtime/run/oom_kills.hpp"

#include "runtime/run/failure.hpp"

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <string>

#include <catch2/catch.hpp>

using wfr::OomKills;
namespace fs = std::filesystem;

namespace {

struct Root {
  Root() {
    std::string name = (fs::temp_directory_path() / "wfc-oom.XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  ~Root() { fs::remove_all(path); }
  Root(const Root&) = delete;
  Root& operator=(const Root&) = delete;
  void put(const std::string& name, const std::string& text) const {
    fs::create_directories((path / name).parent_path());
    std::ofstream(path / name) << text;
  }
  fs::path path;
};

}  // namespace

TEST_CASE("a kill for memory is seen by those that ran, once it has been counted") {
  const Root root;
  std::string file;
  std::string before;
  SECTION("cgroup v1") {
    root.put("proc/self/cgroup", "6:freezer:/\n4:memory:/slurm_n1/uid_0/job_7/step_batch\n0::/\n");
    file = "sys/fs/cgroup/memory/slurm_n1/uid_0/job_7/step_batch/memory.oom_control";
    before = "oom_kill_disable 0\nunder_oom 0\n";
  }
  SECTION("cgroup v2") {
    root.put("proc/self/cgroup", "0::/system.slice/slurmstepd.scope/job_7\n");
    file = "sys/fs/cgroup/system.slice/slurmstepd.scope/job_7/memory.events";
    before = "low 0\nhigh 0\nmax 3\noom 1\n";
  }
  SECTION("in a container") {
    root.put("proc/self/cgroup", "0::/../../outside\n");
    file = "sys/fs/cgroup/memory.events";
  }
  root.put(file, before + "oom_kill 2\n");
  OomKills kills(root.path);
  CHECK_FALSE(kills.since(10, 20));
  root.put(file, before + "oom_kill 4\n");
  CHECK(kills.since(10, 30));
  CHECK(kills.since(15, 31));        // two were killed at once
  CHECK_FALSE(kills.since(40, 50));  // it was not there yet
  fs::remove(root.path / file);
  CHECK_FALSE(kills.since(60, 70));
}

TEST_CASE("where the kernel does not count nothing is said") {
  const Root root;
  OomKills kills(root.path);
  CHECK_FALSE(kills.since(0, 1));
}

TEST_CASE(
    "a command that the kernel has killed for memory is out of memory, whatever was seen of it") {
  wfr::StepSpec step;
  step.resources.mem_mb = 100;
  wfr::ProcessEnd end;
  end.peak_memory = 1 << 20;
  end.status = SIGKILL;
  CHECK(classify(end, step, "bash").kind == wfr::FailureKind::Signal);
  end.oom_killed = true;
  CHECK(classify(end, step, "bash").kind == wfr::FailureKind::OutOfMemory);
  CHECK(classify(end, step, "bash").reason ==
        "out of memory: killed by the system (1 MB used when last seen, 100 MB allowed "
        "(`mem`))");
  wfr::WorkerResult worker;
  worker.died = true;
  worker.status = SIGKILL;
  CHECK(classify(worker, step).kind == wfr::FailureKind::Signal);
  worker.oom_killed = true;
  CHECK(classify(worker, step).kind == wfr::FailureKind::OutOfMemory);
  end.stopped = wfr::Stopped::Asked;
  CHECK(classify(end, step, "bash").kind == wfr::FailureKind::Cancelled);
}
