// `wfr kernel [NAME --param k=v ... --input F ... --output F ...]`: one kernel, by hand.
#pragma once

#include <span>
#include <string>

namespace wfr {

// `arguments`: the words after `kernel`. Prints on stdout and stderr; returns the exit status: 0
// done, 1 the kernel or its parameters failed, 2 the command line is wrong.
int kernel_command(std::span<const std::string> arguments);

}  // namespace wfr
