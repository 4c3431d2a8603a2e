// What is flushed of an output, and what is left to the journal of the log's file system.
#include "runtime/run/flush.hpp"

#include "tests/unit/run/workflow_builder.hpp"

#include <filesystem>

#include <catch2/catch.hpp>
#include <sys/stat.h>

using wfr::Journal;
using wfr::test::write_text;

namespace fs = std::filesystem;

namespace {

// Every kind of journal, said to be that of the files' device.
std::vector<Journal> journals(const fs::path& place) {
  struct stat info {};
  REQUIRE(stat(place.c_str(), &info) == 0);
  return {{},
          {Journal::Brings::Names, info.st_dev},
          {Journal::Brings::NamesAndSizes, info.st_dev},
          {Journal::Brings::NamesAndSizes, info.st_dev + 1}};
}

}  // namespace

TEST_CASE("a file system without a journal brings nothing with its log") {
  REQUIRE(wfr::journal_of("/proc").brings == Journal::Brings::Nothing);
  REQUIRE(wfr::journal_of("/dev/shm").brings == Journal::Brings::Nothing);
  REQUIRE(wfr::journal_of("/no/such/log").brings == Journal::Brings::Nothing);
}

TEST_CASE("whatever the journal, everything that can lie in an output is flushed or passed over") {
  const fs::path place = fs::temp_directory_path() / "wfr-flush-test";
  fs::remove_all(place);
  write_text(place / "tree/a", "a");
  write_text(place / "tree/deep/er/b", "b");
  fs::create_directory(place / "tree/empty");
  fs::create_directory_symlink("..", place / "tree/deep/loop");
  fs::create_symlink("nowhere", place / "dangling");
  REQUIRE(mkfifo((place / "pipe").c_str(), 0600) == 0);
  for (const Journal& journal : journals(place)) {
    for (const char* name : {"tree", "tree/a", "dangling", "pipe", "missing"}) {
      const std::string path = (place / name).string();
      wfr::begin_flush(path);
      REQUIRE_NOTHROW(wfr::flush_tree(path, journal));
    }
    REQUIRE_NOTHROW(wfr::flush_names((place / "tree").string(), journal));
    REQUIRE_NOTHROW(wfr::flush_names("/proc/self", journal));
  }
  fs::remove_all(place);
}
