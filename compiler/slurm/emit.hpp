// Plan -> files: job scripts and submit.sh, from templates. Pure: same inputs, same bytes.
#pragma once

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/workflow/workflow.hpp"
#include "runtime/plan/plan.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>

namespace wfc {

struct OutputFile {
  std::string bytes;
  bool executable = false;
};

// Paths relative to the out directory. bin/ and lib/ are not here: they are copied by write_output.
struct OutputTree {
  std::map<std::string, OutputFile> files;
};

// Text of the template NAME ("job.sbatch", "submit.sh"): built in, or from --templates DIR.
using TemplateReader = std::function<std::string(const std::string& name)>;

OutputTree emit(const Workflow& workflow,
                wfr::Plan& plan,
                const TemplateReader& templates,
                Sink& sink);

}  // namespace wfc
