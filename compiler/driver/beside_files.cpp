// What lies beside a workflow file.
#include "compiler/driver/beside_files.hpp"

#include "runtime/plan/expand.hpp"

#include <algorithm>

namespace wfc {

namespace fs = std::filesystem;

std::vector<BesideFile> find_beside(const fs::path& directory,
                                    const std::string& path,
                                    bool pattern) {
  const fs::path base = directory.empty() ? fs::path(".") : directory;
  fs::path name(path);
  if (name.is_absolute() && !pattern) {
    name = name.lexically_normal().lexically_relative(fs::absolute(base).lexically_normal());
    if (name.empty() || *name.begin() == "..") return {};
  }
  const std::vector<std::string> names =
      pattern ? wfr::resolve_glob(base, path) : std::vector<std::string>{name.string()};
  std::vector<BesideFile> found;
  for (const std::string& one : names) {
    std::error_code error;
    const fs::file_status status = fs::status(base / one, error);
    const bool special = !fs::is_regular_file(status) && !fs::is_directory(status);
    if (fs::exists(status) && !special) found.push_back({one, fs::is_directory(status)});
  }
  // A pattern may match directories too, which do not count.
  if (pattern) {
    found.erase(
        std::remove_if(found.begin(), found.end(), [](const auto& one) { return one.directory; }),
        found.end());
  }
  return found;
}

}  // namespace wfc
