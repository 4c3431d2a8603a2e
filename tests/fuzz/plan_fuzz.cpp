// libFuzzer: whatever the bytes, a plan is read or refused with a PlanError; a plan that has passed
// the full check can be asked anything about any of its tasks. Needs no seeds: half of the inputs
// are edits of a good plan.
#include "runtime/plan/expand.hpp"
#include "runtime/plan/plan.hpp"
#include "runtime/plan/plan_format.hpp"
#include "runtime/plan/record_bytes.hpp"
#include "tests/unit/plan/sample_plan.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace {

constexpr std::uint32_t kMostTasks = 16;

// The input itself, or a good plan with some bytes overwritten: three bytes of place, one of value.
std::string plan_bytes(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || data[0] % 2 == 0) {
    std::string bytes(std::max(size, sizeof(wfr::PlanHeader)), '\0');
    std::copy(data, data + size, bytes.begin());
    return bytes;
  }
  static const std::string good = [] {
    wfr::Plan plan = wfr::test::sample_plan();
    return wfr::serialize_plan(plan);
  }();
  std::string bytes = good;
  for (std::size_t i = 1; i + 3 < size; i += 4) {
    const std::size_t place =
        (data[i] | (std::size_t{data[i + 1]} << 8U) | (std::size_t{data[i + 2]} << 16U)) %
        (bytes.size() - sizeof(wfr::PlanHeader));
    bytes[sizeof(wfr::PlanHeader) + place] = static_cast<char>(data[i + 3]);
  }
  return bytes;
}

// The hashes guard against accidents, not against this test: it makes them right.
void seal(std::string& bytes) {
  wfr::PlanHeader header;
  std::memcpy(&header, bytes.data(), sizeof(header));
  header.magic = wfr::kPlanMagic;
  header.version = wfr::kPlanVersion;
  header.sections = static_cast<std::uint32_t>(std::min<std::size_t>(
      header.sections, (bytes.size() - sizeof(header)) / sizeof(wfr::SectionEntry)));
  std::memcpy(bytes.data(), &header, sizeof(header));
  wfr::seal_plan_bytes(bytes);
}

void ask(const wfr::Plan& plan, wfr::Task task) {
  wfr::TaskContext context;
  context.root = "/nowhere";
  context.need_lists.resize(plan.step(task.step).needs.size());
  static_cast<void>(task_name(plan, task));
  static_cast<void>(task_outputs(plan, task));
  static_cast<void>(task_inputs(plan, task));
  try {
    static_cast<void>(expand_run(plan, task, context));
    static_cast<void>(expand_argv(plan, task, context));
    static_cast<void>(expand_params(plan, task, context));
  } catch (const wfr::ExpandError&) {
    return;
  }
}

void ask_all(const wfr::Plan& plan) {
  static_cast<void>(plan_summary_json(plan));
  for (std::uint32_t step = 0; step < plan.steps.size(); ++step) {
    const std::uint32_t count = std::min(plan.graph.instances[step].count, kMostTasks);
    for (std::uint32_t index = 0; index < count; ++index) ask(plan, {wfr::StepId{step}, index});
  }
  for (const wfr::Family& family : plan.families) {
    const std::uint32_t blocks = std::min(plan.maps[family.block_map].blocks(), kMostTasks);
    for (std::uint32_t block = 0; block < blocks; ++block) {
      static_cast<void>(tasks_of_block(plan, family, block));
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static_cast<void>(wfr::record_from_bytes({reinterpret_cast<const char*>(data), size}));
  std::string bytes = plan_bytes(data, size);
  seal(bytes);
  try {
    wfr::Plan plan = wfr::read_plan(bytes);
    wfr::verify_plan_content(std::span<const char>(bytes));
    ask_all(plan);
    // What was accepted is written and accepted again.
    const std::string again = wfr::serialize_plan(plan);
    if (wfr::read_plan(again).hash != plan.hash) std::abort();
  } catch (const wfr::PlanError&) {
    return 0;
  }
  return 0;
}
