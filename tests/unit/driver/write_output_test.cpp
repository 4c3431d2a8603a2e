// The out directory: what is written, what is left alone, what goes.
#include "compiler/driver/write_output.hpp"

#include "runtime/plan/sha256.hpp"
#include "tests/unit/plan/sample_plan.hpp"

#include <filesystem>

#include <catch2/catch.hpp>
#include <sys/stat.h>
#include <unistd.h>

namespace wfc {
namespace {

namespace fs = std::filesystem;
using wfr::test::read_file;
using wfr::test::ScratchDirectory;
using wfr::test::write_file;

// A local site: nothing is bundled.
Compiled compiled_of(const std::map<std::string, OutputFile>& files) {
  Compiled compiled;
  compiled.front.workflow.site.local = true;
  compiled.front.workflow.file = "workflow.toml";
  compiled.files.files = files;
  return compiled;
}

const std::string kPlan = " --plan 0123456789abcdef0123456789abcdef\n";

const std::string kProgram = "#!/bin/bash\n# The submission program of wfc: for a test\n";

std::string tasks_of(const std::string& script) {
  return "# The array tasks of jobs/" + script +
         ".sbatch, plan 0123456789abcdef0123456789abcdef: index, directory\n";
}

const std::string kManifest = "plan/abc/manifest.sha256";

std::map<std::string, OutputFile> sample_files() {
  return {{"plan/abc/plan.wfp", {std::string("bytes\0more", 10), false}},
          {"plan/abc/plan.json", {"{}", false}},
          {"jobs/01-split.sbatch", {"#!/bin/bash\n# 01-split" + kPlan, false}},
          {"jobs/01-split.tasks", {tasks_of("01-split"), false}},
          {"bin/submit", {kProgram + "main \"$@\"\n", false}},
          {"submit.sh", {"#!/bin/bash\n#" + kPlan, true}}};
}

std::int64_t changed(const fs::path& file) {
  struct stat info {};
  REQUIRE(::stat(file.c_str(), &info) == 0);
  return static_cast<std::int64_t>(info.st_ino);
}

}  // namespace

TEST_CASE("every file is written with its bytes and its mode", "[driver]") {
  const ScratchDirectory scratch;
  const fs::path out = scratch.path() / "new" / "out";
  Sink sink;
  REQUIRE(write_output(compiled_of(sample_files()), out, sink));
  CHECK_FALSE(sink.has_errors());
  std::size_t files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(out)) {
    const auto place = fs::relative(entry.path(), out).string();
    // The mark of the workflow that the directory belongs to, and what it is compared with.
    if (!entry.is_regular_file() || place == "workflow" || place == kManifest) continue;
    ++files;
    REQUIRE(sample_files().contains(place));
    CHECK(read_file(entry.path()) == sample_files().at(place).bytes);
  }
  CHECK(files == 6);
  const std::string manifest = read_file(out / kManifest);
  CHECK_THAT(manifest, Catch::Contains("\n" + wfr::sha256("{}") + "  plan/abc/plan.json\n"));
  CHECK_THAT(manifest, Catch::Contains("  submit.sh\n") && !Catch::Contains(".tasks"));
  CHECK(::access((out / "submit.sh").c_str(), X_OK) == 0);
  CHECK((fs::status(out / "plan/abc/plan.wfp").permissions() & fs::perms::owner_exec) ==
        fs::perms::none);
}

