// The pipeline: one straight line from a workflow file to a plan and its scripts.
#pragma once

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/graph/partition.hpp"
#include "compiler/slurm/emit.hpp"
#include "compiler/workflow/workflow.hpp"
#include "runtime/plan/plan.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace wfc {

struct CompileOptions {
  std::filesystem::path workflow;
  std::filesystem::path out = "out";  // relative to the working directory
  std::string site;                   // "" chooses
  std::vector<std::pair<std::string, std::string>> sets;
  std::filesystem::path templates;  // --templates DIR; "" for the built-in ones
  bool no_lock = false;             // --no-lock: resources.lock.toml is not read
  bool why = false;                 // also computes notes that need an extra trial partition
  // Also what the site's limits refuse, without scripts: there are errors then.
  bool show_refused = false;
};

// Beside the workflow file: what `wfc tune` has learned.
inline constexpr const char* kLockFile = "resources.lock.toml";

// What the passes have made. `sources` keeps alive what spans point into.
struct Frontend {
  std::vector<std::shared_ptr<const SourceFile>> sources;
  Workflow workflow;
  std::filesystem::path root;  // the data root, relative to the working directory or absolute
};
struct Compiled {
  Frontend front;
  wfr::Plan plan;
  OutputTree files;
  std::vector<PassNote> notes;  // in the order of the passes
};

// parse + resolve only: no data directory is looked at. nullopt after errors.
std::optional<Frontend> check(const CompileOptions& options, Sink& sink);
// check + scan + expand.
struct Middle {
  Frontend front;
  wfr::TaskGraph graph;
};
std::optional<Middle> analyse(const CompileOptions& options, Sink& sink);
// The whole line; nothing is written. `local` forces the one-job partition of this machine.
std::optional<Compiled> compile(const CompileOptions& options, bool local, Sink& sink);

}  // namespace wfc
