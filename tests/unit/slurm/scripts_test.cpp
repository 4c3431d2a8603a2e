// What reaches the scripts: quoting, options, the table of jobs.
#include "compiler/slurm/builtin_templates.hpp"
#include "compiler/slurm/emit.hpp"
#include "compiler/slurm/sbatch_text.hpp"
#include "compiler/slurm/srun_variables.hpp"
#include "compiler/slurm/task_directories.hpp"
#include "tests/unit/slurm/fixture.hpp"

#include <catch2/catch.hpp>
#include <kainjow/mustache.hpp>

namespace wfc::test {
namespace {

std::string built_in(const std::string& name) {
  return std::string(builtin_template(name));
}

OutputTree emitted(Example& example, Sink& sink) {
  wfr::Plan plan = example.lower(sink);
  REQUIRE_FALSE(sink.has_errors());
  return emit(example.workflow, plan, built_in, sink);
}

wfr::Piece piece_of(wfr::PieceKind kind, std::string text = {}) {
  wfr::Piece piece;
  piece.kind = kind;
  piece.text = std::move(text);
  return piece;
}

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

}  // namespace

TEST_CASE("a value of an option is one word of a #SBATCH line") {
  CHECK(sbatch_quote("a100&ib") == "a100&ib");
  CHECK(sbatch_quote("it's a # \"b\"\\") == "it\\'s\\ a\\ \\#\\ \\\"b\\\"\\\\");
  CHECK(comment_text("a\nb\x1b") == "a?b?");
}

TEST_CASE("Slurm's time is in minutes, rounded up") {
  CHECK(sbatch_time(3600) == "01:00:00");
  CHECK(sbatch_time(61) == "00:02:00");
  CHECK(sbatch_time(2 * 86400 + 1) == "2-00:01:00");
}

TEST_CASE("templates quote for the shell unless told not to") {
  const TemplateReader reader = [](const std::string& name) {
    return name == "part" ? std::string("[{{x}}]\n") : std::string("{{x}} {{{x}}}\n{{>part}}\n");
  };
  kainjow::mustache::data data;
  data.set("x", "a $(b) 'c'");
  CHECK(render_template("main", data, reader) ==
        "'a $(b) '\\''c'\\''' a $(b) 'c'\n['a $(b) '\\''c'\\''']\n\n");
}

TEST_CASE("a template that is not valid names itself") {
  const TemplateReader reader = [](const std::string&) { return std::string("{{#open}}"); };
  kainjow::mustache::data data;
  CHECK_THROWS_WITH(render_template("main", data, reader), Catch::Contains("main"));
}

TEST_CASE("every key of the language reaches its option") {
  Example example(1, 2);
  const StepId a = example.step("a", kChannel);
  StepDef& step = example.workflow.steps[wfr::index_of(a)];
  step.spec.resources = {4, 2000, 7200, 2, 8, 4, "a100:1"};
  step.slurm.partition = "main";
  step.slurm.account = "lab";
  step.slurm.qos = "normal";
  step.slurm.constraint = "ib&avx";
  step.slurm.reservation = "week";
  step.slurm.exclude = "n[1-2]";
  step.slurm.nodelist = "n3";
  step.slurm.licenses = "matlab:1";
  step.slurm.begin = "now+1hour";
  step.slurm.nice = 100;
  step.slurm.exclusive = true;
  step.slurm.sbatch = {"--mail-type=END", "--mail-user='a b'"};
  Sink sink;
  const OutputTree tree = emitted(example, sink);
  const std::string& script = tree.files.at("jobs/01-a.sbatch").bytes;
  for (const char* option : {"--job-name=example.a",
                             "--array=0-1",
                             "--output=logs/01-a.%A_%a.log",
                             "--requeue",
                             "--open-mode=append",
                             "--export=NONE",
                             "--cpus-per-task=4",
                             "--mem=2000M",
                             "--time=02:00:00",
                             "--signal=B:USR1@120",
                             "--nodes=2",
                             "--ntasks=8",
                             "--ntasks-per-node=4",
                             "--gpus=a100:1",
                             "--partition=main",
                             "--account=lab",
                             "--qos=normal",
                             "--constraint=ib&avx",
                             "--reservation=week",
                             "--exclude=n[1-2]",
                             "--nodelist=n3",
                             "--licenses=matlab:1",
                             "--exclusive",
                             "--nice=100",
                             "--begin=now+1hour",
                             "--mail-type=END",
                             "--mail-user='a b'"}) {
    INFO(script);
    CHECK(has_line(script, std::string("#SBATCH ") + option));
  }
}

TEST_CASE("the warning signal needs time to arrive") {
  Example example(1, 1);
  const StepId a = example.step("a", kChannel);
  example.workflow.steps[wfr::index_of(a)].spec.resources.time_s = 239;
  Sink sink;
  CHECK(emitted(example, sink).files.at("jobs/01-a.sbatch").bytes.find("USR1") ==
        std::string::npos);
  example.workflow.steps[wfr::index_of(a)].spec.resources.time_s = 240;
  const OutputTree tree = emitted(example, sink);
  CHECK(has_line(tree.files.at("jobs/01-a.sbatch").bytes, "trap '' USR1"));
}

TEST_CASE("an option with a line break is refused, not emitted") {
  Example example(1, 1);
  const StepId a = example.step("a", kChannel);
  example.workflow.steps[wfr::index_of(a)].slurm.account = "lab\n#SBATCH --partition=other";
  example.workflow.steps[wfr::index_of(a)].slurm.sbatch = {"--mail-type=END\nrm -rf x"};
  Sink sink;
  const OutputTree tree = emitted(example, sink);
  REQUIRE(sink.errors() >= 2);
  CHECK(sink.all().front().kind == Kind::OptionWithControl);
  CHECK(tree.files.at("jobs/01-a.sbatch").bytes.find("rm -rf") == std::string::npos);
}

TEST_CASE(
    "modules and conda want what a login shell reads; then setup, as written; then variables") {
  Example example(1, 1);
  const StepId a = example.step("a", kChannel);
  wfr::EnvironmentSpec& environment = example.workflow.steps[wfr::index_of(a)].spec.environment;
  example.workflow.site.environment.modules = {"/opt/modules", "GCC/12.3.0"};
  environment.conda = "my env";
  environment.variables["GREETING"] = "$(id) 'x'";
  environment.setup = "ulimit -n 4096\n";
  Sink sink;
  const OutputTree tree = emitted(example, sink);
  const std::string& script = tree.files.at("jobs/01-a.sbatch").bytes;
  INFO(script);
  // Each after the one before.
  std::size_t place = 0;
  for (const char* line :
       {"for wfc_file in /etc/profile ~/.bash_profile ~/.bash_login ~/.profile; do",
        "set +eu +o pipefail",
        "module use /opt/modules || wfc_unprepared 'module use /opt/modules'",
        "module load GCC/12.3.0 || wfc_unprepared 'module load GCC/12.3.0'",
        "conda activate 'my env' || wfc_unprepared 'conda activate my env'",
        "ulimit -n 4096",
        "} || wfc_unprepared setup",
        "cd -- \"$wfc_out\" || exit 1",
        "  GREETING='$(id) '\\''x'\\'''"}) {
    INFO(line);
    place = script.find("\n" + std::string(line) + "\n", place);
    REQUIRE(place != std::string::npos);
  }
}

TEST_CASE("a script keeps of srun's variables those that it asks for") {
  using Names = std::vector<std::string>;
  CHECK(kept_srun_variables({"--mem=100M", "--gres=gpu:1"}) == Names{"MEM_PER_NODE"});
  CHECK(kept_srun_variables({"--ntasks=4", "--mem-per-cpu=1G"}) ==
        Names{"MEM_PER_CPU", "NPROCS", "NTASKS"});
  CHECK(kept_srun_variables({"--mem=1G", "--hint nomultithread", "-m cyclic"}) ==
        Names{"DISTRIBUTION", "DIST_PLANESIZE", "HINT", "MEM_PER_NODE", "THREADS_PER_CORE"});
  CHECK(kept_srun_variables({"--mem=1G", "-n4"}) == Names{"MEM_PER_NODE", "NPROCS", "NTASKS"});
  // sbatch takes the beginning of a name for the name.
  CHECK(kept_srun_variables({"--mem=1G", "--threads=1"}) ==
        Names{"MEM_PER_NODE", "THREADS_PER_CORE"});
  // Slurm gives the cluster's default in one of them.
  CHECK(kept_srun_variables({}) == Names{"MEM_PER_CPU", "MEM_PER_NODE"});
}

TEST_CASE("finalizers follow the verdict and are not requeued") {
  Example example(1, 1);
  example.step("a", kChannel);
  example.finalizer("good", wfr::FinalizerKind::Success);
  example.finalizer("bad", wfr::FinalizerKind::Failure);
  example.finalizer("both", wfr::FinalizerKind::Always);
  Sink sink;
  const OutputTree tree = emitted(example, sink);
  const std::string& submit = tree.files.at("submit.sh").bytes;
  INFO(submit.substr(0, 3000));
  CHECK(tree.files.at("submit.sh").executable);
  CHECK(has_line(submit, "job 01-a 1 workflow.toml:10"));
  CHECK(has_line(submit, "job 02-verdict 1 verdict afterany:01-a"));
  CHECK(has_line(submit, "job 03-good 1 workflow.toml:11 afterok:02-verdict"));
  CHECK(has_line(submit, "job 04-bad 1 workflow.toml:12 afternotok:02-verdict"));
  CHECK(has_line(submit, "job 05-both 1 workflow.toml:13 afterany:02-verdict"));
  CHECK(has_line(tree.files.at("jobs/03-good.sbatch").bytes, "#SBATCH --no-requeue"));
  CHECK(has_line(tree.files.at("jobs/02-verdict.sbatch").bytes, "#SBATCH --requeue"));
}

TEST_CASE("the verdict asks for no more than the steps do") {
  Example example(1, 1);
  const StepId a = example.step("a", kChannel);
  wfr::ResourceSpec& asked = example.workflow.steps[wfr::index_of(a)].spec.resources;
  Sink sink;
  SECTION("nothing, if they ask for nothing") {
    const std::string script = emitted(example, sink).files.at("jobs/02-verdict.sbatch").bytes;
    CHECK(script.find("--mem") == std::string::npos);
    CHECK(has_line(script, "#SBATCH --time=00:15:00"));
  }
  SECTION("less, in a partition for short jobs") {
    asked.time_s = 300;
    asked.mem_mb = 100;
    const std::string script = emitted(example, sink).files.at("jobs/02-verdict.sbatch").bytes;
    CHECK(has_line(script, "#SBATCH --mem=100M"));
    CHECK(has_line(script, "#SBATCH --time=00:05:00"));
  }
  SECTION("what it needs, next to large ones") {
    asked.time_s = 86400;
    asked.mem_mb = 64000;
    const std::string script = emitted(example, sink).files.at("jobs/02-verdict.sbatch").bytes;
    CHECK(has_line(script, "#SBATCH --mem=500M"));
    CHECK(has_line(script, "#SBATCH --time=00:15:00"));
  }
}

TEST_CASE("a part of a table array brings its own table") {
  Example example(1, 4000);
  const StepId a = example.step("a", kChannel);
  const StepId b = example.step("b", kChannel);
  example.workflow.site.max_array_size = 10000;
  std::vector<bool> every_other(4000);
  for (std::size_t i = 0; i < every_other.size(); i += 2) every_other[i] = true;
  example.only(b, every_other);
  example.edge(a, b, kChannel);
  Sink sink;
  wfr::Plan plan = example.lower(sink);
  const OutputTree tree = emit(example.workflow, plan, built_in, sink);
  const std::string table = "plan/" + plan.hash + "/tables/02-b.u32";
  CHECK(tree.files.at(table).bytes.size() == 2000 * 4);
  CHECK(tree.files.at("jobs/02-b.sbatch").bytes.find("set -- --table " + table) !=
        std::string::npos);
}

TEST_CASE("on one machine there is nothing to submit") {
  Example example(1, 1);
  example.step("a", kChannel);
  example.workflow.site.local = true;
  Sink sink;
  wfr::Plan plan = example.lower(sink);
  const OutputTree tree = emit(example.workflow, plan, built_in, sink);
  CHECK(tree.files.size() == 2);
  CHECK(tree.files.count("plan/" + plan.hash + "/plan.wfp") == 1);
}

TEST_CASE("a template of the user's replaces a built-in one") {
  Example example(1, 1);
  example.step("a", kChannel);
  Sink sink;
  wfr::Plan plan = example.lower(sink);
  const TemplateReader reader = [](const std::string& name) {
    return name == "job.sbatch" ? std::string("#!/bin/bash\n# mine\n") : built_in(name);
  };
  const OutputTree tree = emit(example.workflow, plan, reader, sink);
  CHECK(tree.files.at("jobs/01-a.sbatch").bytes == "#!/bin/bash\n# mine\n");
  CHECK(tree.files.at("bin/submit").bytes.find("finish_run") != std::string::npos);
}

TEST_CASE("the program that submits knows nothing of the workflow") {
  std::string first;
  for (const char* name : {"one", "another"}) {
    Example example(1, 2);
    example.workflow.name = name;
    example.step(name, kChannel);
    Sink sink;
    const std::string program = emitted(example, sink).files.at("bin/submit").bytes;
    if (first.empty()) first = program;
    CHECK(program == first);
  }
  CHECK_THAT(first, Catch::StartsWith("#!/bin/bash\n"));
}

TEST_CASE("a script shows its command, and nothing of it is an option or a command") {
  Example example(1, 2);
  const StepId a = example.step("a", kChannel);
  wfr::StepSpec& step = example.workflow.steps[wfr::index_of(a)].spec;
  const wfr::Piece text =
      piece_of(wfr::PieceKind::Text, "echo\n#SBATCH --qos=x\n\texec bin/wfr \x1b[1m");
  wfr::Piece level = piece_of(wfr::PieceKind::LevelName);
  level.level = kSession;
  wfr::Piece list = piece_of(wfr::PieceKind::Inputs);
  list.output = "list";
  step.command = wfr::CommandKind::Shell;
  step.run.pieces = {
      text, piece_of(wfr::PieceKind::Value, "it's"), level, list, piece_of(wfr::PieceKind::Cpus)};
  Sink sink;
  const std::string script = emitted(example, sink).files.at("jobs/01-a.sbatch").bytes;
  CHECK_THAT(script,
             Catch::Contains("# The command of a task of `a`:\n#   echo\n#   #SBATCH --qos=x\n"
                             "#    exec bin/wfr ?[1m'it'\\''s'{session}{inputs.list}{cpus}\nexec "
                             "bin/wfr job"));
  step.run.pieces = {piece_of(wfr::PieceKind::Text, std::string(150, '\n') + "end")};
  const std::string cut = emitted(example, sink).files.at("jobs/01-a.sbatch").bytes;
  CHECK_THAT(cut, Catch::Contains("#\n#   ... and 51 more lines\nexec bin/wfr"));
}

TEST_CASE("a list says which index is which directory") {
  Example example(2, 3);
  const StepId a = example.step("a", kChannel);
  example.step("once", wfr::kRootLevel);
  example.only(a, {true, false, true, true, true, true});
  Sink sink;
  const OutputTree tree = emitted(example, sink);
  const std::string& list = tree.files.at("jobs/01-a.tasks").bytes;
  CHECK(list.substr(list.find('\n') + 1) == "0\ts0/c0\n1\ts0/c2\n2\ts1/c0\n3\ts1/c1\n4\ts1/c2\n");
  CHECK(tree.files.count("jobs/02-once.tasks") == 0);
}

TEST_CASE("where there are many tasks a line stands for so many of them") {
  Example example(2, 3);
  example.step("a", kChannel);
  Sink sink;
  const wfr::Plan plan = example.lower(sink);
  const auto lines = [&](std::uint64_t elements) {
    const std::string list = task_directories(plan, plan.arrays.at(0), elements);
    return list.substr(list.find('\n') + 1);
  };
  CHECK_THAT(lines(100'000), Catch::StartsWith("0\ts0/c0\n1\ts0/c1\n"));
  CHECK(lines(100'001) == "0-1\ts0/c0 .. s0/c1\n2-3\ts0/c2 .. s1/c0\n4-5\ts1/c1 .. s1/c2\n");
  CHECK(lines(400'000) == "0-4\ts0/c0 .. s1/c1\n5\ts1/c2\n");
  CHECK(lines(1'000'000) == "0-5\ts0/c0 .. s1/c2\n");
}

}  // namespace wfc::test
