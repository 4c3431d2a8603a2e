// What the parsers take, and what they refuse.
#include "compiler/slurm/verify_script.hpp"
#include "compiler/slurm/verify_submit.hpp"

#include <catch2/catch.hpp>

namespace wfc::readback {
namespace {

using Words = std::vector<std::string>;

std::optional<Words> words_of(const std::string& line) {
  const std::optional<Command> command = shell_command(line, 0);
  if (!command) return std::nullopt;
  return command->words;
}

Source source(const std::string& text) {
  auto file = std::make_shared<SourceFile>();
  file->name = "file";
  file->text = text;
  return file;
}

std::string script_text(const std::string& options, const std::string& body) {
  return "#!/bin/bash\n# What it is.\n" + options + "\ntrap '' USR1\n" + body;
}

std::optional<Script> script(const std::string& options, const std::string& body, Sink& sink) {
  Report report(sink, VerifyWhen::Later);
  const Source file = source(script_text(options, body));
  report.keep_alive(file);
  return parse_script(file, "01-a", report);
}

const std::string kRunLine = "exec bin/wfr job --plan 12ab --array 01-a \"$@\"\n";

}  // namespace

TEST_CASE("indices are read as Slurm reads them") {
  const auto spec = parse_array_spec("0-3,4,7,9-12%8");
  REQUIRE(spec);
  CHECK(spec->indices == std::vector<wfr::Range>{{0, 5}, {7, 8}, {9, 13}});
  CHECK(spec->limit == 8);
  CHECK(parse_array_spec("0")->indices == std::vector<wfr::Range>{{0, 1}});
  for (const char* wrong : {"",
                            "1-",
                            "-1",
                            "3-1",
                            "1,1",
                            "5,3",
                            "0-3:2",
                            "a",
                            "1,",
                            ",1",
                            "1%",
                            "1%0",
                            "1%x",
                            "01",
                            "1 ",
                            "4294967295",
                            "0-99999999999",
                            "1%2%3",
                            "1--2"}) {
    INFO(wrong);
    CHECK_FALSE(parse_array_spec(wrong).has_value());
  }
}

TEST_CASE("words of a simple command") {
  CHECK(words_of("job a 'b c' d\\'e 'it'\\''s' # comment") ==
        Words{"job", "a", "b c", "d'e", "it's"});
  CHECK(words_of("exec x \"$@\"") == Words{"exec", "x", "\"$@\""});
  CHECK(words_of("a 'two\nlines'\nb") == Words{"a", "two\nlines"});
  for (const char* wrong :
       {"a $b", "a \"b\"", "a; b", "a | b", "a && b", "a `b`", "a 'b", "a > b", "a (b)", "a *"}) {
    INFO(wrong);
    CHECK_FALSE(words_of(wrong).has_value());
  }
}

TEST_CASE("words of a #SBATCH line") {
  CHECK(sbatch_words(" --mail-user='a b' # no") == Words{"--mail-user=a b"});
  CHECK(sbatch_words(" --account=a\\ b\\#c") == Words{"--account=a b#c"});
  CHECK(sbatch_words(" -p \"x y\"") == Words{"-p", "x y"});
  CHECK_FALSE(sbatch_words(" --x='").has_value());
}

TEST_CASE("a script is its options and what it runs") {
  Sink sink;
  const auto parsed = script(
      "#SBATCH --array=0-3%2\n#SBATCH --mail-user='a b'\n#SBATCH --signal=B:USR1@120\n",
      "case \" $* \" in *' --table '*) ;; *) set -- --table plan/x.u32 \"$@\" ;; esac\n" + kRunLine,
      sink);
  REQUIRE(parsed);
  CHECK(parsed->array->indices == std::vector<wfr::Range>{{0, 4}});
  CHECK(parsed->array->limit == 2);
  CHECK(parsed->options.at("mail-user").value == "a b");
  CHECK(parsed->table == "plan/x.u32");
  CHECK(parsed->runs == Runs::Array);
  CHECK(parsed->target == "01-a");
  CHECK(parsed->plan == "12ab");
  CHECK(parsed->array_line().line == 3);
  const auto finalizer =
      script("", "exec bin/wfr job --plan 1 --finalizer 'take it' \"$@\"\n", sink);
  REQUIRE(finalizer);
  CHECK(finalizer->runs == Runs::Finalizer);
  CHECK(finalizer->target == "take it");
  REQUIRE(script("", "exec bin/wfr verdict --plan 1 \"$@\"\n", sink));
}

TEST_CASE("what a value of `env` says is no command") {
  Sink sink;
  const std::string value = "export \\\n  A=b \\\n  NOTE='a\n#SBATCH --qos=x\nexec bin/wfr b'\n";
  const auto parsed = script("", value + kRunLine, sink);
  REQUIRE(parsed);
  CHECK(parsed->options.count("qos") == 0);
  CHECK(parsed->plan == "12ab");
  CHECK_FALSE(script("", value, sink).has_value());
}

TEST_CASE("what a script must not hold is refused") {
  for (const char* options : {"#SBATCH --dependency=afterok:1\n",
                              "#SBATCH --depend=afterok:1\n",
                              "#SBATCH --dependency afterok:1\n",
                              "#SBATCH -d afterok:1\n",
                              "#SBATCH -dafterok:1\n",
                              "#SBATCH --hold\n",
                              "#SBATCH --kill-on-invalid-dep=no\n",
                              "#SBATCH --uid=root\n",
                              "#SBATCH --time-min=1\n",
                              "#SBATCH --array=0\n#SBATCH --array=1\n",
                              "#SBATCH --arr=0\n",
                              "#SBATCH -a 0-1\n",
                              "#SBATCH --requeue --hold\n",
                              "#SBATCH --output=x --error=y\n",
                              "#SBATCH --error=y\n",
                              "#SBATCH -ey\n",
                              "#SBATCH --uid=0\n",
                              "#SBATCH --gid 0\n",
                              "#SBATCH --export-file=y\n",
                              "#SBATCH --wrap=id\n",
                              "#SBATCH --account='x\n",
                              "#SBATCH\n",
                              "#SBATCHX\n",
                              "#SBATCH word\n",
                              "#SBATCH --array=\n"}) {
    INFO(options);
    Sink sink;
    CHECK_FALSE(script(options, kRunLine, sink).has_value());
    CHECK(sink.has_errors());
  }
  for (const std::string& body : {std::string(),
                                  std::string("true\n"),
                                  "#SBATCH --qos=x\n" + kRunLine,
                                  kRunLine + "true\n",
                                  kRunLine + kRunLine,
                                  kRunLine.substr(0, kRunLine.size() - 1),
                                  "if true; then\n  " + kRunLine,
                                  std::string("exec bin/wfr job --plan 1 \"$@\"\n")}) {
    INFO(body);
    Sink sink;
    CHECK_FALSE(script("", body, sink).has_value());
    CHECK(sink.has_errors());
  }
}

namespace {

const std::string kTable =
    "#!/bin/bash\n# What it is.\n\nreadonly plan=12ab workflow=w\nreadonly verdict=02-verdict\n"
    "names=() elements=() places=() waits=()\njob() {\n"
    "  names+=(\"$1\") elements+=(\"$2\") places+=(\"$3\")\n  shift 3\n  waits+=(\"$*\")\n}\n"
    "job 01-a 3 w.toml:1\njob 02-verdict 1 verdict afterany:01-a\n";
const std::string kHandOver = R"sh(# The rest.
self=${BASH_SOURCE[0]}
real=$(readlink -f -- "$self") || exit 1
checked=
case " $* " in *" --cancel "* | *" --help "*) checked='  \(submit\.sh\|bin/.*\)$' ;; esac
(cd -- "${real%/*}" && grep -e "$checked" -- "plan/$plan/manifest.sha256" | sha256sum --check --quiet --strict) >&2 || {
  printf '%s\n' "submit.sh: files were changed after \`wfc compile\` (above): make changes in the workflow, and compile it again" >&2
  exit 1
}
# shellcheck source=bin/submit
. "${real%/*}/bin/submit"
)sh";

