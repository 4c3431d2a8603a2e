// The text of resources.lock.toml, and what an older one has said.
#pragma once

#include "compiler/syntax/ast.hpp"
#include "compiler/tune/propose.hpp"
#include "compiler/workflow/workflow.hpp"

#include <map>
#include <string>

namespace wfc {

struct LockEntry {
  Proposal proposal;
  const StepUsage* usage = nullptr;  // nullptr: taken over from an older lock
};
using Lock = std::map<std::string, LockEntry>;

// What an older lock says of each step. Values that cannot be read are left out.
std::map<std::string, Proposal> read_proposals(const ast::Document& lock);

// The steps of the workflow, in its order: with what their tasks have used, else as the older lock
// had it; what is known of neither is not in it. Of steps that are gone nothing is kept.
Lock make_lock(const Workflow& workflow,
               const Usage& usage,
               const std::map<std::string, Proposal>& older);

// Same lock, same bytes: no date, no host.
std::string lock_text(const Workflow& workflow, const Lock& lock);

}  // namespace wfc