TEST_CASE("what is the same is left alone; old scripts go, state, logs and old plans stay",
          "[driver]") {
  const ScratchDirectory scratch;
  const fs::path out = scratch.path();
  Sink sink;
  REQUIRE(write_output(compiled_of(sample_files()), out, sink));
  write_file(out / "jobs/02-old.sbatch", "02-old" + kPlan);
  write_file(out / "jobs/02-old.tasks", tasks_of("02-old"));
  write_file(out / "jobs/old.tasks", tasks_of("02-old"));
  write_file(out / "jobs/old.sbatch", "02-old" + kPlan);
  write_file(out / "jobs/02-mine.sbatch", "02-old" + kPlan);
  write_file(out / "jobs/03-mine.sbatch", "03-mine");
  write_file(out / "jobs/notes.txt", "mine");
  write_file(out / "state/abc/journal", "journal");
  write_file(out / "logs/x.log", "log");
  const auto plan = changed(out / "plan/abc/plan.wfp");
  const auto submit = changed(out / "submit.sh");
  REQUIRE(write_output(compiled_of(sample_files()), out, sink));
  CHECK(changed(out / "submit.sh") == submit);

  auto files = sample_files();
  files.erase("plan/abc/plan.wfp");
  files.erase("plan/abc/plan.json");
  files["plan/def/plan.wfp"] = {"other", false};
  files["jobs/01-split.sbatch"].bytes += "# changed\n";
  REQUIRE(write_output(compiled_of(files), out, sink));
  CHECK(changed(out / "plan/abc/plan.wfp") == plan);
  CHECK(read_file(out / "jobs/01-split.sbatch") ==
        sample_files()["jobs/01-split.sbatch"].bytes + "# changed\n");
  CHECK_FALSE(fs::exists(out / "jobs/02-old.sbatch"));
  CHECK_FALSE(fs::exists(out / "jobs/02-old.tasks"));
  CHECK(fs::exists(out / "jobs/old.tasks"));
  CHECK(fs::exists(out / "jobs/old.sbatch"));
  CHECK(fs::exists(out / "jobs/02-mine.sbatch"));
  CHECK(fs::exists(out / "jobs/03-mine.sbatch"));
  CHECK(fs::exists(out / "jobs/notes.txt"));
  CHECK(fs::exists(out / "state/abc/journal"));
  CHECK(fs::exists(out / "logs/x.log"));

  files["bin/submit"].bytes = kProgram + "# of another version\nmain \"$@\"\n";
  REQUIRE(write_output(compiled_of(files), out, sink));
  CHECK(read_file(out / "bin/submit") == files["bin/submit"].bytes);

  files.erase("submit.sh");
  REQUIRE(write_output(compiled_of(files), out, sink));
  CHECK_FALSE(fs::exists(out / "submit.sh"));
}

TEST_CASE("a changed mode is a changed file", "[driver]") {
  const ScratchDirectory scratch;
  Sink sink;
  REQUIRE(write_output(compiled_of(sample_files()), scratch.path(), sink));
  fs::permissions(scratch.path() / "submit.sh", fs::perms::owner_read | fs::perms::owner_write);
  REQUIRE(write_output(compiled_of(sample_files()), scratch.path(), sink));
  CHECK(::access((scratch.path() / "submit.sh").c_str(), X_OK) == 0);
}

TEST_CASE("what others may write to is written again", "[driver]") {
  const ScratchDirectory scratch;
  const fs::path out = scratch.path() / "out";
  Sink sink;
  REQUIRE(write_output(compiled_of(sample_files()), out, sink));
  // Of the own group nothing is refused, if these are the numbers that the test runs with.
  fs::permissions(out / "submit.sh", fs::perms::group_write, fs::perm_options::add);
  if (!write_output(compiled_of(sample_files()), out, sink)) {
    CHECK_THAT(sink.all()[0].message, Catch::Contains("others may write to"));
    return;
  }
  CHECK((fs::status(out / "submit.sh").permissions() & fs::perms::group_write) == fs::perms::none);
}

TEST_CASE("a directory that others may write to is refused, and left as it is", "[driver]") {
  const std::string place =
      GENERATE("", "bin", "failed", "jobs", "lib", "logs", "plan", "state", "state/x");
  const ScratchDirectory scratch;
  const fs::path out = scratch.path() / "out";
  fs::create_directories(out / place);
  fs::permissions(out / place, fs::perms::others_write, fs::perm_options::add);
  Sink sink;
  CHECK_FALSE(write_output(compiled_of(sample_files()), out, sink));
  REQUIRE(sink.all().size() == 1);
  CHECK(sink.all()[0].kind == Kind::CannotWrite);
  CHECK_FALSE(fs::exists(out / "workflow"));
}

