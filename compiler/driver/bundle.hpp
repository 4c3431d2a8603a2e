// What the out directory carries so that a node needs nothing installed: wfr, wfc, the kernels
// used, and the libraries of all of them but glibc's.
#pragma once

#include "runtime/plan/plan.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace wfc {

struct BundleFile {
  std::filesystem::path source;
  std::string place;  // relative to the out directory: "bin/wfr", "lib/libhdf5_serial.so.103"
  bool executable = false;
};

// Sorted by place. Throws std::runtime_error or wfr::KernelError that names what is not there.
std::vector<BundleFile> bundle_files(const wfr::Plan& plan);

// Copies one file by a temporary sibling and a rename (sharing its blocks where the file system
// can). Nobody else may write to the copy. One with the same bytes is left alone. Throws
// std::system_error.
void copy_into(const BundleFile& file, const std::filesystem::path& out);

}  // namespace wfc
