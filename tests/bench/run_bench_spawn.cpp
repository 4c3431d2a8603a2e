// The floor that `wfc run` is compared with: a bare posix_spawn loop of `cp IN OUT`, J at a time.
// usage: run_bench_spawn JOBS IN OUT < directories, one a line; prints the seconds it took.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

void start_copy(const std::string& from, const std::string& to) {
  std::string program = "cp";
  std::string from_word = from;
  std::string to_word = to;
  char* words[] = {program.data(), from_word.data(), to_word.data(), nullptr};
  pid_t pid = 0;
  if (posix_spawnp(&pid, "cp", nullptr, nullptr, words, environ) != 0) std::exit(1);
}

void wait_one() {
  int status = 0;
  if (wait(&status) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0) std::exit(1);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const int jobs = std::atoi(argv[1]);
  std::vector<std::string> directories;
  for (std::string line; std::getline(std::cin, line);) directories.push_back(line + "/");
  const auto begun = std::chrono::steady_clock::now();
  int running = 0;
  for (const std::string& directory : directories) {
    if (running == jobs) {
      wait_one();
      --running;
    }
    start_copy(directory + argv[2], directory + argv[3]);
    ++running;
  }
  for (; running > 0; --running) wait_one();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  std::printf("%.3f\n", took.count());
  return 0;
}
