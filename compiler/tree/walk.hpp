// The children on disk of every directory of one level.
#pragma once

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/tree/level_builder.hpp"
#include "compiler/tree/links.hpp"
#include "compiler/workflow/workflow.hpp"
#include "runtime/plan/tree.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace wfc {

// What the scan has so far: the levels above are finished.
struct ScanState {
  const Workflow& workflow;
  const std::filesystem::path& root;
  Sink& sink;
  wfr::Tree tree;
  // Directories that were there but did not match, of the first directory looked in: for the help.
  std::vector<std::string> unmatched;
  std::vector<FollowedLink> links;

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
