// One rule for every place, by lstat().
#include "runtime/plan/own_out.hpp"

#include "runtime/files/holder.hpp"
#include "runtime/plan/expand.hpp"
#include "runtime/plan/visible.hpp"

#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace wfr {
namespace {

namespace fs = std::filesystem;

constexpr std::array<const char*, 5> kBelieved = {"bin", "jobs", "lib", "plan", "state"};

class Look {
 public:
  Look(const fs::path& out, uid_t owner) : out_(out), owner_(owner) {}

  // The out directory is reached as the user has named it: there a link is the user's choice.
  bool top() {
    struct stat info {};
    return ::stat(out_.c_str(), &info) != 0 || good(out_, info);
  }
  bool one(const fs::path& place) {
    struct stat info {};
    return ::lstat(place.c_str(), &info) != 0 || good(place, info);
  }
  bool all_below(const fs::path& directory) {
    if (!one(directory)) return false;
    std::error_code error;
    for (fs::recursive_directory_iterator entry(directory, error), end; !error && entry != end;
         entry.increment(error)) {
      if (!one(entry->path())) return false;
      // A holder is closed to others. What is in it has the modes that a command gave it.
      if (entry->path().filename().string().starts_with(kHolderPrefix)) {
        entry.disable_recursion_pending();
      }
    }
    return true;
  }
  // Files there have the modes that the umask of a job or a command gave them. What else somebody
  // could be made to write to counts.
  bool one_and_directories(const fs::path& directory) {
    if (!one(directory)) return false;
    std::error_code error;
    for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
         entry.increment(error)) {
      std::error_code ignored;
      const fs::file_type type = entry->symlink_status(ignored).type();
      if (type != fs::file_type::regular && !one(entry->path())) return false;
    }
    return true;
  }
  [[nodiscard]] const std::optional<OutProblem>& problem() const { return problem_; }

 private:
  bool good(const fs::path& place, const struct stat& info) {
    const std::string name = visible(place.string());
    if (S_ISLNK(info.st_mode)) {
      problem_ = {fmt::format("`{}` is a symbolic link", name),
                  "remove the link: what is made there must not land elsewhere"};
      return false;
    }
    if (info.st_uid != owner_) {
      problem_ = {fmt::format("`{}` belongs to the user {}", name, info.st_uid),
                  "what lies there is executed: choose a directory of your own with `--out`"};
      return false;
    }
    if (!others_may_write(place.string(), info)) return true;
    constexpr mode_t kMode = 07777;
    problem_ = {fmt::format("others may write to `{}` (owner {}, group {}, mode {:04o})",
                            name,
                            info.st_uid,
                            info.st_gid,
                            info.st_mode & kMode),
                "what lies there is executed: look at what is in it, then `chmod -R go-w " +
                    shell_quote(visible(out_.string())) +
                    "`, or choose another directory with `--out`"};
    return false;
  }

  const fs::path& out_;
  uid_t owner_;
  std::optional<OutProblem> problem_;
};

}  // namespace

std::optional<OutProblem> out_problem(const fs::path& out, uid_t owner) {
  Look look(out, owner);
  bool good = look.top() && look.one(out / "submit.sh") && look.one_and_directories(out / "logs") &&
              look.one_and_directories(out / "failed");
  for (const char* name : kBelieved) good = good && look.all_below(out / name);
  return look.problem();
}

std::optional<OutProblem> top_problem(const fs::path& out, std::string_view plan_hash) {
  Look look(out, ::geteuid());
  bool good = look.top() && look.one(out / "logs") && look.one(out / "failed");
  for (const char* name : kBelieved) good = good && look.one(out / name);
  const fs::path plan = out / "plan" / plan_hash;
  if (good && !plan_hash.empty() && look.one(plan) && look.one(plan / "plan.wfp")) {
    look.one(out / "state" / plan_hash);
  }
  return look.problem();
}

void require_own_out(const fs::path& out, std::string_view plan_hash) {
  const std::optional<OutProblem> problem = top_problem(out, plan_hash);
  if (problem) throw std::runtime_error(problem->what + ": " + problem->help);
}

void make_own_directories(const fs::path& path) {
  if (::mkdir(path.c_str(), kOwnDirectory) == 0 || (errno == EEXIST && fs::is_directory(path))) {
    return;
  }
  if (errno == ENOENT && path.has_parent_path() && path.parent_path() != path) {
    make_own_directories(path.parent_path());
    if (::mkdir(path.c_str(), kOwnDirectory) == 0 || (errno == EEXIST && fs::is_directory(path))) {
      return;
    }
  }
  throw fs::filesystem_error(
      "cannot make the directory", path, std::error_code(errno, std::generic_category()));
}

}  // namespace wfr
