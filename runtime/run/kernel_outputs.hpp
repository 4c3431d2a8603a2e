// Outputs of a kernel that is run by hand: temporary siblings that get their names when all is
// well.
#pragma once

#include "runtime/kernels/kernel.hpp"
#include "runtime/run/kernel_library.hpp"

#include <string>
#include <vector>

namespace wfr {

// The outputs a template such as "{array}/{channel}/raw.h5" stands for: one per directory that the
// kernel makes. A kernel that makes none gives the template itself. Throws KernelError when the
// template does not name each made level.
std::vector<KernelCallOutput> fan_out(const KernelDecl& kernel,
                                      const std::string& path_template,
                                      const std::vector<MadeNames>& made);

// Makes the directories of the outputs and points the call at temporaries; the destructor removes
// what was not renamed in.
class HandOutputs {
 public:
  explicit HandOutputs(std::vector<KernelCallOutput> outputs);
  ~HandOutputs();
  HandOutputs(const HandOutputs&) = delete;
  HandOutputs& operator=(const HandOutputs&) = delete;

  [[nodiscard]] const std::vector<KernelCallOutput>& temporaries() const { return temporaries_; }
  // Syncs and renames all. Throws KernelError when one is missing; then none has been renamed.
  void rename_in();

 private:
  std::vector<KernelCallOutput> final_;
  std::vector<KernelCallOutput> temporaries_;
};

}  // namespace wfr
