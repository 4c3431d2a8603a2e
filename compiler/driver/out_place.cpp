// Physical paths are compared: a place has many names.
#include "compiler/driver/out_place.hpp"

#include "compiler/driver/out_owner.hpp"
#include "compiler/tree/level_builder.hpp"
#include "compiler/tree/paths.hpp"
#include "compiler/tree/visible.hpp"

#include <cstdlib>
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

// A directory of a level.
struct Taken {
  LevelId level = wfr::kRootLevel;
  std::string name;         // its own
  bool by_pattern = false;  // it is not among the data, but a later compile would take it for one
};

// The level of a directory that is not among the data below `node`, if it were made there.
std::optional<LevelId> pattern_of(const Compiled& compiled, Node node, const std::string& name) {
  for (const wfr::ChildRanges& children : compiled.plan.graph.tree.level(node.level).children) {
    const LevelDef& level = compiled.front.workflow.level(children.child);
    if (level.source != LevelSource::Match || level.made_by) continue;
    const NameFilter filter(level);
    if (filter.matched(name) && !filter.trimmed(name)) return children.child;
  }
  return std::nullopt;
}

// What levels say of the path `below` the data root. `out` right in it, which bears wfc's mark or
// will bear it, is no data for any compile.
std::optional<Taken> taken_by(const Compiled& compiled, const fs::path& below) {
  const bool standing =
      below == "out" || (*below.begin() == "out" && has_mark(compiled.front.root / "out"));
  Node node;
  for (const fs::path& name : below) {
    if (const auto child = child_of(compiled.plan.graph.tree, node, name.native())) {
      node = *child;
      continue;
    }
    if (standing && node.level == wfr::kRootLevel) return std::nullopt;
    const std::optional<LevelId> level = pattern_of(compiled, node, name.native());
    return level ? std::optional(Taken{*level, name.native(), true}) : std::nullopt;
  }
  return Taken{node.level, below.filename().native(), false};
}

struct Problem {
  std::string text;  // "" for none
  std::string help = "name a directory that is new or empty with `--out`";
};

Problem data_problem(const LevelDef& level, const Taken& taken, bool foreign) {
  if (foreign || !taken.by_pattern) {
    return {fmt::format("it is a directory of level `{}`", level.name)};
  }
  return {
      fmt::format("level `{}` with `match = \"{}\"` would take `{}` for data",
                  level.name,
                  visible(level.match),
                  visible(taken.name)),
      "put it outside the data root, call it `out` right in the data root, or choose a name that "
      "the level does not match"};
}

// What is wrong with the place.
Problem problem_of(const Compiled& compiled, const fs::path& out) {
  const fs::path place = physical_path(out);
  if (place == place.root_path()) return {"it is the root of the file system"};
  if (is_home(place)) return {"it is a home directory"};
  const fs::path root = physical_path(compiled.front.root);
  std::error_code error;
  if (place == root || fs::equivalent(place, root, error)) return {"it is the data root"};
  // What has lost its mark is known by its plans.
  const bool known = has_mark(out) || holds_a_plan(place);
  const bool foreign = fs::is_directory(place, error) && !known;
  const fs::path below = place.lexically_relative(root);
  if (!below.empty() && *below.begin() != "..") {
    if (const auto taken = taken_by(compiled, below)) {
      return data_problem(compiled.front.workflow.level(taken->level), *taken, foreign);
    }
  }
  if (foreign && !holds_nothing(out)) return {"it is not empty, and wfc has not made it"};
  return {};
}

}  // namespace

bool may_be_out(const Compiled& compiled, const fs::path& out, Sink& sink) {
  const Problem problem = problem_of(compiled, out);
  if (problem.text.empty()) return true;
  sink.report(
      Kind::CannotWrite, {}, "cannot write `" + out.string() + "`: " + problem.text, problem.help);
  return false;
}

}  // namespace wfc