bool submit_is_read(const std::string& text) {
  Sink sink;
  Report report(sink, VerifyWhen::Later);
  const Source file = source(text);
  report.keep_alive(file);
  const bool read = parse_submit(file, report).has_value();
  CHECK(read != sink.has_errors());
  return read;
}

bool program_is_good(const std::string& text) {
  Sink sink;
  Report report(sink, VerifyWhen::Later);
  const Source file = source(text);
  report.keep_alive(file);
  const bool good = check_program(file, report);
  CHECK(good != sink.has_errors());
  return good;
}

}  // namespace

TEST_CASE("of submit.sh every line is understood") {
  CHECK(submit_is_read(kTable + kHandOver));
  for (const std::string& line : {std::string("self=${BASH_SOURCE[0]}\n"),
                                  std::string("real=$(readlink -f -- \"$self\") || exit 1\n"),
                                  std::string(". \"${real%/*}/bin/submit\"\n")}) {
    INFO(line);
    std::string without = kTable + kHandOver;
    without.erase(without.find(line), line.size());
    CHECK_FALSE(submit_is_read(without));
    CHECK_FALSE(submit_is_read(kTable + kHandOver + line));
  }
  CHECK_FALSE(submit_is_read(kTable));
  CHECK_FALSE(submit_is_read(kTable + "exit 0\n" + kHandOver));
  CHECK_FALSE(submit_is_read(kTable + kHandOver + "exit 0\n"));
  CHECK_FALSE(submit_is_read(kTable + kHandOver.substr(0, kHandOver.size() - 1)));
  CHECK_FALSE(submit_is_read(""));
  CHECK_FALSE(submit_is_read("#!/bin/bash\n"));
}

TEST_CASE("of the program that submits, what kills a job that nothing can start is looked for") {
  const std::string kills = "  command+=(\"--dependency=$dependency\" --kill-on-invalid-dep=yes)\n";
  CHECK(program_is_good("#!/bin/bash\n" + kills + "main \"$@\"\n"));
  CHECK_FALSE(program_is_good("#!/bin/bash\n  #" + kills + "main \"$@\"\n"));
  CHECK_FALSE(program_is_good("#!/bin/bash\nmain \"$@\"\n"));
  CHECK_FALSE(program_is_good("#!/bin/bash\n" + kills));
  CHECK_FALSE(program_is_good("#!/bin/bash\n" + kills + "main \"$@\""));
  CHECK_FALSE(program_is_good("#!/bin/sh\n" + kills + "main \"$@\"\n"));
  CHECK_FALSE(program_is_good(""));
  CHECK_FALSE(program_is_good("#!/bin/bash\n\n\n"));
}

TEST_CASE("a signal needs a shell that survives it") {
  Sink sink;
  Report report(sink, VerifyWhen::Later);
  const Source file = source("#!/bin/bash\n#SBATCH --signal=B:USR1@120\n" + kRunLine);
  report.keep_alive(file);
  CHECK_FALSE(parse_script(file, "01-a", report).has_value());
  CHECK(sink.all().front().span.line == 2);
}

}  // namespace wfc::readback
