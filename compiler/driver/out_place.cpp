// Physical paths are compared: a place has many names.
#include "compiler/driver/out_place.hpp"

#include "compiler/driver/out_owner.hpp"
#include "compiler/tree/level_builder.hpp"
#include "compiler/tree/paths.hpp"

#include <cstdlib>
#include <iterator>
#include <optional>
#include <string>
#include <system_error>

#include <fmt/format.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

namespace wfc {
namespace {

namespace fs = std::filesystem;

bool is_home_of(const passwd* user, const fs::path& place) {
  return user != nullptr && user->pw_dir != nullptr && physical_path(user->pw_dir) == place;
}

// Of whoever runs wfc, or of the directory's owner.
bool is_home(const fs::path& place) {
  const char* home = std::getenv("HOME");
  if (home != nullptr && *home != '\0' && physical_path(home) == place) return true;
  struct stat info {};
  return is_home_of(::getpwuid(::geteuid()), place) ||
         (::stat(place.c_str(), &info) == 0 && is_home_of(::getpwuid(info.st_uid), place));
}

// What the user did not put there: hidden files (as git's), and out directories of their own.
bool counts(const fs::directory_entry& entry) {
  return !entry.path().filename().string().starts_with('.') && !has_mark(entry.path());
}

bool holds_nothing(const fs::path& out) {
  std::error_code error;
  for (fs::directory_iterator entry(out, error), end; !error && entry != end;
       entry.increment(error)) {
    if (counts(*entry)) return false;
  }
  // Where it cannot be read, writing says why.
  return true;
}

// plan/HASH/plan.wfp, which only wfc makes.
bool holds_a_plan(const fs::path& place) {
  constexpr std::size_t kHash = 32;
  std::error_code error;
  for (fs::directory_iterator entry(place / "plan", error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    const bool hash =
        name.size() == kHash && name.find_first_not_of("0123456789abcdef") == std::string::npos;
    std::error_code ignored;
    if (hash && fs::is_regular_file(entry->path() / "plan.wfp", ignored)) return true;
  }
  return false;
}

struct Node {
  LevelId level = wfr::kRootLevel;
  wfr::Ordinal ordinal = 0;
};

std::optional<Node> child_of(const wfr::Tree& tree, Node node, const std::string& name) {
  for (const wfr::ChildRanges& children : tree.level(node.level).children) {
    const wfr::Names& names = tree.level(children.child).names;
    for (wfr::Ordinal i = children.begin[node.ordinal]; i < children.begin[node.ordinal + 1]; ++i) {
      if (names.at(i) == name) return Node{children.child, i};
    }
  }
  return std::nullopt;
}

// The level whose directory this is; `below` is the path from the data root. The scan leaves out
// the out directory: of one that wfc has not made (`new_here`) the levels say what it is. Not of
// `out`, which nobody calls data.
std::optional<LevelId> level_of(const Compiled& compiled, const fs::path& below, bool new_here) {
  Node node;
  for (auto name = below.begin(); name != below.end(); ++name) {
    if (const std::optional<Node> child =
            child_of(compiled.plan.graph.tree, node, name->native())) {
      node = *child;
      continue;
    }
    if (!new_here || std::next(name) != below.end() || *name == "out") return std::nullopt;
    for (const wfr::ChildRanges& children : compiled.plan.graph.tree.level(node.level).children) {
      const LevelDef& level = compiled.front.workflow.level(children.child);
      if (level.source != LevelSource::Match || level.made_by) continue;
      if (NameFilter(level).matched(name->native())) return children.child;
    }
    return std::nullopt;
  }
  return node.level;
}

// What is wrong with the place; "" for nothing.
std::string problem_of(const Compiled& compiled, const fs::path& out) {
  const fs::path place = physical_path(out);
  if (place == place.root_path()) return "it is the root of the file system";
  if (is_home(place)) return "it is a home directory";
  const fs::path root = physical_path(compiled.front.root);
  std::error_code error;
  if (place == root || fs::equivalent(place, root, error)) return "it is the data root";
  // What has lost its mark is known by its plans.
  const bool known = has_mark(out) || holds_a_plan(place);
  const bool foreign = fs::is_directory(place, error) && !known;
  const fs::path below = place.lexically_relative(root);
  if (!below.empty() && *below.begin() != "..") {
    if (const auto level = level_of(compiled, below, foreign)) {
      return fmt::format("it is a directory of level `{}`",
                         compiled.front.workflow.level(*level).name);
    }
  }
  if (foreign && !holds_nothing(out)) return "it is not empty, and wfc has not made it";
  return "";
}

}  // namespace

bool may_be_out(const Compiled& compiled, const fs::path& out, Sink& sink) {
  const std::string problem = problem_of(compiled, out);
  if (problem.empty()) return true;
  sink.report(Kind::CannotWrite,
              {},
              "cannot write `" + out.string() + "`: " + problem,
              "name a directory that is new or empty with `--out`");
  return false;
}

}  // namespace wfc
