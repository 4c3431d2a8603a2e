// Ways to break an out directory.
#pragma once

#include "runtime/plan/plan.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace wfc::test {

// Contents by place in the out directory.
using Files = std::map<std::string, std::string>;

struct Mutant {
  std::string what;
  Files files;
  bool of_order = false;  // may be harmless: an execution tells
};

// Edits of the files as they lie there: each makes them wrong, whatever the workflow.
std::vector<Mutant> text_mutants(const Files& files);

// Edits of dependencies, indices and blocks that plan, scripts and submit.sh agree on, so that only
// a proof can tell; some of them are harmless.
std::vector<Mutant> consistent_mutants(const Files& files);

// The plan's hash, as submit.sh names it.
std::string plan_hash(const Files& files);

}  // namespace wfc::test
