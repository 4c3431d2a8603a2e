// Document -> Workflow: binds names, types values, parses units and templates, applies the site.
#pragma once

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/syntax/ast.hpp"
#include "compiler/workflow/workflow.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace wfc {

// Something beside the workflow file. `name`: relative to its directory.
struct BesideFile {
  std::string name;
  bool directory = false;
};

// Why bash cannot read a text.
struct BashProblem {
  std::size_t line = 1;  // from 1; may be one past the last
  std::string message;
};

struct ResolveOptions {
  // --site; "" chooses: [workflow] site, else "local" without sbatch, else the only [site.X], else
  // a plain Slurm named "slurm" (with a warning when there are several to choose from).
  std::string site;
  bool sbatch_found = false;
  std::vector<std::pair<std::string, std::string>> sets;  // --set name=value
  std::vector<const ast::Document*>
      site_files;  // lowest priority first: built-in, user's, project's
  // resources.lock.toml beside the workflow file; nullptr: there is none, or it is ignored.
  const ast::Document* lock = nullptr;
  // Reads a sample sheet (path relative to the workflow file); the disk is behind this seam.
  // `why` says what is wrong when there is no text.
  std::function<std::optional<std::string>(const std::string& path, std::string& why)> read_sheet;
  // What is at a path relative to the workflow file, or what matches a pattern; of an absolute path
  // only if it is below the workflow file's directory.
  std::function<std::vector<BesideFile>(const std::string& path, bool pattern)> find_beside;
  // What bash says of each text, without running anything of it. Empty: no text is looked at.
  std::function<std::vector<std::optional<BashProblem>>(const std::vector<std::string>& texts)>
      read_bash;
};

// Reports all that is wrong; the result is meaningful only without errors.
Workflow resolve(const ast::Document& document, const ResolveOptions& options, Sink& sink);

}  // namespace wfc