TEST_CASE("a link in the place of a directory is refused", "[driver]") {
  const std::string place =
      GENERATE("bin", "failed", "jobs", "lib", "logs", "plan", "state", "logs/a");
  const ScratchDirectory scratch;
  const fs::path out = scratch.path() / "out";
  fs::create_directories((out / place).parent_path());
  fs::create_directories(scratch.path() / "elsewhere");
  fs::create_symlink(scratch.path() / "elsewhere", out / place);
  Sink sink;
  CHECK_FALSE(write_output(compiled_of(sample_files()), out, sink));
  CHECK(fs::is_empty(scratch.path() / "elsewhere"));
}

TEST_CASE("a place that cannot be written is reported, and the old scripts stay", "[driver]") {
  const ScratchDirectory scratch;
  write_file(scratch.path() / "file", "");
  Sink sink;
  CHECK_FALSE(write_output(compiled_of(sample_files()), scratch.path() / "file" / "out", sink));
  REQUIRE(sink.all().size() == 1);
  CHECK(sink.all()[0].kind == Kind::CannotWrite);
  CHECK_THAT(sink.all()[0].message, Catch::Contains("Not a directory"));

  // The plan is written first: when that fails nothing else has changed.
  write_file(scratch.path() / "out/jobs/02-old.sbatch", "02-old" + kPlan);
  write_file(scratch.path() / "out/plan", "a file where a directory is needed");
  CHECK_FALSE(write_output(compiled_of(sample_files()), scratch.path() / "out", sink));
  CHECK(fs::exists(scratch.path() / "out/jobs/02-old.sbatch"));
  CHECK_FALSE(fs::exists(scratch.path() / "out/submit.sh"));
}

TEST_CASE("a script that wfc has not written is not replaced", "[driver]") {
  const std::string place =
      GENERATE("submit.sh", "bin/submit", "jobs/01-split.sbatch", "jobs/01-split.tasks");
  const std::string mine = GENERATE(
      "#!/bin/bash\nsbatch x\n", "wfc compile; plan 0123\n", "#!/bin/bash\nmain \"$@\"\n", "");
  const ScratchDirectory scratch;
  const fs::path out = scratch.path() / "out";
  write_file(out / place, mine);
  Sink sink;
  CHECK_FALSE(write_output(compiled_of(sample_files()), out, sink));
  REQUIRE(sink.all().size() == 1);
  CHECK_THAT(sink.all()[0].message,
             Catch::Contains(place + "`: it is there, and wfc has not written it"));
  CHECK(read_file(out / place) == mine);
  CHECK_FALSE(fs::exists(out / "plan"));
}

TEST_CASE("a link at a script's place is not replaced, nor what it leads to", "[driver]") {
  const ScratchDirectory scratch;
  const fs::path out = scratch.path() / "out";
  write_file(scratch.path() / "kept", sample_files()["submit.sh"].bytes);
  fs::create_directories(out);
  fs::create_symlink("../kept", out / "submit.sh");
  Sink sink;
  CHECK_FALSE(write_output(compiled_of(sample_files()), out, sink));
  CHECK(fs::is_symlink(out / "submit.sh"));
}

TEST_CASE("only the plan is written for commands that change the state", "[driver]") {
  const ScratchDirectory scratch;
  Sink sink;
  REQUIRE(write_plan(compiled_of({}), scratch.path(), sink));
  write_file(scratch.path() / "submit.sh", "of another plan");
  REQUIRE(write_plan(compiled_of(sample_files()), scratch.path(), sink));
  CHECK(fs::exists(scratch.path() / "plan/abc/plan.wfp"));
  CHECK(read_file(scratch.path() / "submit.sh") == "of another plan");
  CHECK_FALSE(fs::exists(scratch.path() / "jobs"));
}

}  // namespace wfc
