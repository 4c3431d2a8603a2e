// What wfr and its workers say to each other over their socket: frames of a length, a kind, a
// payload. Both ends are the same build; nothing here is kept on a disk.
#pragma once

#include "runtime/run/worker.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wfr {

enum class FrameKind : std::uint8_t {
  Task = 1,  // to the worker: a WorkerTask
  Cancel,    // to the worker: stop the current task soon
  Progress,  // from the worker: a double
  Warning,   // from the worker: text
  Result,    // from the worker: a WorkerResult
};

struct Frame {
  FrameKind kind{};
  std::string payload;
};

std::string frame_bytes(FrameKind kind, std::string_view payload);
// Takes the first frame off the buffer when it is whole.
std::optional<Frame> take_frame_from(std::string& buffer);

std::string encode_task(const WorkerTask& task);
std::string encode_result(const WorkerResult& result);
// Both throw KernelError when the bytes are not what the other side writes.
WorkerTask decode_task(std::string_view bytes);
WorkerResult decode_result(std::string_view bytes);

// Writes everything; false when the other side is gone.
bool send_all(int fd, std::string_view bytes);

}  // namespace wfr
