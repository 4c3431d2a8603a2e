// stderr and stdout for a static HDF5 inside a shared object: compiled for executables, it expects
// the two variables in its own image, where a shared object cannot have the C library's. See
// cmake/WfcHdf5.cmake.
#include <cstdio>

#include <dlfcn.h>

// The linker turns every `stderr` of the library into `__wrap_stderr` (--wrap).
// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming,cppcoreguidelines-*)
extern "C" {
__attribute__((visibility("hidden"))) std::FILE* __wrap_stderr = nullptr;
__attribute__((visibility("hidden"))) std::FILE* __wrap_stdout = nullptr;
}

namespace {

std::FILE* stream(const char* name) {
  void* place = ::dlsym(RTLD_DEFAULT, name);
  return place == nullptr ? nullptr : *static_cast<std::FILE**>(place);
}

// Before anything else of the library runs.
__attribute__((constructor(101))) void find_streams() {
  __wrap_stderr = stream("stderr");
  __wrap_stdout = stream("stdout");
}

}  // namespace
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming,cppcoreguidelines-*)
