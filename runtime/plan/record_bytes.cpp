// One record to bytes and back: fixed numbers, two texts, then the entries of its lists.
#include "runtime/plan/record_bytes.hpp"

#include "runtime/plan/log_scan.hpp"

#include <array>
#include <cstddef>
#include <cstring>
#include <type_traits>
#include <utility>

namespace wfr {
namespace {

constexpr std::uint8_t kRecordVersion = 2;
constexpr std::size_t kMaxNode = 255;
constexpr std::size_t kMaxMessage = 4096;
// No longer path can be opened.
constexpr std::size_t kMaxPath = 4096;

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
  std::uint64_t earlier = 0;
  std::uint32_t message_size = 0;
  std::uint32_t open = 0;
};
static_assert(sizeof(Fixed) == 96 && std::is_trivially_copyable_v<Fixed> &&
              std::has_unique_object_representations_v<Fixed>);

// Before the path of each entry; one of `before` has four numbers behind it.
struct EntryHead {
  std::uint16_t standing = 0;  // 1: of `before`; 0: of `owned`
  std::uint16_t size = 0;      // of the path
};
using Numbers = std::array<std::uint64_t, 4>;

// Calls `use` with the bytes of each entry.
template <class Use>
void for_each_entry(const Record& record, Use use) {
  std::string bytes;
  const auto give = [&](const std::string& path, const Numbers* numbers) {
    if (path.empty() || path.size() > kMaxPath) return;
    const EntryHead head{static_cast<std::uint16_t>(numbers != nullptr ? 1 : 0),
                         static_cast<std::uint16_t>(path.size())};
    bytes.assign(reinterpret_cast<const char*>(&head), sizeof(head)).append(path);
    if (numbers != nullptr) {
      bytes.append(reinterpret_cast<const char*>(numbers->data()), sizeof(*numbers));
    }
    use(bytes);
  };
  for (const std::string& path : record.owned) give(path, nullptr);
  for (const Standing& file : record.before) {
    const Numbers numbers{file.size,
                          static_cast<std::uint64_t>(file.mtime_ns),
                          static_cast<std::uint64_t>(file.ctime_ns),
                          file.inode};
    give(file.path, &numbers);
  }
}

bool read_entries(std::string_view bytes, Record& record) {
  while (!bytes.empty()) {
    EntryHead head;
    if (bytes.size() < sizeof(head)) return false;
    std::memcpy(&head, bytes.data(), sizeof(head));
    bytes.remove_prefix(sizeof(head));
    Numbers numbers{};
    const std::size_t behind = head.standing == 1 ? sizeof(numbers) : 0;
    if (head.standing > 1 || head.size == 0 || head.size > kMaxPath ||
        bytes.size() < head.size + behind) {
      return false;
    }
    std::string path(bytes.substr(0, head.size));
    if (head.standing == 1) {
      std::memcpy(numbers.data(), bytes.data() + head.size, sizeof(numbers));
      record.before.push_back({std::move(path),
                               numbers[0],
                               static_cast<std::int64_t>(numbers[1]),
                               static_cast<std::int64_t>(numbers[2]),
                               numbers[3]});
    } else {
      record.owned.push_back(std::move(path));
    }
    bytes.remove_prefix(head.size + behind);
  }
  return true;
}

// The numbers and the texts.
std::string head_bytes(const Record& record) {
  const std::string node = record.node.substr(0, kMaxNode);
  const std::string message = record.message.substr(0, kMaxMessage);
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
  fixed.earlier = record.earlier;
  fixed.message_size = static_cast<std::uint32_t>(message.size());
  fixed.open = record.open ? 1 : 0;
  std::string bytes(sizeof(fixed), '\0');
  std::memcpy(bytes.data(), &fixed, sizeof(fixed));
  return bytes + node + message;
}

bool is_known(const Fixed& fixed) {
  return fixed.version == kRecordVersion && fixed.node_size <= kMaxNode &&
         fixed.message_size <= kMaxMessage &&
         fixed.kind >= static_cast<std::uint8_t>(RecordKind::Start) &&
         fixed.kind <= static_cast<std::uint8_t>(RecordKind::Files) &&
         fixed.verdict <= static_cast<std::uint8_t>(Verdict::Cancelled) &&
         fixed.failure <= static_cast<std::uint8_t>(kLastFailureKind) && fixed.open <= 1;
}

}  // namespace

std::string record_to_bytes(const Record& record) {
  std::string bytes = head_bytes(record);
  for_each_entry(record, [&](const std::string& entry) { bytes += entry; });
  return bytes;
}

std::vector<std::string> record_payloads(const Record& record) {
  const std::string head = head_bytes(record);
  if (record.owned.empty() && record.before.empty()) return {head};
  Record files;
  files.kind = RecordKind::Files;
  files.task = record.task;
  files.attempt = record.attempt;
  files.time_ns = record.time_ns;
  const std::string files_head = head_bytes(files);
  // What the record itself has room for is enough for each.
  const std::size_t room = kMaxLogPayload - head.size();
  std::vector<std::string> payloads;
  std::string entries;
  for_each_entry(record, [&](const std::string& entry) {
    if (entries.size() + entry.size() > room) {
      payloads.push_back(files_head + entries);
      entries.clear();
    }
    entries += entry;
  });
  payloads.push_back(head + entries);
  return payloads;
}

void set_earlier(std::string& payload, std::uint64_t earlier) {
  std::memcpy(payload.data() + offsetof(Fixed, earlier), &earlier, sizeof(earlier));
}

std::optional<Record> record_from_bytes(std::string_view bytes) {
  Fixed fixed;
  if (bytes.size() < sizeof(fixed)) return std::nullopt;
  std::memcpy(&fixed, bytes.data(), sizeof(fixed));
  bytes.remove_prefix(sizeof(fixed));
  const std::size_t texts = std::size_t{fixed.node_size} + fixed.message_size;
  if (!is_known(fixed) || texts > bytes.size()) return std::nullopt;
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
  record.earlier = fixed.earlier;
  record.open = fixed.open == 1;
  record.node = bytes.substr(0, fixed.node_size);
  record.message = bytes.substr(fixed.node_size, fixed.message_size);
  if (!read_entries(bytes.substr(texts), record)) return std::nullopt;
  return record;
}

}  // namespace wfr
