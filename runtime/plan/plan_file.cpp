// The plan to bytes and back: arrays are mapped as they lie in the file, only the head is parsed.
#include "runtime/plan/plan.hpp"
#include "runtime/plan/plan_format.hpp"
#include "runtime/plan/plan_head.hpp"
#include "runtime/plan/plan_seal.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

namespace wfr {
namespace {

using EdgeWords = std::array<std::uint32_t, 5>;
static_assert(sizeof(Range) == 8 && std::is_trivially_copyable_v<Range>);

SetHead set_head(const InstanceSet& set) {
  return {set.level, set.nodes, set.count};
}

PlanHead head_of(const Plan& plan) {
  PlanHead head;
  head.workflow = plan.workflow;
  head.root = plan.root;
  head.workflow_dir = plan.workflow_dir;
  head.site = plan.site;
  head.wfc_version = plan.wfc_version;
  head.settle_s = plan.settle_s;
  for (const Level& level : plan.graph.tree.levels) {
    LevelHead& entry = head.levels.emplace_back();
    entry.name = level.name;
    entry.under = level.under;
    for (const ChildRanges& children : level.children) entry.children.push_back(children.child);
    for (const Column& column : level.columns) entry.columns.push_back(column.name);
  }
  for (const InstanceSet& set : plan.graph.instances) head.instances.push_back(set_head(set));
  head.steps = plan.steps;
  head.order = plan.order;
  for (const BlockMap& map : plan.maps) {
    head.map_levels.push_back(map.level);
    head.map_nodes.push_back(set_head(map.nodes));
  }
  head.families = plan.families;
  head.arrays = plan.arrays;
  return head;
}

void add_tree(SectionWriter& writer, const Tree& tree) {
  for (std::size_t i = 0; i < tree.levels.size(); ++i) {
    const Level& level = tree.levels[i];
    writer.add(SectionKind::LevelNamesBegin, level.names.begin, i);
    writer.add(SectionKind::LevelNames, level.names.bytes, i);
    writer.add(SectionKind::LevelParent, level.parent, i);
    for (const ChildRanges& children : level.children) {
      writer.add(SectionKind::LevelChildren, children.begin, i, index_of(children.child));
    }
    for (std::size_t c = 0; c < level.columns.size(); ++c) {
      writer.add(SectionKind::ColumnBegin, level.columns[c].values.begin, i, c);
      writer.add(SectionKind::ColumnBytes, level.columns[c].values.bytes, i, c);
    }
  }
}

void add_pairs(SectionWriter& writer, const std::vector<Edge>& edges) {
  for (std::size_t i = 0; i < edges.size(); ++i) {
    const std::optional<Pairs>& pairs = edges[i].pairs;
    if (!pairs) continue;
    writer.add(SectionKind::ProducersBegin, pairs->producers.begin, i);
    writer.add(SectionKind::Producers, pairs->producers.tasks, i);
    writer.add(SectionKind::ConsumersBegin, pairs->consumers.begin, i);
    writer.add(SectionKind::Consumers, pairs->consumers.tasks, i);
  }
}

std::vector<EdgeWords> edge_words(const std::vector<Edge>& edges) {
  std::vector<EdgeWords> words;
  words.reserve(edges.size());
  for (const Edge& edge : edges) {
    words.push_back({static_cast<std::uint32_t>(edge.from),
                     static_cast<std::uint32_t>(edge.to),
                     static_cast<std::uint32_t>(edge.via),
                     static_cast<std::uint32_t>(edge.kind),
                     edge.pairs ? 1U : 0U});
  }
  return words;
}

Tree read_tree(const SectionReader& file, const std::vector<LevelHead>& heads) {
  Tree tree;
  for (std::size_t i = 0; i < heads.size(); ++i) {
    Level& level = tree.levels.emplace_back();
    level.name = heads[i].name;
    level.under = heads[i].under;
    level.names.begin = file.get<std::uint64_t>(SectionKind::LevelNamesBegin, i);
    level.names.bytes = file.get<char>(SectionKind::LevelNames, i);
    level.parent = file.get<Ordinal>(SectionKind::LevelParent, i);
    for (const LevelId child : heads[i].children) {
      level.children.push_back(
          {child, file.get<std::uint32_t>(SectionKind::LevelChildren, i, index_of(child))});
    }
    for (std::size_t c = 0; c < heads[i].columns.size(); ++c) {
      level.columns.push_back({heads[i].columns[c],
                               {file.get<std::uint64_t>(SectionKind::ColumnBegin, i, c),
                                file.get<char>(SectionKind::ColumnBytes, i, c)}});
    }
  }
  return tree;
}

InstanceSet read_set(const SectionReader& file, const SetHead& head, std::size_t index, bool map) {
  InstanceSet set;
  set.level = head.level;
  set.nodes = head.nodes;
  set.count = head.count;
  set.bits = file.get<std::uint64_t>(map ? SectionKind::MapBits : SectionKind::InstanceBits, index);
  set.rank = file.get<std::uint32_t>(map ? SectionKind::MapRank : SectionKind::InstanceRank, index);
  return set;
}

std::vector<Edge> read_edges(const SectionReader& file) {
  std::vector<Edge> edges;
  for (const EdgeWords& words : file.get<EdgeWords>(SectionKind::Edges)) {
    if (words[2] > std::numeric_limits<std::uint16_t>::max() ||
        words[3] > static_cast<std::uint32_t>(EdgeKind::Order) || words[4] > 1) {
      throw PlanError("a dependency has an unknown level or kind");
    }
    const std::size_t index = edges.size();
    Edge& edge = edges.emplace_back();
    edge.from = StepId{words[0]};
    edge.to = StepId{words[1]};
    edge.via = LevelId{static_cast<std::uint16_t>(words[2])};
    edge.kind = EdgeKind{static_cast<std::uint8_t>(words[3])};
    if (words[4] == 0) continue;
    edge.pairs = Pairs{{file.get<std::uint32_t>(SectionKind::ProducersBegin, index),
                        file.get<TaskIndex>(SectionKind::Producers, index)},
                       {file.get<std::uint32_t>(SectionKind::ConsumersBegin, index),
                        file.get<TaskIndex>(SectionKind::Consumers, index)}};
  }
  return edges;
}

Plan plan_from(const SectionReader& file) {
  const auto text = file.get<char>(SectionKind::Head);
  PlanHead head = head_from_json({text.data(), text.size()});
  if (head.map_levels.size() != head.map_nodes.size()) {
    throw PlanError("the lists of its block maps differ in length");
  }
  Plan plan;
  plan.hash = plan_hash_text(file.header());
  plan.workflow = std::move(head.workflow);
  plan.root = std::move(head.root);
  plan.workflow_dir = std::move(head.workflow_dir);
  plan.site = std::move(head.site);
  plan.wfc_version = std::move(head.wfc_version);
  plan.settle_s = head.settle_s;
  plan.graph.tree = read_tree(file, head.levels);
  for (std::size_t i = 0; i < head.instances.size(); ++i) {
    plan.graph.instances.push_back(read_set(file, head.instances[i], i, false));
  }
  plan.graph.edges = read_edges(file);
  plan.steps = std::move(head.steps);
  plan.order = std::move(head.order);
  for (std::size_t i = 0; i < head.map_nodes.size(); ++i) {
    plan.maps.push_back({head.map_levels[i],
                         read_set(file, head.map_nodes[i], i, true),
                         file.get<std::uint32_t>(SectionKind::MapBegin, i),
                         file.get<std::uint32_t>(SectionKind::MapOrder, i),
                         file.get<std::uint32_t>(SectionKind::MapBlock, i)});
  }
  plan.families = std::move(head.families);
  plan.arrays = std::move(head.arrays);
  for (std::size_t i = 0; i < plan.arrays.size(); ++i) {
    const auto ranges = file.get<Range>(SectionKind::ArrayIndices, i);
    plan.arrays[i].indices.assign(ranges.begin(), ranges.end());
  }
  check_plan(plan);
  return plan;
}

// The mapped bytes of a file, or a copy of bytes that do not lie on 8.
struct Bytes {
  std::span<const char> view;
  std::shared_ptr<const void> owner;
};

Bytes aligned_bytes(std::span<const char> bytes) {
  if (reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(std::uint64_t) == 0) {
    return {bytes, nullptr};
  }
  auto copy = std::make_shared<std::vector<std::uint64_t>>((bytes.size() + 7) / 8);
  std::memcpy(copy->data(), bytes.data(), bytes.size());
  return {{reinterpret_cast<const char*>(copy->data()), bytes.size()}, copy};
}

[[noreturn]] void fail(const std::filesystem::path& file, const std::string& reason) {
  throw PlanError(file.string() + ": " + reason);
}

[[noreturn]] void fail_to_read(const std::filesystem::path& file, const char* what, int error) {
  throw PlanReadError(file.string() + ": cannot " + what + " the plan: " + std::strerror(error));
}

Bytes map_file(const std::filesystem::path& file) {
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0) fail_to_read(file, "open", errno);
  struct stat info {};
  if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode) || info.st_size <= 0) {
    ::close(fd);
    fail(file, "it is too short for a plan");
  }
  const auto size = static_cast<std::size_t>(info.st_size);
  void* address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
  const int error = errno;
  ::close(fd);
  if (address == MAP_FAILED) fail_to_read(file, "map", error);
  // One task touches a few pages; reading ahead around each would cost more than it saves.
  ::madvise(address, size, MADV_RANDOM);
  const auto unmap = [size](const void* start) {
    ::munmap(const_cast<void*>(start), size);  // NOLINT(cppcoreguidelines-pro-type-const-cast)
  };
  return {{static_cast<const char*>(address), size}, std::shared_ptr<const void>(address, unmap)};
}

