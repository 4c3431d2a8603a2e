// The log: length, XXH32 and payload of each record in one appended write.
#include "runtime/plan/log_scan.hpp"
#include "runtime/plan/record_bytes.hpp"
#include "runtime/plan/state.hpp"
#include "runtime/plan/state_io.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
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
    if (const auto record = record_from_bytes(payload)) visit(*record);
  });
}

std::optional<Record> record_in(const fs::path& log_dir, const Slot& slot) {
  for (const fs::path& file : log_files(log_dir)) {
    if (id_of(file) != slot.log_file) continue;
    const Reading log(file);
    if (log.file.fd < 0) return std::nullopt;
    return record_from_bytes(payload_at(log.file, slot.log_offset));
  }
  return std::nullopt;
}

}  // namespace

LogWriter::LogWriter(const std::filesystem::path& log_dir) {
  fs::create_directories(log_dir);
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
  constexpr int kMostShort = 3;
  std::string bytes = framed(record_to_bytes(record));
  // An end is on the disk before append() returns, and with it the starts before it: a slot never
  // points at a lost record. A start that a crash of the machine loses only makes the task look
  // new.
  const int flags = durable && record.kind == RecordKind::End ? RWF_DSYNC : 0;
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

std::optional<Record> read_record(const std::filesystem::path& log_dir, const Slot& slot) {
  if (auto record = record_in(log_dir, slot)) return record;
  const fs::path states = fs::absolute(log_dir).lexically_normal().parent_path().parent_path();
  // Only in an out directory: elsewhere the neighbours are somebody else's.
  if (states.filename() != "state") return std::nullopt;
  std::error_code error;
  for (fs::directory_iterator it(states, error), end; !error && it != end; it.increment(error)) {
    if (auto record = record_in(it->path() / "log", slot)) return record;
  }
  return std::nullopt;
}

}  // namespace wfr
