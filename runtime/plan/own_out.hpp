// Who may change an out directory. What lies there is executed and believed, so it must be the
// user's own, and nobody else may write there.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include <sys/types.h>

namespace wfr {

// What is wrong with an out directory, and what to do about it.
struct OutProblem {
  std::string what;
  std::string help;
};

// nullopt where `out` and all in its bin, jobs, lib, plan and state belong to `owner`, nobody else
// may write there, and nothing of it is a link; of failed and logs the directories and what is a
// link are looked at. A group of the owner's own number is nobody else. A place that is not there
// is none.
std::optional<OutProblem> out_problem(const std::filesystem::path& out, uid_t owner);
// Only the directories themselves, and those of one plan with its file ("": of none), for the
// effective user: what the start of a task has time for.
std::optional<OutProblem> top_problem(const std::filesystem::path& out, std::string_view plan_hash);
// The same. Throws std::runtime_error.
void require_own_out(const std::filesystem::path& out, std::string_view plan_hash);

// As fs::create_directories(), but that nobody else may write there, whatever the umask. Throws
// std::system_error.
void make_own_directories(const std::filesystem::path& path);

// Modes of what is made in an out directory; the umask takes more away.
inline constexpr mode_t kOwnFile = 0644;
inline constexpr mode_t kOwnProgram = 0755;
inline constexpr mode_t kOwnDirectory = 0755;

}  // namespace wfr
