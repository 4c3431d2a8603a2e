// How many descriptors this process may have open, and how many its commands.
#pragma once

#include <sys/resource.h>

namespace wfr {

// Raises the soft limit to the hard one. Before any thread is started; a second call does nothing.
void raise_descriptor_limit();
// The soft limit now; at most INT_MAX.
int descriptor_limit();
// The limit that this process began with: for the commands, since there are programs that select()
// over descriptors and end badly above 1023.
rlimit limit_of_commands();

}  // namespace wfr
