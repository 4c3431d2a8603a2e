// Workflow texts with random mistakes: the front end never crashes, and what it reports can be
// drawn.
#include "tests/unit/workflow/resolve_text.hpp"

#include <random>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

namespace wfc {
namespace {

const char* const kSeedText = R"([workflow]
name = "t"
root = "."
[params]
flag = true
rate = 1000
[[level]]
name = "session"
match = "session*"
[[level]]
name = "array"
made_by = "split"
[[level]]
name = "channel"
match = "/c[0-9]+/"
made_by = "split"
[[level]]
name = "alpha"
under = "session"
values = ["a{01..12}", "b"]
[defaults]
time = "1h30m"
mem = "4G"
[[step]]
name = "split"
each = "session"
kernel = "nsx.split"
inputs = ["*.ns5"]
outputs = ["{array}/{channel}/raw.h5"]
[[step]]
name = "low"
each = "channel"
inputs = ["raw.h5"]
kernel = "signal.lowpass"
params = { rate = "{params.rate}", order = 4 }
outputs = ["low.h5"]
[[step]]
name = "gather"
when = "{params.flag}"
each = "session"
where = { session = "s0*" }
needs = ["low?", { step = "split", via = "root" }]
run = """awk '{print $1}' {needs.low.list} "${X:-1}" > {outputs.table} # {{x}}"""
outputs = { table = "{session}.csv" }
retry = { times = 2, on = ["oom"] }
[site.x]
memory = "mem"
limits = { max_time = "7d" }
)";

// Deletes, repeats, moves or changes a few bytes or lines.
std::string mutate(std::string text, std::mt19937& random) {
  const auto below = [&random](std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit == 0 ? 0 : limit - 1)(random);
  };
  const std::vector<std::string> pieces = {"\"",     "'",    "{",          "}",
                                           "[",      "]",    "\n",         "=",
                                           ".",      ",",    "#",          "\\",
                                           "\xff",   "\xc3", "{session}",  "{params.flag}",
                                           "0",      "-",    "[[step]]\n", "name = \"low\"\n",
                                           "\"\"\"", "..",   "/",          "*"};
  const std::size_t changes = 1 + below(4);
  for (std::size_t i = 0; i < changes; ++i) {
    const std::size_t at = below(text.size());
    const std::size_t length = std::min(1 + below(12), text.size() - at);
    switch (below(4)) {
      case 0:
        text.erase(at, length);
        break;
      case 1:
        text.insert(at, pieces[below(pieces.size())]);
        break;
      case 2:
        text.insert(below(text.size()), text.substr(at, length));
        break;
      default: {
        const std::size_t line = text.find('\n', at);
        if (line != std::string::npos) {
          const std::size_t end = std::min(text.find('\n', line + 1), text.size() - 1);
          text.erase(line, end - line);
        }
        break;
      }
    }
    if (text.empty()) break;
  }
  return text;
}

TEST_CASE("the text that is mutated is itself without errors") {
  const Resolved file = resolve_text(std::string(kSeedText));
  CHECK(file.text().empty());
}

TEST_CASE("a mistake gives a diagnostic that can be drawn, never a crash") {
  constexpr unsigned kSeed = 20181105;
  constexpr int kRounds = 3000;
  std::mt19937 random(kSeed);
  std::size_t refused = 0;
  for (int round = 0; round < kRounds; ++round) {
    const Resolved file = resolve_text(mutate(kSeedText, random));
    const std::string drawn = file.text();
    for (const Diagnostic& diagnostic : file.sink.all()) {
      if (!diagnostic.message.empty()) continue;
      FAIL("an empty message in:\n" << file.source->text);
    }
    if (!nlohmann::json::accept(render_json(file.sink)))
      FAIL("not JSON for:\n" << file.source->text);
    if (file.sink.has_errors()) {
      ++refused;
      if (drawn.find("error[WFC") == std::string::npos) FAIL("not drawn:\n" << drawn);
    } else if (file.workflow.order.size() > file.workflow.steps.size()) {
      FAIL("more steps in order than there are");
    }
  }
  // Nearly every mistake must be found; comments and texts may change without one.
  CHECK(refused > kRounds / 2);
}

}  // namespace
}  // namespace wfc
