// wfc explain CODE: the page of a diagnostic, from docs/reference/diagnostics.
#include "compiler/diagnostics/explain.hpp"

#include "compiler/commands/command.hpp"
#include "runtime/plan/visible.hpp"

#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace wfc {
namespace {

int list_all() {
  for (const KindInfo& info : all_kinds()) {
    std::cout << fmt::format("{}  {}\n", kind_code(info.kind), info.title);
  }
  return 0;
}

int explain(const std::string& code) {
  const std::optional<Kind> kind = parse_kind(code);
  if (!kind) {
    std::vector<std::string> codes;
    for (const KindInfo& info : all_kinds()) codes.push_back(kind_code(info.kind));
    const std::string near = did_you_mean(code, codes);
    std::cerr << fmt::format("wfc: error: there is no diagnostic `{}`\n  help: {}\n",
                             wfr::visible_text(code),
                             near.empty() ? "`wfc explain` lists them" : near);
    return 1;
  }
  std::cout << explanation(*kind);
  return 0;
}

}  // namespace

void add_explain(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("explain", "explain an error code");
  auto code = std::make_shared<std::string>();
  command->add_option(
      "code", *code, "the code, such as WFC2001; all codes are listed when left out");
  command->callback(
      [code, &action] { action = [code] { return code->empty() ? list_all() : explain(*code); }; });
}

}  // namespace wfc
