// libFuzzer: whatever is in a journal, and wherever a killed submit.sh has torn it, it is read or
// refused; a line without its end does not count, and no word is anything but a word.
#include "runtime/run/journal.hpp"

#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  std::vector<wfr::JournalRun> runs;
  try {
    runs = wfr::parse_journal(text);
  } catch (const std::runtime_error&) {
    return 0;
  }
  for (const wfr::JournalRun& run : runs) {
    for (const wfr::JournalJob& job : run.jobs) {
      if (job.name.find_first_of(" \n/$`[]*;|&") != std::string::npos) std::abort();
    }
  }
  const std::string whole = text.substr(0, text.rfind('\n') + 1);
  if (wfr::parse_journal(whole).size() != runs.size()) std::abort();
  return 0;
}
