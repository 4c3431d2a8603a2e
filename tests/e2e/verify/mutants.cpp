// Breaks out directories in every way it knows, and asks `wfc verify`'s proof about each.
//   verify_mutants OUT...     exit status 0: every mutant that is wrong was refused, and no other
#include "compiler/slurm/verify.hpp"
#include "tests/e2e/verify/mutations.hpp"
#include "tests/e2e/verify/simulation.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

namespace wfc::test {
namespace {

namespace fs = std::filesystem;

// A rare order of events is enough to be wrong.
constexpr unsigned kMostExecutions = 30000;
constexpr unsigned kExecutions = 300;
// An execution of thousands of jobs takes seconds.
constexpr std::uint64_t kManyJobs = 1000;

EmittedFiles views(const Files& files) {
  EmittedFiles result;
  for (const auto& [place, text] : files) result.emplace(place, text);
  return result;
}

Files read_out(const fs::path& out) {
  Files files;
  for (const auto& entry : fs::recursive_directory_iterator(out)) {
    const std::string place = entry.path().lexically_relative(out).string();
    const bool read = place == "submit.sh" || place == "bin/submit" ||
                      (place.starts_with("jobs/") && place.ends_with(".sbatch")) ||
                      place.starts_with("plan/");
    if (!read || !entry.is_regular_file()) continue;
    std::ostringstream text;
    text << std::ifstream(entry.path(), std::ios::binary).rdbuf();
    files[place] = std::move(text).str();
  }
  return files;
}

struct Tally {
  unsigned mutants = 0;
  unsigned killed = 0;
  unsigned harmless = 0;
  unsigned failures = 0;
};

std::optional<std::string> fault_of(const Files& files, unsigned runs) {
  Sink sink;
  readback::Report report(sink, VerifyWhen::Later);
  const auto emitted = readback::read_emitted(views(files), "out", report);
  if (!emitted) return "cannot be read back";
  return find_fault(*emitted, runs, 1);
}

void judge(const Mutant& mutant, bool small, Tally& tally) {
  ++tally.mutants;
  Sink sink;
  const bool accepted = verify(views(mutant.files), "out", VerifyWhen::Later, sink).has_value();
  const auto complain = [&](const char* what, const std::string& more) {
    std::printf("%s: %s%s\n", what, mutant.what.c_str(), more.c_str());
    ++tally.failures;
  };
  if (!accepted) {
    ++tally.killed;
    if (!sink.has_errors()) complain("REFUSED WITHOUT AN ERROR", "");
    // The proof must not refuse what is right: some execution shows what is wrong. But it refuses
    // an aftercorr that Slurm would read as afterok, though that may be harmless, and a verdict
    // that waits only for a job whose cancellation happens to imply that of another.
    const std::string errors = render(sink, false);
    const bool cautious = errors.find("does not have all its indices") != std::string::npos ||
                          errors.find("the verdict") != std::string::npos;
    if (small && mutant.of_order && !cautious && !fault_of(mutant.files, kMostExecutions)) {
      complain("FALSE ALARM", "\n" + errors);
    }
    return;
  }
  if (!mutant.of_order) {
    complain("SURVIVES", "");
    return;
  }
  ++tally.harmless;
  if (!small) return;
  if (const auto fault = fault_of(mutant.files, kExecutions)) complain("SURVIVES", ": " + *fault);
}

void print(const char* what, const Tally& tally) {
  std::printf("  %s: %u, %u refused, %u harmless%s\n",
              what,
              tally.mutants,
              tally.killed,
              tally.harmless,
              tally.failures == 0 ? "" : ", NOT ALL RIGHT");
}

bool test(const fs::path& out) {
  const Files files = read_out(out);
  Sink sink;
  const auto good = verify(views(files), out.string(), VerifyWhen::Later, sink);
  std::cout << render(sink, false);
  if (!good) return false;
  const bool small = good->jobs <= kManyJobs;
  if (const auto fault = small ? fault_of(files, kExecutions) : std::nullopt) {
    std::printf("%s: an execution goes wrong: %s\n", out.c_str(), fault->c_str());
    return false;
  }
  Tally texts;
  for (const Mutant& mutant : text_mutants(files)) judge(mutant, small, texts);
  Tally plans;
  if (small) {
    for (const Mutant& mutant : consistent_mutants(files)) judge(mutant, small, plans);
  }
  std::printf("%s: %s\n", out.c_str(), summary(*good).c_str());
  print("edits of the files", texts);
  print("edits that the plan agrees with", plans);
  return texts.failures + plans.failures == 0;
}

}  // namespace
}  // namespace wfc::test

int main(int argc, char** argv) {
  bool good = argc > 1;
  for (int i = 1; i < argc; ++i) good = wfc::test::test(argv[i]) && good;
  return good ? 0 : 1;
}
