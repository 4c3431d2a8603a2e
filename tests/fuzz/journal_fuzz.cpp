// libFuzzer: whatever is in a journal, and wherever a killed submit.sh has torn it, it is read; a
// line without its end does not count.
#include "runtime/run/journal.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto runs = wfr::parse_journal(text);
  for (const wfr::JournalRun& run : runs) {
    for (const wfr::JournalJob& job : run.jobs) {
      if (job.name.find(' ') != std::string::npos || job.name.find('\n') != std::string::npos) {
        std::abort();
      }
    }
  }
  const std::string whole = text.substr(0, text.rfind('\n') + 1);
  if (wfr::parse_journal(whole).size() != runs.size()) std::abort();
  return 0;
}
