// The environment of a step's commands: modules, conda, setup and variables, prepared once for all
// steps that ask for the same.
#pragma once

#include "runtime/plan/step.hpp"
#include "runtime/run/process.hpp"

#include <memory>
#include <string>
#include <vector>

namespace wfr {

struct PreparedEnvironment {
  Environment variables;
  std::string
      error;  // why it could not be prepared, with the end of what bash said; "" when it could
};

class Environments {
 public:
  // `prepare`: false where the job's script has loaded modules and the like already.
  explicit Environments(bool prepare);
  // Stays valid as long as this object.
  const PreparedEnvironment& of(const EnvironmentSpec& spec);

 private:
  struct Entry {
    EnvironmentSpec spec;
    PreparedEnvironment prepared;
  };
  bool prepare_;
  Environment base_;
  std::vector<std::unique_ptr<Entry>> entries_;
};

// The bash source that prepares: for the local runner, and for a test that reads it.
std::string preparation_script(const EnvironmentSpec& spec);

}  // namespace wfr
