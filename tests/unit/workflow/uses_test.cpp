// Which files beside the workflow a step uses, and how files are compared.
#include "compiler/workflow/templates.hpp"
#include "tests/unit/workflow/resolve_text.hpp"

#include <set>

#include <catch2/catch.hpp>

namespace wfc {
namespace {

using Names = std::vector<std::string>;

// As if these files were there.
ResolveOptions with_files(const std::set<std::string>& files) {
  ResolveOptions options;
  options.find_beside = [files](const std::string& path, bool pattern) {
    std::vector<BesideFile> found;
    for (const std::string& file : files) {
      const std::string stem = path.substr(0, path.find('*'));
      if (pattern ? file.starts_with(stem) : file == path) found.push_back({file, false});
    }
    if (!pattern && path == "lib") found.push_back({path, true});
    return found;
  };
  return options;
}

Names uses_of(const std::string& command, const std::set<std::string>& files) {
  const Resolved resolved = resolve_steps(
      "[[step]]\nname = \"one\"\neach = \"session\"\n" + command + "\noutputs = [\"x\"]\n",
      with_files(files));
  REQUIRE(resolved.text().empty());
  Names names;
  for (const wfr::UseSpec& use : resolved.step("one").spec.uses) {
    std::string name = use.listed ? "listed " : "";
    for (const wfr::Piece& piece : use.path.pieces) {
      const bool text = piece.kind == wfr::PieceKind::Text || piece.kind == wfr::PieceKind::Value;
      name += text ? piece.text : "{}";
    }
    names.push_back(name);
  }
  return names;
}

}  // namespace

TEST_CASE("words of commands that name a file beside the workflow are used") {
  const std::set<std::string> files{"a.py", "b c.py", "sub/d.sh", "log", "sql/1.q"};
  const auto run = [&](const std::string& text) {
    return uses_of("run = '''" + text + "'''", files);
  };
  CHECK(run("python {workflow.dir}/a.py > {outputs}") == Names{"a.py"});
  CHECK(run("python {workflow.dir}/a.py; sh {workflow.dir}/a.py") == Names{"a.py"});
  CHECK(run("python \"{workflow.dir}/b c.py\" x") == Names{"b c.py"});
  CHECK(run("cat --config={workflow.dir}/sub/d.sh,x") == Names{"sub/d.sh"});
  CHECK(run("cat < {workflow.dir}/a.py") == Names{"a.py"});
  CHECK(run("echo 1 >> {workflow.dir}/log; echo 2 > \"{workflow.dir}/log\"").empty());
  CHECK(run("cat {workflow.dir}/gone.py {workflow.dir}/ {workflow.dir}").empty());
  CHECK(run("PYTHONPATH={workflow.dir}/lib tool").empty());
  CHECK(run("cat {workflow.dir}/{session}.toml") == Names{"{}.toml"});
  CHECK(run("cat {workflow.dir}/{cpus}.toml").empty());
  CHECK(run("cat {workflow.dir}/sql/*.q") == Names{"sql/*.q"});
  CHECK(uses_of("argv = [\"sh\", \"{workflow.dir}/b c.py\", \"-c={workflow.dir}/a.py\"]", files) ==
        Names{"b c.py", "a.py"});
}

TEST_CASE("what setup sources is used, if it lies beside the workflow") {
  const std::set<std::string> files{"env.sh", "./env.sh", "my env.sh"};
  const auto setup = [&](const std::string& text) {
    return uses_of("run = \"true\"\nsetup = '''" + text + "'''", files);
  };
  CHECK(setup("source env.sh") == Names{"env.sh"});
  CHECK(setup("module purge; . \"my env.sh\"") == Names{"my env.sh"});
  CHECK(setup("test -e x &&\n  source env.sh\n") == Names{"env.sh"});
  CHECK(setup("source $HOME/env.sh; source ~/env.sh; source gone.sh; sourced env.sh").empty());
}

TEST_CASE("listed files must be there, and are no directories") {
  const auto kinds = [](const std::string& uses) {
    return resolve_steps("[[step]]\nname = \"one\"\neach = \"session\"\nrun = \"true\"\nuses = " +
                             uses + "\n",
                         with_files({"a.py", "lib/b.py"}))
        .kinds();
  };
  CHECK(kinds("[\"a.py\", \"lib/*.py\", \"{session}.toml\"]").empty());
  CHECK(kinds("[\"gone.py\"]") == std::vector<Kind>{Kind::UseMissing});
  CHECK(kinds("[\"gone/*.py\"]") == std::vector<Kind>{Kind::UseMissing});
  CHECK(kinds("[\"lib\"]") == std::vector<Kind>{Kind::UseDirectory});
  CHECK(kinds("[\"{channel}.toml\"]") == std::vector<Kind>{Kind::UnrelatedLevel});
}

TEST_CASE("how files are compared: their own word, else that of [workflow]") {
  const std::string steps = R"(
[[step]]
name    = "one"
run     = "true"
inputs  = ["a", { path = "b", compare = "content" }, { path = "c", compare = "time" }]
outputs = { x = "x", y = { path = "y", compare = "content" }, z = { path = "z/", compare = "time" } }
)";
  const auto flags = [&](const std::string& header) {
    const Resolved resolved = resolve_text("[workflow]\nname = \"t\"\n" + header + steps);
    REQUIRE(resolved.text().empty());
    std::string text;
    for (const auto& input : resolved.step("one").spec.inputs) text += input.content ? 'c' : 't';
    for (const auto& output : resolved.step("one").spec.outputs) text += output.content ? 'c' : 't';
    return text;
  };
  CHECK(flags("") == "tcttct");
  CHECK(flags("compare = \"content\"\n") == "cctcct");
  CHECK(flags("compare = \"time\"\n") == "tcttct");
}

}  // namespace wfc
