// Templates of paths at a node of the tree, also as patterns for glob(3).
#pragma once

#include "runtime/plan/expand.hpp"
#include "runtime/plan/step.hpp"
#include "runtime/plan/tree.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace wfc {

// Appends what Text, Value, LevelName and LevelColumn pieces say at a node at or below their
// levels. `as_pattern` escapes what is not Text, so that only the author's own `*` is a wildcard.
std::string expand_at(const wfr::Tree& tree,
                      const wfr::Template& path,
                      wfr::LevelId level,
                      wfr::Ordinal node,
                      bool as_pattern = false);

// Backslashes before what glob(3) would read as a wildcard.
std::string escape_glob(std::string_view path);
// Absolute, without links and `..`, without a `/` at its end; as far as it can be looked at. ""
// is the working directory.
std::filesystem::path physical_path(const std::filesystem::path& path);

// The data root, and the out directory, in which no pattern finds anything.
struct DataRoot {
  // Relative to the working directory or absolute; no `out`: there is none.
  DataRoot(const std::filesystem::path& root, const std::filesystem::path& out_dir = {});
  std::string path;  // as it was given: it can be opened
  std::filesystem::path physical;
  std::filesystem::path out;  // physical
};
// The paths that match, relative to the root, or absolute as the pattern is; bytewise sorted; none
// when nothing does.
std::vector<std::string> glob_paths(const DataRoot& root,
                                    const std::string& pattern,
                                    wfr::GlobTrouble* trouble = nullptr);

// `path` as seen from `directory`, with "." and ".." taken out of the text as wfr does it: a
// directory that is made later, or a symbolic link, does not change where ".." leads.
std::string path_from(std::string_view directory, std::string_view path);
// `base` and `path` joined as the working directory does it; "." as base adds nothing.
std::string join_path(std::string_view base, std::string_view path);

}  // namespace wfc
