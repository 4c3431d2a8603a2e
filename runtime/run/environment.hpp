// The environment of a step's commands: modules, conda, setup and variables, prepared once for all
// steps that ask for the same.
#pragma once

#include "runtime/plan/step.hpp"
#include "runtime/run/process.hpp"
#include "runtime/run/shell_settings.hpp"

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace wfr {

// what(): the reason, in the first line, and the end of what bash said.
class PreparationError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct PreparedEnvironment {
  Environment variables;
  ShellSettings settings;  // of `setup`
  std::string
      error;  // why it could not be prepared, with the end of what bash said; "" when it could
};

class Environments {
 public:
  // `prepare`: false where the job's script has loaded modules and the like already.
  explicit Environments(bool prepare);
  // Is told, once for each environment, of a TMPDIR that had to be replaced.
  void warn_by(std::function<void(const std::string&)> warn) { warn_ = std::move(warn); }
  // Stays valid as long as this object. `secret`: without what makes bash show or hand on the
  // variables of a command (xtrace, allexport), or run something before it.
  const PreparedEnvironment& of(const EnvironmentSpec& spec, bool secret);

 private:
  struct Entry {
    EnvironmentSpec spec;
    bool secret = false;
    PreparedEnvironment prepared;
  };
  void mend_tmpdir(Environment& variables) const;

  bool prepare_;
  std::function<void(const std::string&)> warn_;
  Environment base_;
  std::vector<std::unique_ptr<Entry>> entries_;
};

// "the environment could not be prepared: `module load x` failed (exit status 1)".
std::string unprepared_text(const std::string& reason);

// The bash source that prepares: for the local runner, and for a test that reads it.
std::string preparation_script(const EnvironmentSpec& spec);

}  // namespace wfr
