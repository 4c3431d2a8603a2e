// The log: length, XXH32 and payload of each record in one appended write.
#include "runtime/plan/log_scan.hpp"
#include "runtime/plan/own_out.hpp"
#include "runtime/plan/record_bytes.hpp"
#include "runtime/plan/state.hpp"
#include "runtime/plan/state_io.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>
#include <xxhash.h>

namespace wfr {
namespace {

namespace fs = std::filesystem;

// Unique among the states of one out directory: the same machine writes a file of the same name for
// each plan, and a carried slot must not find a record in the wrong one.
std::uint32_t id_of(const fs::path& file) {
  const fs::path state = fs::absolute(file).lexically_normal().parent_path().parent_path();
  const std::string name = state.filename().string() + "/" + file.filename().string();
  return XXH32(name.data(), name.size(), 0);
}

// The name of this machine and of its present start: a later boot writes another file, so that a
// record that a crash of the machine has torn is never followed by others.
std::string host_and_boot() {
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0) host = {'h', 'o', 's', 't'};
  std::string boot;
  std::ifstream("/proc/sys/kernel/random/boot_id") >> boot;
  return std::string(host.data()) + "-" + (boot.empty() ? "boot" : boot.substr(0, 8));
}

std::string framed(const std::string& payload) {
  const LogFrame frame = log_frame_of(payload);
  std::string bytes(sizeof(frame), '\0');
  std::memcpy(bytes.data(), frame.data(), sizeof(frame));
  return bytes + payload;
}

std::vector<fs::path> log_files(const fs::path& log_dir) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator it(log_dir, error), end; !error && it != end; it.increment(error)) {
    if (!it->path().filename().string().starts_with('.')) files.push_back(it->path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

struct Reading {
  explicit Reading(const fs::path& path)
      : file(open_state_file(path.string(), O_RDONLY | O_CLOEXEC)) {}
  ~Reading() {
    if (file.fd >= 0) ::close(file.fd);
  }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;
  StateFile file;
};

// The payload at an offset, "" where no whole record begins.
std::string payload_at(const StateFile& file, std::uint64_t offset) {
  LogFrame frame{};
  if (read_at(file, frame.data(), sizeof(frame), offset) != sizeof(frame)) return {};
  if (frame[0] == 0 || frame[0] > kMaxLogPayload) return {};
  std::string payload(frame[0], '\0');
  if (read_at(file, payload.data(), payload.size(), offset + sizeof(frame)) != payload.size() ||
      log_frame_of(payload) != frame) {
    return {};
  }
  return payload;
}

void read_log(const fs::path& file, const std::function<void(const Record&)>& visit) {
  const Reading log(file);
  struct stat info {};
  if (log.file.fd < 0 || ::fstat(log.file.fd, &info) != 0) return;
  scan_log(log.file, static_cast<std::uint64_t>(info.st_size), [&](std::string_view payload) {
    const auto record = record_from_bytes(payload);
    if (record && record->kind != RecordKind::Files) visit(*record);
  });
}

// A record with its whole lists; nullopt when a part of them is not there.
std::optional<Record> whole_record(const StateFile& file, std::uint64_t offset) {
  std::optional<Record> record = record_from_bytes(payload_at(file, offset));
  if (!record || record->kind == RecordKind::Files) return std::nullopt;
  std::vector<Record> parts;
  std::uint64_t earlier = record->earlier;
  while (earlier != 0) {
    // Each is before the one that names it, so this ends.
    if (earlier - 1 >= offset) return std::nullopt;
    offset = earlier - 1;
    std::optional<Record> part = record_from_bytes(payload_at(file, offset));
    if (!part || part->kind != RecordKind::Files) return std::nullopt;
    earlier = part->earlier;
    parts.push_back(std::move(*part));
  }
  std::vector<std::string> owned;
  std::vector<Standing> before;
  const auto add = [&](Record& part) {
    std::move(part.owned.begin(), part.owned.end(), std::back_inserter(owned));
    std::move(part.before.begin(), part.before.end(), std::back_inserter(before));
  };
  for (auto part = parts.rbegin(); part != parts.rend(); ++part) add(*part);
  add(*record);
  record->owned = std::move(owned);
  record->before = std::move(before);
  record->earlier = 0;
  return record;
}

}  // namespace

LogWriter::LogWriter(const std::filesystem::path& log_dir) {
  make_own_directories(log_dir);
  const std::string name = host_and_boot();
  file_ = open_state_file((log_dir / name).string(),
                          O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
  if (file_.fd < 0) {
    throw std::system_error(errno, std::generic_category(), (log_dir / name).string());
  }
  file_id_ = id_of(log_dir / name);
}

LogWriter::~LogWriter() {
  if (file_.fd >= 0) ::close(file_.fd);
}

std::uint64_t LogWriter::append(const Record& record, bool durable) {
  // An end is on the disk before append() returns, and with it the starts before it: a slot never
  // points at a lost record. A start that a crash of the machine loses only makes the task look
  // new.
  const bool flushed = durable && record.kind == RecordKind::End;
  std::vector<std::string> payloads = record_payloads(record);
  std::uint64_t offset = 0;
  for (std::size_t i = 0; i < payloads.size(); ++i) {
    if (i > 0) set_earlier(payloads[i], offset + 1);
    offset = append_payload(payloads[i], flushed && payloads.size() == 1 ? RWF_DSYNC : 0);
  }
  if (flushed && payloads.size() > 1) sync();
  return offset;
}

std::uint64_t LogWriter::append_payload(const std::string& payload, int flags) {
  constexpr int kMostShort = 3;
  std::string bytes = framed(payload);
  const iovec part{bytes.data(), bytes.size()};
  int tries = 0;
  for (int shorts = 0; shorts < kMostShort;) {
    const ssize_t n = ::pwritev2(file_.fd, &part, 1, -1, flags);
    if (n < 0 && repeat_after_error(file_, tries++)) continue;
    if (n < 0) throw std::system_error(errno, std::generic_category(), "writing the log");
    // A part cannot be completed, since others append meanwhile: it is written anew, and readers
    // pass over the torn one.
    if (n != static_cast<ssize_t>(bytes.size())) {
      ++shorts;
      continue;
    }
    // With O_APPEND the position after a write is the end of what this descriptor has written,
    // whatever other processes append meanwhile.
    const off_t end = ::lseek(file_.fd, 0, SEEK_CUR);
    return static_cast<std::uint64_t>(end) - bytes.size();
  }
  throw std::system_error(ENOSPC, std::generic_category(), "writing the log");
}

void LogWriter::sync() const {
  if (::fdatasync(file_.fd) != 0) {
    throw std::system_error(errno, std::generic_category(), "writing the log");
  }
}

void read_logs(const std::filesystem::path& log_dir,
               const std::function<void(const Record&)>& visit) {
  for (const fs::path& file : log_files(log_dir)) read_log(file, visit);
}

LogReader::LogReader(const fs::path& log_dir, fs::path states)
    : log_dir_(fs::absolute(log_dir).lexically_normal()), states_(std::move(states)) {
  // Only in an out directory: elsewhere the neighbours are somebody else's.
  const fs::path beside = log_dir_.parent_path().parent_path();
  if (states_.empty() && beside.filename() == "state") states_ = beside;
}

LogReader::~LogReader() {
  for (const auto& [id, file] : files_) {
    if (file.fd >= 0) ::close(file.fd);
  }
}

const StateFile* LogReader::file_of(std::uint32_t id) {
  const std::scoped_lock lock(mutex_);
  const auto known = files_.find(id);
  if (known != files_.end()) return &known->second;
  const auto look_in = [&](const fs::path& log_dir) -> const StateFile* {
    for (const fs::path& path : log_files(log_dir)) {
      if (id_of(path) != id) continue;
      StateFile file = open_state_file(path.string(), O_RDONLY | O_CLOEXEC);
      if (file.fd >= 0) return &files_.emplace(id, std::move(file)).first->second;
    }
    return nullptr;
  };
  if (const StateFile* own = look_in(log_dir_)) return own;
  if (states_.empty()) return nullptr;
  std::error_code error;
  for (fs::directory_iterator it(states_, error), end; !error && it != end; it.increment(error)) {
    if (const StateFile* other = look_in(it->path() / "log")) return other;
  }
  return nullptr;
}

std::optional<Record> LogReader::read(const Slot& slot) {
  if (slot.log_file == 0) return std::nullopt;
  const StateFile* file = file_of(slot.log_file);
  return file != nullptr ? whole_record(*file, slot.log_offset) : std::nullopt;
}

std::optional<Record> read_record(const std::filesystem::path& log_dir, const Slot& slot) {
  return LogReader(log_dir).read(slot);
}

}  // namespace wfr
