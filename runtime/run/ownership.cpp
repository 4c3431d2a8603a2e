// Lists of records, and the paths in them.
#include "runtime/run/ownership.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace wfr {

std::vector<std::string> owned_paths(LogReader& records, const Slot& slot) {
  std::optional<Record> record = records.read(slot);
  if (!record) return {};
  return std::move(record->owned);
}

std::string owned_name(const std::string& directory, const std::string& path) {
  const bool inside = path.size() > directory.size() + 1 &&
                      path.compare(0, directory.size(), directory) == 0 &&
                      path[directory.size()] == '/';
  return inside ? path.substr(directory.size() + 1) : path;
}

std::vector<std::string> owned_names(const std::string& directory,
                                     const std::vector<std::string>& paths) {
  std::vector<std::string> names;
  names.reserve(paths.size());
  for (const std::string& path : paths) names.push_back(owned_name(directory, path));
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace wfr
