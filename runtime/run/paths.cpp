// Paths of data, as bytes.
#include "runtime/run/paths.hpp"

#include "runtime/plan/expand.hpp"
#include "runtime/run/hash.hpp"

#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace wfr {

std::string below(const std::string& root, std::string_view path) {
  if (!path.empty() && path.front() == '/') return std::string(path);
  if (path.empty() || path == ".") return root;
  std::string whole = root;
  if (whole.empty() || whole.back() != '/') whole += '/';
  whole += path;
  while (whole.size() > 1 && whole.back() == '/') whole.pop_back();
  return whole;
}

std::string parent_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string base_name(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

std::string seen_from(const std::string& directory, const std::string& path) {
  const bool inside = path.size() > directory.size() + 1 &&
                      path.compare(0, directory.size(), directory) == 0 &&
                      path[directory.size()] == '/';
  if (!inside) return path;
  std::string relative = path.substr(directory.size() + 1);
  return relative.front() == '-' ? "./" + relative : relative;
}

std::string escape_glob(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '*' || c == '?' || c == '[' || c == ']' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::optional<std::string> literal_of(std::string_view pattern) {
  std::string literal;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '*' || c == '?' || c == '[') return std::nullopt;
    if (c == '\\' && i + 1 < pattern.size()) ++i;
    literal += pattern[i];
  }
  return literal;
}

std::vector<std::string> matches(const std::string& pattern) {
  return resolve_glob("/", pattern);
}

std::string task_tag(const Plan& plan, Task task) {
  return to_hex(Hasher().add(task_name(plan, task)).digest()).substr(0, 16);
}

std::string failed_place(const std::string& directory, const Plan& plan, Task task) {
  std::string name = task_name(plan, task);
  const std::size_t colon = name.find(':');
  if (colon != std::string::npos) name[colon] = '/';
  return directory + "/" + name;
}

std::string make_scratch(const std::string& base) {
  std::string path = base + "-XXXXXX";
  if (mkdtemp(path.data()) != nullptr) return path;
  throw std::system_error(
      errno, std::generic_category(), "cannot make the scratch directory `" + base + "-XXXXXX`");
}

}  // namespace wfr
