// OutputTree -> disk: each file by a temporary sibling and a rename, submit.sh last.
#pragma once

#include "compiler/driver/compile.hpp"

#include <filesystem>

namespace wfc {

// Writes plan/<hash>/ first, then bin/ and lib/ (wfr, wfc, the kernels used and their libraries),
// then jobs/ and submit.sh. Files with the same bytes are left alone; scripts of an earlier plan
// that are no longer made are removed; state/ and logs/ are never touched. The directory becomes
// this workflow's (see out_owner.hpp). Errors are reported, not thrown.
bool write_output(const Compiled& compiled, const std::filesystem::path& out, Sink& sink);
// Only plan/<hash>/: for commands that change the state, not the scripts.
bool write_plan(const Compiled& compiled, const std::filesystem::path& out, Sink& sink);
// When it has become the plan in use: who removes old plans may have taken it for one before.
bool keep_plan(const Compiled& compiled, const std::filesystem::path& out, Sink& sink);

}  // namespace wfc
