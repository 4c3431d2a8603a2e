// One attempt's hold on its outputs: what it may move, what it must not, and what is known of an
// attempt that was killed at any point.
#include "runtime/run/outputs.hpp"

#include "runtime/run/leftovers.hpp"
#include "tests/unit/run/workflow_builder.hpp"

#include <catch2/catch.hpp>

using namespace wfr;
using namespace wfr::test;

namespace fs = std::filesystem;

namespace {

// One task that makes `x` in the data directory.
struct World {
  [[nodiscard]] TaskOutput output(OutputKind kind, bool temporary) const {
    TaskOutput output;
    output.path = (space.data() / "x").string();
    output.relative = "x";
    output.kind = kind;
    output.temporary = temporary;
    return output;
  }
  [[nodiscard]] OutputFiles files(const TaskOutput& output, OwnedFiles own = {}) const {
    own.directory = space.data().string();
    return {{"0123", std::move(own), {}, (space.out() / "failed").string(), "", nullptr}, {output}};
  }
  OwnedFiles owning(const std::vector<std::string>& names) const {
    OwnedFiles own;
    own.recorded = true;
    for (const std::string& name : names) own.paths.insert((space.data() / name).string());
    return own;
  }
  [[nodiscard]] fs::path x() const { return space.data() / "x"; }
  Workspace space;
};

std::vector<std::string> names(const fs::path& directory) {
  std::vector<std::string> found;
  for (const auto& entry : fs::directory_iterator(directory)) {
    found.push_back(entry.path().filename().string());
  }
  std::sort(found.begin(), found.end());
  return found;
}

using Found = std::vector<std::string>;

}  // namespace

TEST_CASE("what is not owned is in the way, whatever it is") {
  const World world;
  const auto make = GENERATE(0, 1, 2, 3);
  if (make == 0) write_text(world.x(), "theirs");
  if (make == 1) fs::create_directory(world.x());
  if (make == 2) fs::create_symlink("nothing", world.x());
  if (make == 3) fs::create_directory_symlink(world.space.data(), world.x());
  for (const OutputKind kind : {OutputKind::File, OutputKind::Directory}) {
    for (const bool temporary : {true, false}) {
      OutputFiles files = world.files(world.output(kind, temporary));
      CHECK_THROWS_AS(files.look(1), OccupiedError);
      files.discard(1);
      CHECK(names(world.space.data()) == Found{"x"});
    }
  }
}

TEST_CASE("a file in the place of a directory of an output is in the way") {
  const World world;
  write_text(world.x(), "theirs");
  TaskOutput output = world.output(OutputKind::File, true);
  output.path += "/y/z";
  CHECK_THROWS_WITH(world.files(output).look(1), Catch::Contains("/x`"));
}

TEST_CASE("a directory is replaced only when all in it is owned") {
  const World world;
  write_text(world.x() / "mine", "old");
  write_text(world.x() / "sub/theirs", "precious");
  OutputFiles files = world.files(world.output(OutputKind::Directory, true),
                                  world.owning({"x/", "x/mine", "x/sub/"}));
  CHECK_THROWS_WITH(files.look(1), Catch::Contains("x/sub/theirs"));
  fs::remove(world.x() / "sub/theirs");
  files.look(1);
  files.prepare();
  write_text(fs::path(files.targets()[0]) / "new", "new");
  // Comes while the task runs.
  write_text(world.x() / "theirs", "precious");
  CHECK_THROWS_AS(files.install({}), OccupiedError);
  files.discard(1);
  CHECK(names(world.x()) == Found{"mine", "sub", "theirs"});
}

TEST_CASE("what comes while the task runs is not written over") {
  const World world;
  OutputFiles files = world.files(world.output(OutputKind::File, true));
  files.look(1);
  files.prepare();
  write_text(files.targets()[0], "new");
  write_text(world.x(), "theirs");
  CHECK_THROWS_AS(files.install({}), OccupiedError);
  files.discard(1);
  CHECK(read_text(world.x()) == "theirs");
  CHECK(names(world.space.data()) == Found{"x"});
}

TEST_CASE("what was renamed in before a kill is known to be the task's") {
  const World world;
  const OutputKind kind = GENERATE(OutputKind::File, OutputKind::Directory);
  {
    OutputFiles files = world.files(world.output(kind, true));
    files.look(1);
    files.prepare();
    const fs::path target = files.targets()[0];
    write_text(kind == OutputKind::File ? target : target / "y", "new");
    CHECK(files.install({}).empty());
    // Killed here: nothing is on record.
  }
  CHECK(is_installed(world.output(kind, true), "0123"));
  OutputFiles files = world.files(world.output(kind, true));
  files.look(2);
  CHECK(names(world.space.data()) == Found{"x"});
  files.prepare();
  const fs::path target = files.targets()[0];
  write_text(kind == OutputKind::File ? target : target / "y", "newer");
  CHECK(files.install({}).empty());
  files.release();
  CHECK(read_text(kind == OutputKind::File ? world.x() : world.x() / "y") == "newer");
  CHECK(names(world.space.data()) == Found{"x"});
}

TEST_CASE("a killed attempt in place is put away, and what was owned comes back") {
  const World world;
  write_text(world.x(), "old");
  Record start;
  {
    OutputFiles files = world.files(world.output(OutputKind::File, false), world.owning({"x"}));
    files.look(1);
    files.note_start(start);
    CHECK(start.owned == Found{"x"});
    files.prepare();
    CHECK_FALSE(fs::exists(world.x()));
    write_text(world.x(), "part");
  }
  OwnedFiles own = world.owning(start.owned);
  own.open = start.open;
  own.attempt = 1;
  OutputFiles files = world.files(world.output(OutputKind::File, false), own);
  files.look(2);
  CHECK(read_text(world.x()) == "old");
  CHECK(read_text(world.space.out() / "failed/attempt-1/x") == "part");
  CHECK(names(world.space.data()) == Found{"x"});
}

TEST_CASE("killed before anything was moved, what is owned stays") {
  const World world;
  write_text(world.x(), "old");
  OwnedFiles own = world.owning({"x"});
  own.open = true;
  world.files(world.output(OutputKind::File, false), own).look(2);
  CHECK(read_text(world.x()) == "old");
  CHECK_FALSE(fs::exists(world.space.out() / "failed"));
}

TEST_CASE("an output that is called as a directory of wfr is an output") {
  const World world;
  TaskOutput output = world.output(OutputKind::File, true);
  output.path = (world.space.data() / "old").string();
  OutputFiles files = world.files(output);
  files.look(1);
  files.prepare();
  write_text(files.targets()[0], "new");
  CHECK(files.install({}).empty());
  files.release();
  CHECK(names(world.space.data()) == Found{"old"});
}

TEST_CASE("leftovers of one name are all kept") {
  const World world;
  Leftovers leftovers((world.space.out() / "failed").string(), 3, "");
  for (const char* text : {"1", "2"}) {
    write_text(world.x(), text);
    leftovers.put(world.x().string(), "sub/x", true);
  }
  CHECK(read_text(world.space.out() / "failed/attempt-3/sub/x") == "1");
  CHECK(read_text(world.space.out() / "failed/attempt-3/sub/x-2") == "2");
  CHECK(leftovers.text().find("attempt-3") != std::string::npos);
  CHECK(names(world.space.data()).empty());
  write_text(world.x() / "a", std::string(1000, 'a'));
  write_text(world.x() / "b", std::string(1000, 'b'));
  CHECK(size_of(world.x().string(), 5000) == 2000);
}
