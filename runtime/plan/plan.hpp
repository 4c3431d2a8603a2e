// The plan: everything the runtime needs, in one immutable file that is mapped, not parsed.
// Only the per-step part is JSON (one section); nothing per task is.
#pragma once

#include "runtime/plan/graph.hpp"
#include "runtime/plan/ids.hpp"
#include "runtime/plan/step.hpp"

#include <cstdint>
#include <filesystem>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace wfr {

// Block b holds the nodes [begin[b], begin[b+1]) of `nodes` (by rank); one node a block when
// `begin` is empty. Blocks that pairs tie together are free sets of nodes instead, ascending in a
// block: block b holds the ranks at [begin[b], begin[b+1]) of `order`.
struct BlockMap {
  LevelId level{};
  InstanceSet nodes;
  std::span<const std::uint32_t> begin;
  std::span<const std::uint32_t> order = {};  // empty: blocks are consecutive nodes
  std::span<const std::uint32_t> block = {};  // by rank: the block that `order` puts it into
  [[nodiscard]] std::uint32_t blocks() const {
    return begin.empty() ? nodes.count : static_cast<std::uint32_t>(begin.size() - 1);
  }
};

// Steps whose tasks are executed by the same jobs: block b of the map is one job.
struct Family {
  std::vector<StepId> steps;  // topological order
  std::uint32_t block_map = 0;
  ResourceSpec job;  // what one job asks for
};

// An element of the later array starts when ...
enum class Dep : std::uint8_t {
  AfterCorr,       // the earlier array's element of the same index has succeeded
  AfterOk,         // every element of the earlier array has succeeded
  AfterAny,        // every element of the earlier array has ended
  AfterCorrOrAny,  // either as AfterCorr or as AfterAny: nothing cancels it; the only one of a job
};
struct Dependency {
  Dep kind = Dep::AfterAny;
  ArrayId on{};
};

// Array index i runs block first_block + i. A plain job has `plain` set and runs block first_block.
// An array of a later pass runs what the passes before it have left and may be tried again with
// more: index i of n has the blocks i, i + n, i + 2n, ...
struct JobArray {
  std::string name;  // "02-highpass", "02-highpass.1" for a further chunk: the script's stem
  FamilyId family{};
  std::uint32_t first_block = 0;
  bool plain = false;
  // Blocks of one depth, which wait for each other's jobs: the i-th job runs the block of the i-th
  // of `indices`, so that what corresponds to it in another depth is at the same position. By way
  // of an index table, unless the indices are the positions.
  bool depth = false;
  std::vector<Range> indices;  // array indices, ascending; {{0,1}} for a plain job
  std::uint32_t limit = 0;     // %limit; 0: none
  std::vector<Dependency> after;
  std::uint32_t pass = 1;  // above 1: a rung of the retry ladder, see rungs.hpp
  ResourceSpec job;        // what one job of a later pass asks for; of the first: Family::job
  [[nodiscard]] bool repeats() const { return pass > 1; }
  [[nodiscard]] std::uint32_t size() const {
    std::uint32_t total = 0;
    for (const Range& range : indices) total += range.size();
    return total;
  }
};

// A finalizer's or the verdict's job is not an array of this list: submit.sh knows them by name.
struct Plan {
  std::string hash;      // 32 hexadecimal digits: XXH3-128 of the file's content after its header
  std::string workflow;  // its name
  std::string root;      // the data's root: absolute, or relative to the out directory
  std::string workflow_dir;  // of the workflow file: absolute, or relative to the out directory
  std::string site;
  std::string wfc_version;
  std::uint64_t settle_s = 30;  // how long a file that a task has made may stay invisible
  TaskGraph graph;
  std::vector<StepSpec> steps;  // by StepId
  std::vector<StepId> order;    // topological, ties in file order; finalizers last
  std::vector<BlockMap> maps;
  std::vector<Family> families;
  std::vector<JobArray> arrays;
  Storage storage;

  [[nodiscard]] const StepSpec& step(StepId id) const { return steps[index_of(id)]; }
  // kNone-valued StepId when there is none.
  [[nodiscard]] StepId find_step(std::string_view name) const;
  [[nodiscard]] std::uint64_t task_count() const;  // without finalizers
};

class PlanError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The file is there, or is not, and the disk does not give it: it may be a whole plan.
class PlanReadError : public PlanError {
 public:
  using PlanError::PlanError;
};

// The bytes of plan.wfp; sets plan.hash. Deterministic: the same plan gives the same bytes
// anywhere.
std::string serialize_plan(Plan& plan);
// Maps the file. Throws PlanError (with the path) when it is not a whole plan of this version, or
// when `expected_hash` is given and differs. Every offset and count is checked before use.
Plan map_plan(const std::filesystem::path& file, std::string_view expected_hash = {});
// The same from bytes in memory, which must outlive the plan.
Plan read_plan(std::span<const char> bytes);
// Reads every byte, which map_plan() does not: the content's hash, the order of every array, every
// ordinal. Throws PlanError. For `wfc verify` and after copying; too slow for the start of a task.
void verify_plan_content(const std::filesystem::path& file);
void verify_plan_content(std::span<const char> bytes);

// A short summary for people and tools: steps, counts, resources, arrays; never per task.
std::string plan_summary_json(const Plan& plan);

// Tasks by step: ascending ranges, of which none touches the next.
using StepRanges = std::vector<std::pair<StepId, std::vector<Range>>>;
// Joins what touches, in place, after sorting it; what is empty is dropped.
void join_ranges(std::vector<Range>& ranges);
// Whether ranges that join_ranges() has left hold the task. O(log ranges).
bool holds(const std::vector<Range>& ranges, TaskIndex task);
// Each range with its step.
std::vector<std::pair<StepId, Range>> range_by_range(const StepRanges& tasks);

// The nodes of some blocks of the map, as ordinals, in ranges as above. A node between two of a
// block that is not in the map may be in: no step of the map's families has a task there.
std::vector<Range> nodes_of_blocks(const BlockMap& map, Range blocks);
// The tasks of one block of a family, for each step of the family, in its order.
StepRanges tasks_of_block(const Plan& plan, const Family& family, std::uint32_t block);
// The block that has a task of a step at or below the map's level. O(depth + log nodes).
std::uint32_t block_of(const TaskGraph& graph, const BlockMap& map, Task task);

// What one job of an array asks for.
const ResourceSpec& job_of(const Plan& plan, const JobArray& array);

// A task as people write it: "highpass:session01/array02/channel005", "split:session01",
// "snapshot".
std::string task_name(const Plan& plan, Task task);

}  // namespace wfr
