// One block of the log at a time, and records within it.
#include "runtime/plan/log_scan.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

#include <xxhash.h>

namespace wfr {
namespace {

constexpr std::size_t kBlock = std::size_t{256} * 1024;
static_assert(kBlock >= sizeof(LogFrame) + kMaxLogPayload);

class Window {
 public:
  Window(const StateFile& file, std::uint64_t size)
      : file_(file), size_(size), block_(std::min<std::uint64_t>(kBlock, size)) {}

  // `count` bytes at `offset`, or fewer at the end. Valid until the next call.
  std::string_view at(std::uint64_t offset, std::size_t count) {
    if (offset >= size_) return {};
    count = static_cast<std::size_t>(std::min<std::uint64_t>(count, size_ - offset));
    if (offset < begin_ || offset + count > begin_ + filled_) {
      begin_ = offset;
      const std::uint64_t wanted = std::min<std::uint64_t>(block_.size(), size_ - offset);
      filled_ = read_at(file_, block_.data(), static_cast<std::size_t>(wanted), offset);
      count = std::min(count, filled_);
    }
    return {block_.data() + (offset - begin_), count};
  }

 private:
  const StateFile& file_;
  std::uint64_t size_;
  std::vector<char> block_;
  std::uint64_t begin_ = 0;
  std::size_t filled_ = 0;
};

// The payload at an offset, "" where no whole record begins.
std::string_view payload_at(Window& window, std::uint64_t offset) {
  LogFrame frame{};
  const std::string_view head = window.at(offset, sizeof(frame));
  if (head.size() != sizeof(frame)) return {};
  std::memcpy(frame.data(), head.data(), sizeof(frame));
  if (frame[0] == 0 || frame[0] > kMaxLogPayload) return {};
  const std::string_view payload = window.at(offset + sizeof(frame), frame[0]);
  return payload.size() == frame[0] && log_frame_of(payload) == frame ? payload
                                                                      : std::string_view();
}

}  // namespace

LogFrame log_frame_of(std::string_view payload) {
  return {static_cast<std::uint32_t>(payload.size()), XXH32(payload.data(), payload.size(), 0)};
}

void scan_log(const StateFile& file,
              std::uint64_t size,
              const std::function<void(std::string_view)>& visit) {
  Window window(file, size);
  for (std::uint64_t offset = 0; offset < size;) {
    const std::string_view payload = payload_at(window, offset);
    if (payload.empty()) {
      ++offset;
      continue;
    }
    visit(payload);
    offset += sizeof(LogFrame) + payload.size();
  }
}

}  // namespace wfr
