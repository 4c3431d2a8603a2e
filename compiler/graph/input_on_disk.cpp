// Whether an input is on the disk, and why not.
#include "compiler/graph/input_on_disk.hpp"

#include "compiler/tree/directory.hpp"

#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

namespace wfc {

namespace {

Absence from_error(const std::string& path, int error) {
  if (error == EACCES || error == EPERM) return Absence::Denied;
  if (error == ELOOP) return Absence::LinkLoop;
  return is_link(AT_FDCWD, path) ? Absence::LinkToNothing : Absence::NotThere;
}

}  // namespace

Absence absence_of(const DataRoot& root,
                   const wfr::Tree& tree,
                   const wfr::InputSpec& input,
                   wfr::LevelId level,
                   wfr::Ordinal node,
                   std::optional<wfr::ForeignLink>& link) {
  const std::string text = expand_at(tree, input.path, level, node, input.glob);
  const std::string directory = tree.directory(level, node);
  if (input.glob) {
    wfr::GlobTrouble trouble;
    const std::string pattern = path_from(escape_glob(directory), text);
    const bool found = !glob_paths(root, pattern, &trouble).empty();
    // What lies in a directory that cannot be read would be left out without a word.
    link = trouble.link;
    if (link) return Absence::ForeignLink;
    if (trouble.error != 0) return from_error("", trouble.error);
    return found ? Absence::None : Absence::NotThere;
  }
  const std::string path = join_path(root.path, path_from(directory, text));
  link = wfr::foreign_link(path, root.path);
  if (link) return Absence::ForeignLink;
  if (::access(path.c_str(), R_OK) == 0) return Absence::None;
  const Absence why = from_error(path, errno);
  // A program need not be readable to be run.
  if (why == Absence::Denied && ::access(path.c_str(), X_OK) == 0) return Absence::None;
  return why;
}

}  // namespace wfc
