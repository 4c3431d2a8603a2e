// Outputs that are links, before they get their names: a link that leads to a file from where the
// command has made it may lead nowhere from its own place.
#pragma once

#include <string>
#include <vector>

namespace wfr {

// One file, directory or link that will be renamed. Absolute paths.
struct Arriving {
  std::string file;        // where the command has made it
  std::string place;       // where it goes
  std::string name;        // for the message
  bool directory = false;  // what it has to be
};

// Throws MissingOutputError for the first link that will not lead to what it has to be, once all of
// them are in their places. What they lie in until then, the parents of `file`, will be gone.
void require_links_lead(const std::vector<Arriving>& all);

}  // namespace wfr
