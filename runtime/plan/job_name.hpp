// What a job of a workflow is called in Slurm's queue.
#pragma once

#include <string>
#include <string_view>

namespace wfr {

// "small.split" for the script "02-split" of workflow "small": letters, digits, `_`, `-` and `.`,
// every run of other characters as one `_`, and long names cut, so that it is readable in `squeue`
// and needs no quotes. What chunks and passes add (".1", ".pass2") is kept whole.
std::string job_name(std::string_view workflow, std::string_view script);

}  // namespace wfr
