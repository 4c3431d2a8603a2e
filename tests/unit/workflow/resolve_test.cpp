// Whole workflows: the example of the design, needs, resources, order.
#include "tests/unit/workflow/resolve_text.hpp"

#include <catch2/catch.hpp>

namespace wfc {
namespace {

using Names = std::vector<std::string>;

const char* const kHippocampus = R"(
[workflow]
name = "hippocampus"
root = "data/20181105"
[params]
sort = true
[[level]]
name  = "session"
match = "session*"
[[level]]
name    = "array"
match   = "array*"
made_by = "split"
[[level]]
name    = "channel"
match   = "channel*"
made_by = "split"
[defaults]
time = "1h"
mem  = "4G"
[[step]]
name    = "split"
each    = "session"
kernel  = "nsx.split"
inputs  = ["*.ns5"]
outputs = ["{array}/{channel}/raw.h5"]
[[step]]
name    = "highpass"
each    = "channel"
kernel  = "signal.highpass"
needs   = ["split"]
params  = { band = [500, 7500], order = 4 }
outputs = ["highpass.h5"]
[[step]]
name    = "sort"
each    = "channel"
when    = "{params.sort}"
where   = { session = "session0*" }
needs   = ["highpass"]
run     = "python -m sorter {needs.highpass} -o {outputs} --threads {cpus}"
outputs = ["firings.mda"]
cpus    = 5
retry   = { times = 2, on = ["oom", "timeout", "node_fail"] }
[[step]]
name = "snapshot"
on   = "success"
run  = "ssh head update_snapshot.sh data 2"
[site.hpc2n]
account = "hpc2n2024-084"
modules = ["GCC/12.3.0", "Python/3.11.3"]
)";

TEST_CASE("the example of the design resolves") {
  ResolveOptions options;
  options.site = "hpc2n";
  const Resolved file = resolve_text(kHippocampus, options);
  REQUIRE(file.text().empty());
  const Workflow& workflow = file.workflow;
  CHECK(workflow.root == "data/20181105");
  REQUIRE(workflow.levels.size() == 4);
  CHECK(workflow.levels[3].under == static_cast<LevelId>(2));
  CHECK(workflow.levels[2].made_by == static_cast<StepId>(0));
  CHECK(file.order() == Names{"split", "highpass", "sort", "snapshot"});

  const wfr::StepSpec& split = file.step("split").spec;
  CHECK(split.kernel == "nsx.split");
  CHECK(split.inputs.at(0).glob);
  CHECK(split.outputs.at(0).fan == static_cast<LevelId>(3));
  CHECK(split.outputs.at(0).mentioned);

  const StepDef& sort = file.step("sort");
  CHECK(sort.spec.resources.cpus == 5);
  CHECK(sort.spec.resources.mem_mb == 4096);
  CHECK(sort.spec.resources.time_s == 3600);
  CHECK(sort.slurm.account == "hpc2n2024-084");
  CHECK(sort.spec.environment.modules == Names{"GCC/12.3.0", "Python/3.11.3"});
  CHECK(sort.spec.retry.times == 2);
  CHECK(sort.spec.retry.on == std::vector<wfr::FailureKind>{wfr::FailureKind::OutOfMemory,
                                                            wfr::FailureKind::Timeout,
                                                            wfr::FailureKind::Node});
  REQUIRE(sort.where.size() == 1);
  CHECK(sort.where[0].patterns == Names{"session0*"});
  REQUIRE(sort.needs.size() == 1);
  CHECK(sort.spec.needs.at(0).step_name == "highpass");
  CHECK(file.step("snapshot").spec.finalizer == wfr::FinalizerKind::Success);
}

TEST_CASE("a parameter that is set leaves out a step") {
  ResolveOptions options;
  options.sets = {{"sort", "false"}};
  CHECK(resolve_text(kHippocampus, options).order() == Names{"split", "highpass", "snapshot"});
  options.sets = {{"sort", "no"}};
  CHECK(resolve_text(kHippocampus, options).kinds() == std::vector<Kind>{Kind::BadSet});
}

TEST_CASE("an input that is another step's output is a need") {
  const Resolved file = resolve_steps(R"(
    [[step]]
    name = "use"
    each = "channel"
    inputs = ["../sum.txt", "{channel}.txt", "other.txt", "/data/x"]
    run = "cat {inputs}"
    [[step]]
    name = "sum"
    each = "session"
    run = "x {outputs}"
    outputs = ["sum.txt", "{channel}/{channel}.txt"]
  )");
  REQUIRE(file.text().empty());
  const StepDef& use = file.step("use");
  REQUIRE(use.needs.size() == 1);
  CHECK(use.needs[0].implied);
  CHECK(use.needs[0].data);
  CHECK(use.needs[0].name == "sum");
  CHECK(use.input_needs == std::vector<std::uint32_t>{0, 0, wfr::kNone, wfr::kNone});
  CHECK(file.order() == Names{"sum", "use"});
}

TEST_CASE("an explicit need takes the place of an implied one") {
  const Resolved file = resolve_steps(R"(
    [[step]]
    name = "a"
    each = "channel"
    run = "x {outputs}"
    outputs = ["a"]
    [[step]]
    name = "b"
    each = "channel"
    inputs = ["./a"]
    needs = [{ step = "a", via = "session" }]
    run = "cat {inputs} {needs.a}"
  )");
  REQUIRE(file.text().empty());
  REQUIRE(file.step("b").needs.size() == 1);
  CHECK_FALSE(file.step("b").needs[0].implied);
  CHECK(file.step("b").needs[0].via == static_cast<LevelId>(1));
  CHECK(file.step("b").input_needs == std::vector<std::uint32_t>{0});
}

TEST_CASE("a task at a directory that a step makes comes after that step") {
  const Resolved file = resolve_text(R"(
    [workflow]
    name = "t"
    [[level]]
    name = "tile"
    values = "t{1..4}"
    made_by = "cut"
    [[step]]
    name = "look"
    each = "tile"
    run = "ls"
    [[step]]
    name = "cut"
    run = "cut {outputs}"
    outputs = ["{tile}/"]
  )");
  REQUIRE(file.text().empty());
  REQUIRE(file.step("look").needs.size() == 1);
  CHECK(file.step("look").needs[0].implied);
  CHECK_FALSE(file.step("look").needs[0].data);
  CHECK(file.step("cut").spec.outputs[0].kind == wfr::OutputKind::Directory);
  CHECK(file.order() == Names{"cut", "look"});
}

TEST_CASE("order: ties as in the file, finalizers last") {
  const Resolved file = resolve_steps(R"(
    [[step]]
    name = "end"
    on = "always"
    run = "true"
    [[step]]
    name = "d"
    after = ["b", "c"]
    run = "true"
    [[step]]
    name = "c"
    run = "true"
    [[step]]
    name = "b"
    run = "true"
    [[step]]
    name = "a"
    run = "true"
  )");
  REQUIRE(file.text().empty());
  CHECK(file.order() == Names{"c", "b", "d", "a", "end"});
}

TEST_CASE("a circle is shown whole, each one once") {
  const Resolved file = resolve_steps(R"(
    [[step]]
    name = "a"
    after = ["b"]
    run = "true"
    [[step]]
    name = "b"
    after = ["c", "a"]
    run = "true"
    [[step]]
    name = "c"
    after = ["a"]
    run = "true"
    [[step]]
    name = "d"
    after = ["d"]
    run = "true"
  )");
  REQUIRE(file.kinds() == std::vector<Kind>{Kind::Cycle, Kind::Cycle});
  CHECK(file.sink.all()[0].message == "steps wait for each other: a -> b -> a");
  CHECK(file.sink.all()[0].labels.size() == 2);
  CHECK(file.sink.all()[1].message == "steps wait for each other: d -> d");
}

TEST_CASE("a step that is left out takes those that need it, but not for an optional need") {
  const Resolved file = resolve_steps(R"(
    [[step]]
    name = "a"
    when = false
    run = "x {outputs}"
    outputs = ["a"]
    [[step]]
    name = "b"
    needs = ["a"]
    run = "x {needs.a} {outputs}"
    outputs = ["b"]
    [[step]]
    name = "c"
    needs = ["b?"]
    after = [{ step = "a", optional = true }]
    run = "x {needs.b}"
  )");
  CHECK(file.kinds() == std::vector<Kind>{Kind::StepDropped});
  CHECK(file.order() == Names{"c"});
  CHECK(file.step("b").dropped);
  CHECK(file.workflow.steps.size() == 3);
}

TEST_CASE("outputs know their kind and the finest level that they name") {
  const Resolved file = resolve_steps(R"(
    [[step]]
    name = "a"
    each = "session"
    run = "x {outputs.one} {outputs.dir}"
    outputs = { one = "{session}.txt", dir = "{channel}/out/", all = "*.csv" }
  )");
  REQUIRE(file.text().empty());
  const auto& outputs = file.step("a").spec.outputs;
  REQUIRE(outputs.size() == 3);
  CHECK(outputs[0].kind == wfr::OutputKind::File);
  CHECK(outputs[0].fan == static_cast<LevelId>(1));
  CHECK(outputs[1].kind == wfr::OutputKind::Directory);
  CHECK(outputs[1].fan == static_cast<LevelId>(2));
  CHECK(outputs[1].path.pieces.back().text == "/out");
  CHECK(outputs[2].kind == wfr::OutputKind::Glob);
  CHECK(outputs[1].mentioned);
  CHECK_FALSE(outputs[2].mentioned);
}

TEST_CASE("a kernel's parameters are completed, typed and checked") {
  const std::string step = R"(
    [[step]]
    name = "low"
    each = "channel"
    kernel = "signal.lowpass"
    inputs = ["raw.h5"]
    outputs = ["low.h5"]
  )";
  const Resolved good =
      resolve_steps("[params]\nrate = 500\n" + step + "params = { rate = \"{params.rate}\" }\n");
  REQUIRE(good.text().empty());
  CHECK_THAT(good.step("low").spec.params_json, Catch::Contains("\"rate\":500.0"));
  CHECK_THAT(good.step("low").spec.params_json, Catch::Contains("\"order\":4"));
  CHECK(good.step("low").spec.kernel_version > 0);
  const Resolved bad = resolve_steps(step + "params = { rate = \"fast\", oder = 2 }\n");
  CHECK(bad.kinds() == std::vector<Kind>{Kind::KernelParam, Kind::KernelParam});
}

