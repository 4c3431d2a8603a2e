// The variables by which Slurm hands the options of a job on to the `srun` calls inside it.
#pragma once

#include <string>
#include <vector>

namespace wfc {

// Of the variables that a job's script removes because `srun` would take them for options, those
// that stay since the script asks for them: their names without `SLURM_`, in bytewise order.
// `options`: those of the script, as "--ntasks=4", "--hint nomultithread" or "-n4".
// From the man page of srun, INPUT ENVIRONMENT VARIABLES, versions 20.11 to 26.05.
std::vector<std::string> kept_srun_variables(const std::vector<std::string>& options);

}  // namespace wfc
