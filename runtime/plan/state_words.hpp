// The words of the texts in out/state, and of what Slurm answers. Each has a pattern, and what does
// not fit it is not taken: it may become part of a path or an argument of a command. bin/submit has
// the same patterns (templates/submit/journal.sh).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace wfr {

// A number in decimal digits, without zeros before it; nothing else in the text.
std::optional<std::uint32_t> whole_number(std::string_view text);
// The name of a plan: 32 hexadecimal digits.
bool is_plan_hash(std::string_view text);
// The name of a run: letters, digits and `-`, at most 64.
bool is_run_word(std::string_view text);
// A script's stem, "02-highpass", in a resume with "+" and a part's number behind it.
bool is_job_word(std::string_view text);
// A host or cluster: letters, digits, `.`, `_` and `-`, which none begins with.
bool is_host_word(std::string_view text);
// Hosts with ranges, as Slurm writes them: "n1,rack[2-4,7]".
bool is_host_list(std::string_view text);

// The whole of a small text file below out/state; nullopt where there is none. Throws
// std::runtime_error for what is not a regular file (a link is none), has more than 64 MiB, or
// belongs neither to the caller nor to the owner of `state_dir`: it is not believed.
std::optional<std::string> read_state_text(const std::filesystem::path& file,
                                           const std::filesystem::path& state_dir);

}  // namespace wfr