void keep(Plan& plan, const std::shared_ptr<const void>& owner) {
  if (owner == nullptr) return;
  // Passes copy the tree or the graph out of a plan: each keeps the bytes alive by itself.
  plan.storage.keep_alive(owner);
  plan.graph.storage.keep_alive(owner);
  plan.graph.tree.storage.keep_alive(owner);
}

}  // namespace

std::string steps_text(const Plan& plan) {
  PlanHead head = head_of(plan);
  head.instances.clear();
  head.map_nodes.clear();
  head.map_levels.clear();
  head.families.clear();
  head.arrays.clear();
  return head_to_json(head);
}

Plan plan_of_steps(std::string_view text) {
  PlanHead head = head_from_json(text);
  Plan plan;
  plan.steps = std::move(head.steps);
  plan.order = std::move(head.order);
  for (LevelHead& entry : head.levels) {
    Level& level = plan.graph.tree.levels.emplace_back();
    level.name = std::move(entry.name);
    level.under = entry.under;
    for (std::string& column : entry.columns) level.columns.push_back({std::move(column), {}});
  }
  return plan;
}

std::string serialize_plan(Plan& plan) {
  const std::string head = head_to_json(head_of(plan));
  const std::vector<EdgeWords> edges = edge_words(plan.graph.edges);
  SectionWriter writer;
  writer.add(SectionKind::Head, std::span<const char>(head));
  add_tree(writer, plan.graph.tree);
  for (std::size_t i = 0; i < plan.graph.instances.size(); ++i) {
    writer.add(SectionKind::InstanceBits, plan.graph.instances[i].bits, i);
    writer.add(SectionKind::InstanceRank, plan.graph.instances[i].rank, i);
  }
  writer.add(SectionKind::Edges, std::span<const EdgeWords>(edges));
  add_pairs(writer, plan.graph.edges);
  for (std::size_t i = 0; i < plan.maps.size(); ++i) {
    writer.add(SectionKind::MapBits, plan.maps[i].nodes.bits, i);
    writer.add(SectionKind::MapRank, plan.maps[i].nodes.rank, i);
    writer.add(SectionKind::MapBegin, plan.maps[i].begin, i);
    writer.add(SectionKind::MapOrder, plan.maps[i].order, i);
    writer.add(SectionKind::MapBlock, plan.maps[i].block, i);
  }
  for (std::size_t i = 0; i < plan.arrays.size(); ++i) {
    writer.add(SectionKind::ArrayIndices, std::span<const Range>(plan.arrays[i].indices), i);
  }
  std::string bytes = writer.finish();
  PlanHeader header;
  std::memcpy(&header, bytes.data(), sizeof(header));
  plan.hash = plan_hash_text(header);
  return bytes;
}

