// A probed cluster as a site file: readable, each value with where it came from.
#pragma once

#include "compiler/probe/probe.hpp"

#include <string>

namespace wfc {

// The text of sites/NAME.toml. `date` ("2026-11-21") stands on a line of its own; all else depends
// on the probe alone.
std::string site_text(const SiteProbe& probe, const std::string& name, const std::string& date);

}  // namespace wfc
