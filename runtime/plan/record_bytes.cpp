// One record to bytes and back: fixed numbers, then two texts.
#include "runtime/plan/record_bytes.hpp"

#include <cstring>
#include <type_traits>

namespace wfr {
namespace {

constexpr std::uint8_t kRecordVersion = 1;
constexpr std::size_t kMaxNode = 255;
constexpr std::size_t kMaxMessage = 4096;

// All numbers of a record, in the order of the file, without padding.
struct Fixed {
  std::uint8_t version = kRecordVersion;
  std::uint8_t kind = 0;
  std::uint8_t verdict = 0;
  std::uint8_t failure = 0;
  std::uint16_t attempt = 0;
  std::uint16_t node_size = 0;
  std::uint32_t step = 0;
  std::uint32_t index = 0;
  std::int32_t status = 0;
  std::uint32_t job_id = 0;
  std::uint32_t array_job_id = 0;
  std::uint32_t array_task_id = 0;
  std::int64_t time_ns = 0;
  std::uint64_t wall_ns = 0;
  std::uint64_t cpu_ns = 0;
  std::uint64_t peak_memory = 0;
  std::uint64_t read_bytes = 0;
  std::uint64_t written_bytes = 0;
};
static_assert(sizeof(Fixed) == 80 && std::is_trivially_copyable_v<Fixed> &&
              std::has_unique_object_representations_v<Fixed>);

}  // namespace

std::string record_to_bytes(const Record& record) {
  const std::string node = record.node.substr(0, kMaxNode);
  Fixed fixed;
  fixed.kind = static_cast<std::uint8_t>(record.kind);
  fixed.verdict = static_cast<std::uint8_t>(record.verdict);
  fixed.failure = static_cast<std::uint8_t>(record.failure);
  fixed.attempt = record.attempt;
  fixed.node_size = static_cast<std::uint16_t>(node.size());
  fixed.step = static_cast<std::uint32_t>(record.task.step);
  fixed.index = record.task.index;
  fixed.status = record.status;
  fixed.job_id = record.job_id;
  fixed.array_job_id = record.array_job_id;
  fixed.array_task_id = record.array_task_id;
  fixed.time_ns = record.time_ns;
  fixed.wall_ns = record.wall_ns;
  fixed.cpu_ns = record.cpu_ns;
  fixed.peak_memory = record.peak_memory;
  fixed.read_bytes = record.read_bytes;
  fixed.written_bytes = record.written_bytes;
  std::string bytes(sizeof(fixed), '\0');
  std::memcpy(bytes.data(), &fixed, sizeof(fixed));
  return bytes + node + record.message.substr(0, kMaxMessage);
}

std::optional<Record> record_from_bytes(std::string_view bytes) {
  Fixed fixed;
  if (bytes.size() < sizeof(fixed)) return std::nullopt;
  std::memcpy(&fixed, bytes.data(), sizeof(fixed));
  bytes.remove_prefix(sizeof(fixed));
  const bool known = fixed.version == kRecordVersion && fixed.node_size <= bytes.size() &&
                     (fixed.kind == static_cast<std::uint8_t>(RecordKind::Start) ||
                      fixed.kind == static_cast<std::uint8_t>(RecordKind::End)) &&
                     fixed.verdict <= static_cast<std::uint8_t>(Verdict::Cancelled) &&
                     fixed.failure <= static_cast<std::uint8_t>(FailureKind::Node);
  if (!known) return std::nullopt;
  Record record;
  record.kind = static_cast<RecordKind>(fixed.kind);
  record.verdict = static_cast<Verdict>(fixed.verdict);
  record.failure = static_cast<FailureKind>(fixed.failure);
  record.attempt = fixed.attempt;
  record.task = {StepId{fixed.step}, fixed.index};
  record.status = fixed.status;
  record.job_id = fixed.job_id;
  record.array_job_id = fixed.array_job_id;
  record.array_task_id = fixed.array_task_id;
  record.time_ns = fixed.time_ns;
  record.wall_ns = fixed.wall_ns;
  record.cpu_ns = fixed.cpu_ns;
  record.peak_memory = fixed.peak_memory;
  record.read_bytes = fixed.read_bytes;
  record.written_bytes = fixed.written_bytes;
  record.node = bytes.substr(0, fixed.node_size);
  record.message = bytes.substr(fixed.node_size);
  return record;
}

}  // namespace wfr
