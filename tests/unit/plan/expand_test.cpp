// Templates to paths and commands, for names that would break a shell.
#include "runtime/plan/expand.hpp"

#include "tests/unit/plan/sample_plan.hpp"

#include <array>
#include <cstdio>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

namespace wfr::test {
namespace {

using Strings = std::vector<std::string>;

Strings paths(const std::vector<OutputPath>& outputs) {
  Strings result;
  for (const OutputPath& output : outputs) result.push_back(output.path);
  return result;
}

// What bash makes of a command's words: each one ended by a NUL.
std::string by_bash(const std::string& source) {
  const ScratchDirectory scratch;
  const auto script = scratch.path() / "script";
  write_file(script, source);
  const std::string command =
      "bash '" + script.string() + "' > '" + scratch.path().string() + "/out'";
  REQUIRE(std::system(command.c_str()) == 0);  // NOLINT(cert-env33-c): the shell is what is tested
  return read_file(scratch.path() / "out");
}

TaskContext context_at(const std::filesystem::path& root) {
  TaskContext context;
  context.root = root;
  context.cpus = 5;
  context.mem_mb = 2000;
  context.need_lists = {"/lists/one"};
  return context;
}

}  // namespace

TEST_CASE("outputs of finer levels fan out in the order of the directories", "[expand]") {
  const Plan plan = sample_plan();
  CHECK(task_directory(plan, {kSplit, 1}) == "session 02");
  CHECK(task_directory(plan, {kSnapshot, 0}) == ".");
  CHECK(
      paths(task_outputs(plan, {kSplit, 1})) ==
      Strings{"session 02/array'\"3/channel004/raw.h5", "session 02/array'\"3/channel005/raw.h5"});
  const auto outputs = task_outputs(plan, {kSplit, 0});
  REQUIRE(outputs.size() == 3);
  CHECK(outputs[1].path == "$(touch pwned)/-array/channel\n002/raw.h5");
  CHECK(outputs[1].node == 1);
  CHECK(paths(task_outputs(plan, {kGather, 1})) == Strings{"session 02/all"});
}

TEST_CASE("a need gives what agrees with the task, a wider one all of it", "[expand]") {
  const Plan plan = sample_plan();
  const auto needs = [&](Task task) {
    return paths(needed_outputs(plan, plan.step(task.step).needs[0], task));
  };
  // A channel of a session-level producer: its one file.
  CHECK(needs({kHighpass, 3}) == Strings{"session 02/array'\"3/channel004/raw.h5"});
  CHECK(needs({kSort, 0}) == Strings{"$(touch pwned)/-array/channel001/highpass.h5"});
  // via = "array" on a channel step: all channels of the array.
  CHECK(needs({kNeighbours, 4}) == Strings{"session 02/array'\"3/channel004/highpass.h5",
                                           "session 02/array'\"3/channel005/highpass.h5"});
  // A gather over a step that has tasks in the first session only.
  CHECK(needs({kGather, 0}).size() == 6);
  CHECK(needs({kGather, 1}).empty());
}

TEST_CASE("a widened need of a fan-out is not filtered", "[expand]") {
  Plan plan = sample_plan();
  plan.graph.edges[0].via = kRootLevel;
  CHECK(needed_outputs(plan, plan.step(kHighpass).needs[0], {kHighpass, 0}).size() == 5);
}

TEST_CASE("an optional need of a dropped step gives nothing", "[expand]") {
  Plan plan = sample_plan();
  plan.steps[2].needs[0].edge = kNone;
  CHECK(needed_outputs(plan, plan.step(kSort).needs[0], {kSort, 0}).empty());
}

TEST_CASE("only what the author wrote is a pattern", "[expand]") {
  const ScratchDirectory scratch;
  const Plan plan = sample_plan();
  const std::string directory = "$(touch pwned)/a[1]*/channel\xff\xfe";
  write_file(scratch.path() / directory / "b.log", "");
  write_file(scratch.path() / directory / "a.log", "");
  write_file(scratch.path() / directory / ".hidden.log", "");
  write_file(scratch.path() / "$(touch pwned)/a1x/channel\xff\xfe" / "c.log", "");
  const auto outputs = task_outputs(plan, {kSort, 2});
  REQUIRE(outputs.size() == 2);
  CHECK(resolve_glob(scratch.path(), outputs[1].path) ==
        Strings{directory + "/a.log", directory + "/b.log"});
  CHECK(resolve_glob(scratch.path(), task_inputs(plan, {kSplit, 0})[0]).empty());
  write_file(scratch.path() / "$(touch pwned)" / "x.ns5", "");
  CHECK(resolve_glob(scratch.path(), task_inputs(plan, {kSplit, 0})[0]) ==
        Strings{"$(touch pwned)/x.ns5"});
}

TEST_CASE("paths are normalised", "[expand]") {
  Plan plan = sample_plan();
  const auto output = [&](const std::string& path) {
    plan.steps[3].outputs[0].path.pieces = {text(path)};
    return task_outputs(plan, {kGather, 1})[0].path;
  };
  CHECK(output("./a//b/./c/") == "session 02/a/b/c");
  CHECK(output("../x") == "x");
  CHECK(output("../../x") == "../x");
  CHECK(output("..") == ".");
  CHECK(output("/tmp/../x") == "/x");
}

TEST_CASE("quoting survives bash, whatever the bytes", "[expand]") {
  std::string all;
  for (int byte = 1; byte < 256; ++byte) all += static_cast<char>(byte);
  for (const std::string& word : Strings{all,
                                         "",
                                         "it's",
                                         "-n",
                                         "~",
                                         "a=b",
                                         "$(touch pwned)",
                                         "`x`",
                                         "a\nb",
                                         "!!",
                                         "{a,b}",
                                         "*",
                                         "\xff\xfe"}) {
    CHECK(by_bash("printf '%s' " + shell_quote(word)) == word);
  }
  CHECK(shell_quote("plain/path-1.h5") == "plain/path-1.h5");
  CHECK(shell_quote("--threads=4") == "--threads=4");
  CHECK(by_bash(shell_quote("printf=x") + " 2>/dev/null || printf ran") == "ran");
}

TEST_CASE("a run command is quoted value by value", "[expand]") {
  const Plan plan = sample_plan();
  CHECK(expand_run(plan, {kSort, 1}, context_at("/data")) ==
        "sort highpass.h5 --threads 5 --mode 'it'\\''s' --of '$(touch pwned)'");
  CHECK(expand_run(plan, {kNeighbours, 4}, context_at("/data")) ==
        "join '/data/session 02/array'\\''\"3/channel004/highpass.h5' highpass.h5");
}

TEST_CASE("a gather sees its paths below its directory, and a list of them", "[expand]") {
  const ScratchDirectory scratch;
  const Plan plan = sample_plan();
  const auto context = context_at(scratch.path());
  CHECK(expand_run(plan, {kGather, 0}, context) ==
        "gather ./-array/channel001/firings.mda './-array/channel\n002/firings.mda' "
        "'a[1]*/channel\xff\xfe/firings.mda' < /lists/one");
  CHECK(asks_for_list(plan.step(kGather), 0));
  CHECK_FALSE(asks_for_list(plan.step(kSort), 0));
  // One of the paths has a newline: the list is NUL-separated.
  const std::string list = need_list(plan, {kGather, 0}, 0, context);
  using namespace std::string_literals;
  CHECK(list ==
        "./-array/channel001/firings.mda\0./-array/channel\n002/firings.mda\0"
        "a[1]*/channel\xff\xfe/firings.mda\0"s);
  CHECK(need_list(plan, {kHighpass, 3}, 0, context) == "raw.h5\n");
}

TEST_CASE("with cwd = scratch every path is absolute", "[expand]") {
  Plan plan = sample_plan();
  plan.steps[2].scratch_cwd = true;
  CHECK(expand_run(plan, {kSort, 0}, context_at("/data"))
            .starts_with("sort '/data/$(touch pwned)/-array/channel001/highpass.h5'"));
  CHECK(command_path(plan, {kSort, 0}, context_at("/data"), ".") == "/data");
}

TEST_CASE("argv words are bytes as they are", "[expand]") {
  Plan plan = sample_plan();
  TaskContext context = context_at("/data");
  context.outputs = {".wfr.1/highpass.h5", "second out"};
  context.output_names = {"", "second"};
  CHECK(expand_argv(plan, {kHighpass, 2}, context) ==
        Strings{"cp", "raw.h5", ".wfr.1/highpass.h5", "second out"});
  plan.steps[1].argv[2].pieces[0].output = "second";
  CHECK(expand_argv(plan, {kHighpass, 2}, context) == Strings{"cp", "raw.h5", "second out"});
  plan.steps[1].argv = {{{text("--in="), of_need(PieceKind::Need, 0)}}};
  CHECK(expand_argv(plan, {kHighpass, 2}, context) == Strings{"--in=raw.h5"});
  plan.steps[1].argv = {{{text("--out="), of_kind(PieceKind::Outputs)}}};
  CHECK_THROWS_AS(expand_argv(plan, {kHighpass, 2}, context), ExpandError);
  Piece directory = of_kind(PieceKind::LevelDir);
  directory.level = kSession;
  plan.steps[1].argv = {{{directory}}, {{of_kind(PieceKind::MemMb)}}};
  CHECK(expand_argv(plan, {kHighpass, 4}, context) == Strings{"/data/session 02", "2000"});
}

TEST_CASE("a command that is too long names the list", "[expand]") {
  Plan plan = sample_plan();
  plan.steps[3].run.pieces.push_back(text(std::string(130000, 'x')));
  CHECK_THROWS_WITH(expand_run(plan, {kGather, 0}, context_at("/data")),
                    Catch::Contains("gather:") && Catch::Contains("{needs.sort.list}"));
  plan.steps[1].argv.push_back({{text(std::string(131072, 'x'))}});
  CHECK_THROWS_WITH(expand_argv(plan, {kHighpass, 0}, context_at("/data")),
                    Catch::Contains("{needs.split.list}"));
  plan.steps[1].argv.back() = {{text(std::string(131071, 'x'))}};
  CHECK_NOTHROW(expand_argv(plan, {kHighpass, 0}, context_at("/data")));
}

TEST_CASE("parameters are expanded per task", "[expand]") {
  Plan plan = sample_plan();
  const auto params = nlohmann::json::parse(expand_params(plan, {kSplit, 1}, context_at("/data")));
  CHECK(params == nlohmann::json({{"rate", 1000}, {"subject", "session 02"}}));
  plan.steps[0].each = kChannel;
  plan.graph.instances[0] = plan.graph.instances[1];
  plan.steps[0].param_templates[0].second.pieces = {level_name(kChannel)};
  CHECK_THROWS_AS(expand_params(plan, {kSplit, 2}, context_at("/data")), ExpandError);
}

TEST_CASE("columns of a sample sheet are values of the node above", "[expand]") {
  const Plan plan = sample_plan();
  Piece column = level_name(kSession);
  column.kind = PieceKind::LevelColumn;
  CHECK(expand_path(plan.graph.tree, {{column, text(".txt")}}, kChannel, 4) == "it's.txt");
}

}  // namespace wfr::test
