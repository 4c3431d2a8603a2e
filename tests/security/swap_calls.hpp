// The system calls that take a path, as a tracer sees them.
#pragma once

#include <string>

#include <sys/types.h>

namespace swapping {

struct Call {
  pid_t pid = 0;
  const char* name = "";
  std::string path;  // absolute, without links resolved; "" when there is none
};

[[noreturn]] void die(const char* what);
// Of this process and all that it starts: each such call is reported to the tracer.
void install_filter();
// The call in which a thread was stopped. `second`: of two paths the other one.
Call read_call(pid_t pid, bool second);
// Where a link leads; "" when it cannot be read.
std::string link_text(const std::string& path);

}  // namespace swapping
