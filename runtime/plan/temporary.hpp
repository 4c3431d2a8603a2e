// The directory for temporary files, also when TMPDIR names one that cannot be used.
#pragma once

#include <string>

namespace wfr {

// Why nothing can be written in this directory, as "does not exist"; "" when it can.
std::string directory_problem(const std::string& path);

// $TMPDIR, or /tmp where it is not set, is empty or cannot be used. Absolute.
std::string temporary_directory();

// "TMPDIR `/x` does not exist: using `/tmp`", where /tmp stands for this value; "" when the value
// is good, or empty.
std::string tmpdir_warning(const std::string& value);

// Puts a value that can be used in the place of one that cannot, for this process and all that it
// starts; an empty one is removed. Says on stderr what it has done. Call it before any thread runs.
void mend_tmpdir(const char* program);

}  // namespace wfr
