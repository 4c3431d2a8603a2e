// The children on disk of every directory of one level.
#pragma once

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/tree/directory.hpp"
#include "compiler/tree/level_builder.hpp"
#include "compiler/tree/links.hpp"
#include "compiler/workflow/workflow.hpp"
#include "runtime/plan/tree.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace wfc {

// Known by what it is, since links and spellings may lead to it; the name finds it where it is
// mounted.
struct OutDirectory {
  std::string name;
  std::uint64_t device = 0;
  std::uint64_t inode = 0;  // 0: there is none
  std::filesystem::path path = {};
  [[nodiscard]] bool is(const EntryStatus& status) const {
    return inode != 0 && status.error == 0 && status.inode == inode && status.device == device;
  }
};

// What the scan has so far: the levels above are finished.
struct ScanState {
  const Workflow& workflow;
  const std::filesystem::path& root;
  Sink& sink;
  wfr::Tree tree;
  // Directories that were there but did not match, of the first directory looked in: for the help.
  std::vector<std::string> unmatched;
  std::size_t matched_files = 0;  // files whose names the level's pattern matches
  std::vector<FollowedLink> links;
  // Out directories, the workflow's own first: never directories of a level.
  std::vector<OutDirectory> outs = {};

  // As it can be opened: with the root before it.
  [[nodiscard]] std::string path_of(LevelId level, wfr::Ordinal node) const;
};

// True if the level's directories are looked up on the disk: a `match`, and no step that makes
// them.
bool is_on_disk(const Workflow& workflow, const LevelDef& level);

// Opens each directory of `parent` once and offers its subdirectories to the builders of its child
// levels. Reports directories that cannot be read and symbolic links that lead back up.
void walk_level(ScanState& scan, LevelId parent, std::vector<LevelBuilder>& children);

}  // namespace wfc
