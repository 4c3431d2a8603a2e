// wfr: argv -> command -> exit status. Starts in about a millisecond: nothing heavy is linked.
#include "runtime/plan/temporary.hpp"
#include "runtime/plan/visible.hpp"
#include "runtime/run/carry.hpp"
#include "runtime/run/job_command.hpp"
#include "runtime/run/kernel_command.hpp"
#include "runtime/run/old_plans.hpp"
#include "runtime/run/options.hpp"
#include "runtime/run/resume.hpp"
#include "runtime/run/verdict.hpp"
#include "runtime/run/worker.hpp"

#include <array>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <sys/syscall.h>
#include <unistd.h>

namespace {

using Words = std::span<const std::string>;

constexpr std::string_view kUsage =
    "usage: wfr COMMAND ...\n"
    "\n"
    "The runtime of compiled workflows. In the out directory:\n"
    "  job --plan HASH --array NAME [--index I] [--table FILE] [--run RUNID]\n"
    "      [--use whole-node]\n"
    "  job --plan HASH --finalizer STEP [--run RUNID]\n"
    "                        run the tasks of one job; with --unprepared REASON run none, and\n"
    "                        record that the job's environment could not be prepared\n"
    "  carry PLAN            keep under this plan what was done under earlier ones\n"
    "  resume --plan HASH --live FILE --dir DIR\n"
    "                        say what is left to submit\n"
    "  visible               show the bytes of the standard input as text that is safe to print\n"
    "  verdict [--out DIR] [--plan HASH] [--run RUNID] [--mail TO [--mail-on end|failure]]\n"
    "                        what the verdict's job does; for people: wfc verdict\n"
    "Anywhere:\n"
    "  kernel [NAME --param K=V ... --input FILE ... --output FILE ...]\n"
    "                        run one kernel by hand, or list them\n";

int usage(std::FILE* stream) {
  std::fwrite(kUsage.data(), 1, kUsage.size(), stream);
  return stream == stdout ? 0 : 2;
}

// For submit.sh, which has the lock.
int carry(Words words) {
  const int status = wfr::carry_command(words);
  if (status != 0) return status;
  wfr::remove_old_plans(std::filesystem::current_path(), words.front(), wfr::AskedBy::Submission);
  return 0;
}

// For submit.sh, whose messages hold names and what commands have said.
int visible() {
  std::string text;
  std::array<char, BUFSIZ> buffer{};
  while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), stdin)) {
    text.append(buffer.data(), got);
  }
  text = wfr::visible_text(text);
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() ? 0 : 1;
}

int dispatch(const std::string& command, Words words) {
  if (command == "job") return wfr::job_command(words);
  if (command == "worker") return wfr::worker_main(wfr::kWorkerSocket);
  if (command == "kernel") return wfr::kernel_command(words);
  if (command == "carry") return carry(words);
  if (command == "verdict") return wfr::verdict_command(words);
  if (command == "visible") return visible();
  if (command == "resume") return wfr::resume_command({words.begin(), words.end()});
  if (command == "--help" || command == "-h" || command == "help") return usage(stdout);
  if (command == "--version") {
    std::puts("wfr " WFC_VERSION);
    return 0;
  }
  throw wfr::UsageError("there is no command `" + command + "`");
}

// What the caller has left open is no business of ours, and even less of the tasks'.
void close_inherited(const std::string& command) {
  const unsigned first = command == "worker" ? wfr::kWorkerSocket + 1 : STDERR_FILENO + 1;
  syscall(SYS_close_range, first, ~0U, 0);
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.empty()) return usage(stderr);
  close_inherited(words[0]);
  // The others, which submit.sh calls, start nothing that needs it.
  if (words[0] == "job" || words[0] == "kernel") wfr::mend_tmpdir("wfr");
  try {
    return dispatch(words[0], Words(words).subspan(1));
  } catch (const wfr::UsageError& error) {
    std::fprintf(stderr,
                 "wfr %s: error: %s (see `wfr --help`)\n",
                 words[0].c_str(),
                 wfr::visible_text(error.what()).c_str());
    return 2;
  } catch (const wfr::PlanError& error) {
    std::fprintf(
        stderr, "wfr %s: error: %s\n", words[0].c_str(), wfr::visible_text(error.what()).c_str());
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(
        stderr, "wfr %s: error: %s\n", words[0].c_str(), wfr::visible_text(error.what()).c_str());
    return 1;
  }
}
