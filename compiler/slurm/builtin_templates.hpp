// The templates and site profiles that are part of the binary; made from templates/ by CMake.
#pragma once

#include <span>
#include <string_view>

namespace wfc {

struct BuiltinFile {
  std::string_view name;  // "job.sbatch", "submit.sh"; of a site: "hpc2n.toml"
  std::string_view text;
};

std::span<const BuiltinFile> builtin_templates();
std::span<const BuiltinFile> builtin_sites();  // sorted by name; each holds one [site.NAME] table
// std::out_of_range when there is none of that name.
std::string_view builtin_template(std::string_view name);

}  // namespace wfc
