// What a job of a workflow is called in Slurm's queue.
#pragma once

#include <string>
#include <string_view>

namespace wfr {

// "small.split" for the script "02-split" of workflow "small": letters, digits, `_`, `-` and `.`,
// every run of other characters as one `_`, and long names cut, so that it is readable in `squeue`
// and needs no quotes. A workflow whose name has letters outside ASCII gets six digits of a hash of
// it ("_-1a1bc0.split"), since such names may be alike without these letters. What chunks and
// passes add (".1", ".pass2") is kept whole.
std::string job_name(std::string_view workflow, std::string_view script);

}  // namespace wfr
