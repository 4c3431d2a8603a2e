// Where the data, the workflow and scratch are, from where the out directory is.
#include "runtime/run/attempt.hpp"
#include "runtime/run/host.hpp"
#include "runtime/run/job.hpp"

#include <filesystem>

namespace wfr {
namespace {

std::string absolute_from(const std::filesystem::path& out_dir, const std::string& path) {
  std::string whole = std::filesystem::weakly_canonical(out_dir / path).string();
  while (whole.size() > 1 && whole.back() == '/') whole.pop_back();
  return whole;
}

}  // namespace

std::string data_root(const Plan& plan, const std::filesystem::path& out_dir) {
  return absolute_from(out_dir, plan.root);
}

JobPlaces job_places(const Plan& plan, const std::filesystem::path& out_dir) {
  return {data_root(plan, out_dir),
          absolute_from(out_dir, plan.workflow_dir),
          scratch_base(),
          "",
          "",
          absolute_from(out_dir, "failed"),
          absolute_from(out_dir, "state/held")};
}

}  // namespace wfr
