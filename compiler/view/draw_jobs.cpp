// Slurm's jobs: an array a node, a dependency an edge.
#include "compiler/view/drawing.hpp"

#include <fmt/format.h>

namespace wfc {

namespace {

std::string array_line(const wfr::JobArray& array) {
  if (array.plain) return "one job";
  std::string text = fmt::format("array of {}", with_commas(array.size()));
  if (array.limit > 0) text += fmt::format(", {} at once", array.limit);
  return text;
}

// "2 cpus, 4,096 MB, 1:30:00"; only what is asked for.
std::string resources_line(const wfr::ResourceSpec& job) {
  std::string text = fmt::format("{} cpu{}", job.cpus, job.cpus == 1 ? "" : "s");
  if (job.mem_mb > 0) text += fmt::format(", {} MB", with_commas(job.mem_mb));
  if (job.time_s > 0) {
    constexpr std::uint64_t kMinute = 60;
    constexpr std::uint64_t kHour = 60 * kMinute;
    text += fmt::format(", {}:{:02}:{:02}",
                        job.time_s / kHour,
                        job.time_s / kMinute % kMinute,
                        job.time_s % kMinute);
  }
  if (!job.gpus.empty()) text += fmt::format(", gpus {}", job.gpus);
  return text;
}

const char* dependency_name(wfr::Dep kind) {
  switch (kind) {
    case wfr::Dep::AfterCorr:
      return "aftercorr";
    case wfr::Dep::AfterCorrOrAny:
      return "aftercorr-or-afterany";
    case wfr::Dep::AfterOk:
      return "afterok";
    case wfr::Dep::AfterAny:
      break;
  }
  return "afterany";
}

}  // namespace

Drawing draw_jobs(const Workflow& workflow, const wfr::Plan& plan) {
  Drawing drawing;
  drawing.title = workflow.name;
  drawing.of = "jobs";
  for (std::uint32_t a = 0; a < plan.arrays.size(); ++a) {
    const wfr::JobArray& array = plan.arrays[a];
    const wfr::Family& family = plan.families[wfr::index_of(array.family)];
    DrawnNode node{fmt::format("j{}", a), NodeKind::Job, array.name, {}, wfr::kNone};
    node.lines.push_back(array_line(array));
    node.lines.push_back(resources_line(family.job));
    drawing.nodes.push_back(std::move(node));
    for (const wfr::Dependency& after : array.after) {
      drawing.edges.push_back({static_cast<std::uint32_t>(wfr::index_of(after.on)),
                               a,
                               EdgeStyle::Data,
                               dependency_name(after.kind),
                               false});
    }
  }
  add_finalizers(drawing, workflow);
  return drawing;
}

}  // namespace wfc
