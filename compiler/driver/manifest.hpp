// The manifest of a compile: plan/HASH/manifest.sha256, by which people (`sha256sum --check`),
// submit.sh and `wfc verify` see that what is executed or read as a plan is what was written.
#pragma once

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/driver/bundle.hpp"
#include "compiler/slurm/emit.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace wfc {

// Its place in the out directory, that of the tree's plan.
std::string manifest_place(const OutputTree& tree);

// The digests of all files of the tree but the lists for people (jobs/*.tasks), and of `bundle`.
// Throws std::system_error where one of these cannot be read.
OutputFile manifest_of(const OutputTree& tree, const std::vector<BundleFile>& bundle);

// Whether each file is as the manifest of the plan says, and each of bin/ and lib/ is in the
// manifest of a plan that is kept. False, with a report of the first that is not.
bool check_manifest(const std::filesystem::path& out, const std::string& plan, Sink& sink);

}  // namespace wfc
