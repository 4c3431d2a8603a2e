// The journal of a submission, whole, torn and forged.
#include "runtime/run/journal.hpp"

#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>
#include <sys/stat.h>
#include <unistd.h>

namespace wfr {
namespace {

constexpr const char* kText =
    "run A submit 00000000000000000000000000000abc\n"
    "intent 01-a\n"
    "id 01-a 10\n"
    "intent 02-b\n"
    "id 02-b 11\n"
    "lost 02-b 11\n"
    "id 02-b 12\n"
    "all-in\n"
    "released\n"
    "run B resume 00000000000000000000000000000abc\n"
    "intent 02-b+0\n"
    "id 02-b+0 20\n"
    "releasing\n"
    "id 02-b+1 2";

struct JournalFile {
  explicit JournalFile(const std::string& text)
      : path(std::filesystem::temp_directory_path() /
             ("wfc_journal_test_" + std::to_string(getpid()))) {
    std::ofstream(path) << text;
  }
  JournalFile(const JournalFile&) = delete;
  JournalFile& operator=(const JournalFile&) = delete;
  ~JournalFile() { std::filesystem::remove(path); }
  std::filesystem::path path;
};

}  // namespace

TEST_CASE("the last id counts and a torn line does not") {
  const std::vector<JournalRun> runs = parse_journal(kText);
  REQUIRE(runs.size() == 2);
  CHECK(runs[0].kind == "submit");
  CHECK(runs[0].hash == "00000000000000000000000000000abc");
  CHECK(runs[0].all_in);
  CHECK(runs[0].released);
  REQUIRE(runs[0].jobs.size() == 2);
  CHECK(runs[0].jobs[1].id == 12);
  CHECK(runs[1].kind == "resume");
  CHECK_FALSE(runs[1].released);
  REQUIRE(runs[1].jobs.size() == 1);
  CHECK(runs[1].jobs[0].name == "02-b+0");
}

TEST_CASE("a job is ours only as the journal has it") {
  const JournalFile file(kText);
  CHECK(journal_owns(file.path, "A", "01-a", 10));
  CHECK(journal_owns(file.path, "A", "02-b", 12));
  CHECK(journal_owns(file.path, "A", "", 12));
  CHECK(journal_owns(file.path, "B", "02-b", 20));
  // Submitted twice: the one that was given up.
  const Ownership lost = journal_owns(file.path, "A", "02-b", 11);
  CHECK_FALSE(lost);
  CHECK(lost.reason == "job 11 is not the journal's: 02-b is job 12");
  // Another array's job, a job nobody knows, a run nobody knows.
  CHECK_FALSE(journal_owns(file.path, "A", "01-a", 12));
  CHECK_FALSE(journal_owns(file.path, "A", "", 99));
  CHECK_FALSE(journal_owns(file.path, "C", "01-a", 10));
  // The id of a torn line is not read.
  CHECK_FALSE(journal_owns(file.path, "B", "02-b", 2));
}

TEST_CASE("a cancelled run has no jobs") {
  const JournalFile file(
      "run A submit 00000000000000000000000000000abc\nid 01-a 10\nreleased\ncancelled\n");
  const Ownership owned = journal_owns(file.path, "A", "01-a", 10);
  CHECK_FALSE(owned);
  CHECK(owned.reason == "run A was cancelled");
}

TEST_CASE("nothing of a run starts before its release") {
  const JournalFile file("run A submit 00000000000000000000000000000abc\nid 01-a 10\nall-in\n");
  const Ownership owned = journal_owns(file.path, "A", "01-a", 10);
  CHECK_FALSE(owned);
  CHECK(owned.early);
  CHECK(owned.reason == "run A is not released yet");
}

TEST_CASE("a line that was torn and closed says nothing") {
  // The writer died in the middle of "id 01-a 1234", "cancelled" and "run B submit abc".
  const JournalFile file(
      "run A submit 00000000000000000000000000000abc\nid 01-a 12 torn\nid 01-a 1234\nreleasing\n"
      "run B torn\ncancelled torn\n");
  CHECK(journal_owns(file.path, "A", "01-a", 1234));
  CHECK_FALSE(journal_owns(file.path, "A", "01-a", 12));
  REQUIRE(read_journal(file.path).size() == 1);
  CHECK_FALSE(read_journal(file.path)[0].cancelled);
}

TEST_CASE("a line that submit.sh does not write is an error that names it") {
  const std::string head = "run A submit 00000000000000000000000000000abc\nid 01-a 10\n";
  const std::vector<std::string> lines = {"",
                                          " ",
                                          "id 01-a 10 11",
                                          "id 01-a 010",
                                          "id 01-a 0",
                                          "id 01-a -1",
                                          "id 01-a 4294967296",
                                          "id 01-a x[$(canary)]",
                                          "id  01-a 10",
                                          "lost x[$(canary)] 1",
                                          "intent ../../x",
                                          "intent 01-a+",
                                          "intent 01-a+1+1",
                                          "intent -a",
                                          "intent 01-",
                                          std::string("intent 01-a\0", 12),
                                          "intent 01-\xff",
                                          "cluster -x",
                                          "cluster a[1-2]",
                                          "tags both",
                                          "released now",
                                          "nonsense",
                                          "run B submit abc",
                                          "run ../B submit 00000000000000000000000000000abc",
                                          "run B start 00000000000000000000000000000abc",
                                          "torn"};
  for (const std::string& line : lines) {
    INFO(line);
    CHECK_THROWS_WITH(parse_journal(head + line + "\nreleased\n", "`x`"),
                      Catch::Matchers::StartsWith("`x`, line 3: not a journal of wfc: "));
  }
  CHECK(parse_journal(head + "cluster a,b\ntags name\nid 1-x.y_z+0 7\nx\"$( torn\n").size() == 1);
}

TEST_CASE("what is no regular file of one's own is no journal") {
  const JournalFile target("");
  const std::filesystem::path path = target.path.string() + ".link";
  std::filesystem::create_symlink(target.path, path);
  CHECK_THROWS_WITH(read_journal(path), Catch::Matchers::Contains("is a link"));
  std::filesystem::remove(path);
  REQUIRE(mkfifo(path.c_str(), 0600) == 0);
  CHECK_THROWS_WITH(read_journal(path), Catch::Matchers::Contains("is not a regular file"));
  std::filesystem::remove(path);
}

TEST_CASE("no journal, no owner") {
  CHECK(read_journal("/nonexistent/journal").empty());
  CHECK_FALSE(journal_owns("/nonexistent/journal", "A", "01-a", 10));
}

}  // namespace wfr