Plan map_plan(const std::filesystem::path& file, std::string_view expected_hash) {
  const Bytes bytes = map_file(file);
  try {
    const SectionReader reader(bytes.view);
    const std::string hash = plan_hash_text(reader.header());
    if (!expected_hash.empty() && hash != expected_hash) {
      throw PlanError("it is plan " + hash + ", expected is " + std::string(expected_hash));
    }
    check_head(file, bytes.view);
    Plan plan = plan_from(reader);
    keep(plan, bytes.owner);
    return plan;
  } catch (const PlanReadError&) {
    throw;
  } catch (const PlanError& error) {
    fail(file, error.what());
  }
}

Plan read_plan(std::span<const char> bytes) {
  const Bytes place = aligned_bytes(bytes);
  Plan plan = plan_from(SectionReader(place.view));
  keep(plan, place.owner);
  return plan;
}

void verify_plan_content(std::span<const char> bytes) {
  const Bytes place = aligned_bytes(bytes);
  const SectionReader reader(place.view);
  const XXH128_hash_t content =
      XXH3_128bits(place.view.data() + sizeof(PlanHeader), place.view.size() - sizeof(PlanHeader));
  if (content.low64 != reader.header().content_low ||
      content.high64 != reader.header().content_high) {
    throw PlanError("its content does not agree with its hash");
  }
  check_plan_arrays(plan_from(reader));
}

void verify_plan_content(const std::filesystem::path& file) {
  const Bytes bytes = map_file(file);
  try {
    verify_plan_content(bytes.view);
  } catch (const PlanError& error) {
    fail(file, error.what());
  }
}

}  // namespace wfr
