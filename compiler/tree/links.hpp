// Symbolic links that the walk followed, and directories that they give a second name.
#pragma once

#include "compiler/diagnostics/source.hpp"
#include "runtime/files/read_file.hpp"
#include "runtime/plan/tree.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace wfc {

struct ScanState;

struct FollowedLink {
  wfr::LevelId level{};
  wfr::Ordinal parent = 0;
  std::string name;
  std::uint64_t device = 0;  // of the directory that it leads to
  std::uint64_t inode = 0;
};

// A directory of a level that is not looked at.
void report_foreign_link(ScanState& scan, const Span& span, const wfr::ForeignLink& link);

// Reports each directory that is in a level twice, by a link and by its own name or another link:
// its tasks would write the same files. Call it when all levels are finished. O(links).
void check_links(ScanState& scan);

}  // namespace wfc
