// The one place where commands that a message proposes are written, so that each can be typed as it
// is shown.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace wfr {

enum class Proposal : std::uint8_t {
#define WFR_PROPOSAL(id, command) id,
#include "runtime/plan/proposals.def"
#undef WFR_PROPOSAL
};

// The user who reads the message. Paths are absolute, or relative to `directory`.
struct Caller {
  std::string program = "wfc";     // argv[0] of wfc
  std::filesystem::path workflow;  // "": not known
  std::filesystem::path out;
  std::vector<std::string> options;  // further words that the workflow was compiled with
  std::filesystem::path directory;   // absolute: the working directory
};
// Of a program in the out directory's bin/ itself, called from the working directory.
Caller caller_in(const std::filesystem::path& out);

// The command, quoted for a shell, for someone in caller.directory. Bytes that a terminal would
// obey are escaped in a way that bash undoes.
std::string propose(Proposal proposal,
                    const Caller& caller,
                    const std::vector<std::string>& words = {});
// A path as that someone writes it: relative when it lies below the directory.
std::string shown_path(const std::filesystem::path& path, const std::filesystem::path& directory);

}  // namespace wfr
