// One emitted job script, read back: its options, and the line that runs wfr.
#pragma once

#include "compiler/slurm/verify_text.hpp"
#include "runtime/plan/ids.hpp"

#include <map>
#include <string>
#include <vector>

namespace wfc::readback {

// What follows --array=: "0-3,7%2".
struct ArraySpec {
  std::vector<wfr::Range> indices;  // ascending, none twice
  std::uint32_t limit = 0;          // 0: none
};
std::optional<ArraySpec> parse_array_spec(std::string_view text);

enum class Runs { Array, Finalizer, Verdict };

struct Script {
  Source source;
  std::string name;  // the file's stem
  struct Option {
    std::string value;
    Span span;
  };
  std::map<std::string, Option> options;  // by long name, without dashes
  std::optional<ArraySpec> array;
  std::string table;  // place of the index table; "" for none
  Runs runs = Runs::Array;
  bool whole_node = false;  // the tasks share all of an exclusive node
  std::string target;       // the array's or the finalizer's name
  std::string plan;         // the hash
  Span run_line;            // where it runs wfr
  Span table_line;
  [[nodiscard]] Span array_line() const {
    const auto option = options.find("array");
    return option == options.end() ? run_line : option->second.span;
  }
};

// Everything that bears on which tasks run when must be understood; what prepares the environment
// (modules, variables, `setup`) is not looked at. nullopt after errors.
std::optional<Script> parse_script(const Source& source, const std::string& name, Report& report);

}  // namespace wfc::readback
