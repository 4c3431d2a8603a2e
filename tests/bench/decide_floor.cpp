// The floor that a look at all results is compared with: a bare statx of every file, by 32 threads
// on one cpu. usage: decide_floor < paths, one a line; prints the seconds it took.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>

int main() {
  std::vector<std::string> paths;
  for (std::string line; std::getline(std::cin, line);) paths.push_back(line);
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(static_cast<std::size_t>(sched_getcpu()), &one);
  std::atomic<std::size_t> next{0};
  std::atomic<bool> bad{false};
  const auto begun = std::chrono::steady_clock::now();
  std::vector<std::thread> threads;
  for (int t = 0; t < 32; ++t) {
    threads.emplace_back([&] {
      sched_setaffinity(0, sizeof(one), &one);
      constexpr std::size_t kShare = 64;
      for (std::size_t begin = next.fetch_add(kShare); begin < paths.size();
           begin = next.fetch_add(kShare)) {
        for (std::size_t i = begin; i < std::min(begin + kShare, paths.size()); ++i) {
          struct statx info {};
          if (statx(AT_FDCWD, paths[i].c_str(), 0, STATX_BASIC_STATS, &info) != 0) bad = true;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  std::printf("%.3f\n", took.count());
  return bad ? 1 : 0;
}
