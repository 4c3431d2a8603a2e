// What the commands of a real Slurm 22.05.8 have printed (tests/slurm/cluster.sh up --nodes 2).
#pragma once

#include <fstream>
#include <sstream>
#include <string>

namespace wfc::test {

inline std::string captured(const std::string& name) {
  std::ostringstream text;
  text << std::ifstream(std::string(WFC_SOURCE_DIR) + "/tests/unit/probe/captured/" + name).rdbuf();
  return std::move(text).str();
}

}  // namespace wfc::test
