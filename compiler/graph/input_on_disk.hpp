// Whether an input is on the disk, and why not.
#pragma once

#include "compiler/tree/paths.hpp"
#include "runtime/files/read_file.hpp"
#include "runtime/plan/step.hpp"
#include "runtime/plan/tree.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace wfc {

enum class Absence : std::uint8_t {
  None,           // it is there, and may be read
  NotThere,       // there is no such file
  Denied,         // a directory on its way, or the file itself, may not be read
  LinkToNothing,  // a symbolic link that leads nowhere
  LinkLoop,       // symbolic links that lead to each other
  ForeignLink,    // a link of another user, see read_file.hpp
};

// Of one input of the task at `node`. Sets `link` with Absence::ForeignLink.
Absence absence_of(const DataRoot& root,
                   const wfr::Tree& tree,
                   const wfr::InputSpec& input,
                   wfr::LevelId level,
                   wfr::Ordinal node,
                   std::optional<wfr::ForeignLink>& link);

}  // namespace wfc
