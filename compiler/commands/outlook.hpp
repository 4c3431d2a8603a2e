// What `wfc run -n`, `plan`, `status` and `why` say of all tasks: each asks wfr::decide() here.
#pragma once

#include "runtime/run/decide.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace wfc {

// A plan, what is recorded of it, and what would run now.
class Outlook {
 public:
  // `out`: absolute; `state` may be a copy elsewhere. Shows its progress on a terminal.
  Outlook(const wfr::Plan& plan,
          std::filesystem::path out,
          wfr::StatePaths state,
          const wfr::DecideOptions& options);
  [[nodiscard]] const wfr::Decision& decision() const { return decision_; }
  [[nodiscard]] std::vector<std::string> reasons(wfr::Task task) const;
  // By step, how many would run and why the first of them would; then the sum and notes().
  [[nodiscard]] std::string text() const;
  // What was not looked at, and what might be accepted as it is. Whole lines, often none.
  [[nodiscard]] std::string notes() const;
  // decision_json().
  [[nodiscard]] std::string json() const;

 private:
  const wfr::Plan& plan_;
  std::filesystem::path out_;
  wfr::StatePaths state_;
  wfr::Decision decision_;
};

// --trust-records
CLI::Option* add_trust_option(CLI::App& command, bool& trust);

}  // namespace wfc