TEST_CASE("an input of the task's own directory is needed beside a file of pairs") {
  ResolveOptions options;
  options.read_sheet = [](const std::string& path, std::string&) {
    CHECK(path == "lists/p.csv");
    return std::optional<std::string>("to,from\ns1,s2\n");
  };
  const std::string steps = R"(
    [[step]]
    name = "mask"
    each = "session"
    run = "true"
    outputs = ["mask.nii"]
    [[step]]
    name = "register"
    each = "session"
    run = "r {inputs} {needs.mask}"
    needs = [{ step = "mask", pairs = "lists/p.csv" }]
  )";
  const Resolved file = resolve_steps(steps + "inputs = [\"mask.nii\"]\n", options);
  REQUIRE(file.text().empty());
  const StepDef& step = file.step("register");
  REQUIRE(step.needs.size() == 2);
  REQUIRE(step.needs[0].pairs != nullptr);
  CHECK(step.needs[0].pairs->rows.at(0).from.directory == "s2");
  CHECK(step.needs[0].pairs->rows.at(0).to.directory == "s1");
  CHECK(step.needs[1].pairs == nullptr);
  CHECK(step.needs[1].implied);
  CHECK(step.input_needs == std::vector<std::uint32_t>{1});
  CHECK(step.spec.run.pieces.back().need == 0);
  CHECK(resolve_steps(steps, options).step("register").needs.size() == 1);
}

