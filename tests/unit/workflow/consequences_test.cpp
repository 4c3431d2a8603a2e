// One mistake gives one error: what a wrong name leads to is not reported as well.
#include "tests/unit/workflow/resolve_text.hpp"

#include <catch2/catch.hpp>

namespace wfc {
namespace {

const char* const kSheet = "id,subject,raw,dose\ns1,p1,s1.dat,3\n";
const char* const kText = R"([workflow]
name = "t"
[params]
rate = 1000
flag = true
[[level]]
name = "subject"
match = "p*"
[[level]]
name = "sample"
file = "samples.csv"
column = "id"
[[step]]
name = "split"
each = "sample"
inputs = ["{sample.raw}"]
run = "cut {sample.dose} {params.rate} {inputs} {subject} > {outputs.table}; touch {outputs.log}"
outputs = { table = "{sample}.csv", log = "{sample.dose}" }
where = { sample.dose = "3", subject = "p*" }
[[step]]
name = "join"
each = "subject"
when = "{params.flag}"
needs = ["split"]
run = "cat {needs.split.table} {needs.split.log} > {outputs}"
outputs = ["{subject}"]
[[step]]
name = "plot"
needs = [{ step = "join", via = "root" }]
inputs = ["style.txt"]
argv = ["plot", "{inputs}", "{needs.join}", "{outputs}"]
outputs = ["plot.svg"]
job = "root"
)";

Resolved resolve_with_sheet(std::string text, const char* sheet) {
  ResolveOptions options;
  options.read_sheet = [sheet](const std::string& path, std::string& why) {
    why = "it is not there";
    return path == "samples.csv" ? std::optional<std::string>(sheet) : std::nullopt;
  };
  return resolve_text(std::move(text), options);
}

struct Mistake {
  const char* written;
  const char* wrong;
  Kind kind;
};

}  // namespace

TEST_CASE("the text with the mistakes is itself without errors") {
  CHECK(resolve_with_sheet(kText, kSheet).text().empty());
}

TEST_CASE("one mistake gives one error") {
  const Mistake mistake = GENERATE(
      // References.
      Mistake{"[\"{sample.raw}\"]", "[\"{sample.rwa}\"]", Kind::UnknownColumn},
      Mistake{"[\"{sample.raw}\"]", "[\"{sampel.raw}\"]", Kind::UnknownPlaceholder},
      Mistake{"[\"{sample.raw}\"]", "[\"{params.raw}\"]", Kind::UnknownParam},
      Mistake{"log = \"{sample.dose}\"", "log = \"{sample.does}\"", Kind::UnknownColumn},
      Mistake{"[\"{subject}\"]", "[\"{subjet}\"]", Kind::UnknownPlaceholder},
      Mistake{"[\"{subject}\"]", "[\"{params.x}/\"]", Kind::UnknownParam},
      Mistake{"cut {sample.dose}", "cut {sample.quantity}", Kind::UnknownColumn},
      Mistake{"{params.rate}", "{params.rat}", Kind::UnknownParam},
      Mistake{"{outputs.table}", "{outputs.tabel}", Kind::UnknownOutput},
      Mistake{"{needs.split.table}", "{needs.split.tabel}", Kind::UnknownOutput},
      Mistake{"sample.dose = \"3\"", "sample.quantity = \"3\"", Kind::UnknownColumn},
      Mistake{", subject = \"p*\"", ", subjet = \"p*\"", Kind::UnknownLevel},
      Mistake{"each = \"sample\"", "each = \"sampel\"", Kind::UnknownLevel},
      Mistake{"each = \"sample\"", "each = \"row\"", Kind::UnknownLevel},
      Mistake{"each = \"subject\"", "each = \"sub\"", Kind::UnknownLevel},
      Mistake{"needs = [\"split\"]", "needs = [\"splitt\"]", Kind::UnknownStep},
      Mistake{"needs = [\"split\"]", "needs = [\"other\"]", Kind::UnknownStep},
      Mistake{"step = \"join\"", "step = \"joint\"", Kind::UnknownStep},
      Mistake{"via = \"root\"", "via = \"roots\"", Kind::UnknownLevel},
      Mistake{"job = \"root\"", "job = \"rooot\"", Kind::UnknownLevel},
      Mistake{"{params.flag}", "{params.flog}", Kind::UnknownParam},
      // Definitions that cannot be used: what names them is right.
      Mistake{"name = \"sample\"\n", "name = \"sam ple\"\n", Kind::BadName},
      Mistake{"name = \"sample\"\n", "", Kind::MissingKey},
      Mistake{"name = \"split\"\n", "", Kind::MissingKey},
      Mistake{"rate = 1000", "rate = [1000]", Kind::WrongType},
      Mistake{"\"samples.csv\"", "\"nowhere.csv\"", Kind::CannotRead},
      Mistake{"column = \"id\"", "column = \"di\"", Kind::UnknownColumn},
      Mistake{"file = \"samples.csv\"",
              "file = \"samples.csv\"\nmatch = \"s*\"",
              Kind::ConflictingKeys},
      // Values of the wrong type.
      Mistake{"[\"{sample.raw}\"]", "5", Kind::WrongType},
      Mistake{"[\"style.txt\"]", "5", Kind::WrongType},
      Mistake{"[\"plot.svg\"]", "5", Kind::WrongType},
      Mistake{"[\"{subject}\"]", "true", Kind::WrongType},
      Mistake{"needs = [\"split\"]", "needs = 5", Kind::WrongType},
      Mistake{"each = \"sample\"", "each = 5", Kind::WrongType});
  std::string text = kText;
  const std::size_t at = text.find(mistake.written);
  REQUIRE(at != std::string::npos);
  text.replace(at, std::string_view(mistake.written).size(), mistake.wrong);
  const Resolved file = resolve_with_sheet(text, kSheet);
  INFO(mistake.written << " -> " << mistake.wrong << "\n" << file.text());
  CHECK(file.kinds() == std::vector<Kind>{mistake.kind});
}

TEST_CASE("a sheet that cannot be used says nothing of its columns") {
  for (const char* sheet :
       {"", "id,id,raw,dose\na,b,c,d\n", "id,subject,raw,dose\n", "id,raw\n\"x"}) {
    const Resolved file = resolve_with_sheet(kText, sheet);
    INFO(sheet << "\n" << file.text());
    CHECK(file.kinds() == std::vector<Kind>{Kind::BadSheet});
  }
}

}  // namespace wfc