TEST_CASE("a retry grows by factors") {
  const auto retry = [](const std::string& value) {
    return resolve_steps(
        "[[step]]\nname = \"a\"\neach = \"channel\"\nrun = \"true\"\nretry = " + value + "\n");
  };
  const Resolved file = retry(R"({ times = 2, mem = "x2", time = "x1.5" })");
  CHECK(file.kinds().empty());
  CHECK(file.step("a").spec.retry.mem_percent == 200);
  CHECK(file.step("a").spec.retry.time_percent == 150);
  CHECK(retry("{ times = 2 }").step("a").spec.retry.mem_percent == 0);
  for (const char* bad : {R"({ mem = "8G" })", R"({ time = "1h" })", R"({ mem = "x0.5" })"}) {
    CHECK(retry(bad).kinds() == std::vector<Kind>{Kind::BadUnit});
  }
}

TEST_CASE("what is not supported yet is said, not ignored") {
  for (const char* key : {"stage = [\"x\"]", "container = \"x.sif\""}) {
    const Resolved file = resolve_steps(
        std::string("[[step]]\nname = \"a\"\neach = \"channel\"\nrun = \"true\"\n") + key + "\n");
    INFO(key);
    CHECK(file.kinds() == std::vector<Kind>{Kind::NotSupportedYet});
    CHECK_FALSE(file.sink.all().at(0).help.empty());
  }
}

}  // namespace
}  // namespace wfc
