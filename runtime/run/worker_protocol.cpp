// Frames, and tasks and results as their payloads.
#include "runtime/run/worker_protocol.hpp"

#include <cerrno>
#include <cstring>
#include <type_traits>

#include <sys/socket.h>

namespace wfr {
namespace {

constexpr std::size_t kHead = sizeof(std::uint32_t) + sizeof(FrameKind);

class Writer {
 public:
  template <class T>
  requires std::is_arithmetic_v<T> Writer& add(T number) {
    bytes_.append(reinterpret_cast<const char*>(&number), sizeof(number));
    return *this;
  }
  Writer& add(std::string_view text) {
    add(std::uint64_t{text.size()});
    bytes_ += text;
    return *this;
  }
  Writer& add(const std::vector<std::string>& texts) {
    add(std::uint64_t{texts.size()});
    for (const std::string& text : texts) add(std::string_view(text));
    return *this;
  }
  [[nodiscard]] std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}
  template <class T>
  requires std::is_arithmetic_v<T>
  void get(T& number) { std::memcpy(&number, next(sizeof(T)).data(), sizeof(T)); }
  void get(std::string& text) {
    std::uint64_t size = 0;
    get(size);
    text = next(size);
  }
  void get(std::vector<std::string>& texts) {
    std::uint64_t count = 0;
    get(count);
    for (; count > 0; --count) get(texts.emplace_back());
  }

 private:
  std::string_view next(std::uint64_t size) {
    if (size > bytes_.size())
      throw KernelError("a message between wfr and its worker is too short");
    const std::string_view part = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return part;
  }
  std::string_view bytes_;
};

}  // namespace

std::string frame_bytes(FrameKind kind, std::string_view payload) {
  Writer writer;
  writer.add(static_cast<std::uint32_t>(payload.size())).add(static_cast<std::uint8_t>(kind));
  std::string bytes = writer.take();
  bytes += payload;
  return bytes;
}

std::optional<Frame> take_frame_from(std::string& buffer) {
  if (buffer.size() < kHead) return std::nullopt;
  std::uint32_t size = 0;
  std::memcpy(&size, buffer.data(), sizeof(size));
  if (buffer.size() < kHead + size) return std::nullopt;
  Frame frame{static_cast<FrameKind>(buffer[sizeof(size)]), buffer.substr(kHead, size)};
  buffer.erase(0, kHead + size);
  return frame;
}

std::string encode_task(const WorkerTask& task) {
  const KernelCall& call = task.call;
  Writer writer;
  writer.add(std::string_view(task.directory))
      .add(std::string_view(call.kernel))
      .add(std::string_view(call.library))
      .add(std::string_view(call.params_json))
      .add(call.inputs)
      .add(std::uint64_t{call.outputs.size()});
  for (const KernelCallOutput& output : call.outputs) {
    writer.add(std::string_view(output.path)).add(std::string_view(output.name)).add(output.names);
  }
  return writer.add(call.cpus)
      .add(call.memory_bytes)
      .add(std::string_view(call.scratch))
      .add(std::string_view(call.provenance_json))
      .take();
}

WorkerTask decode_task(std::string_view bytes) {
  Reader reader(bytes);
  WorkerTask task;
  KernelCall& call = task.call;
  reader.get(task.directory);
  reader.get(call.kernel);
  reader.get(call.library);
  reader.get(call.params_json);
  reader.get(call.inputs);
  std::uint64_t outputs = 0;
  reader.get(outputs);
  for (; outputs > 0; --outputs) {
    KernelCallOutput& output = call.outputs.emplace_back();
    reader.get(output.path);
    reader.get(output.name);
    reader.get(output.names);
  }
  reader.get(call.cpus);
  reader.get(call.memory_bytes);
  reader.get(call.scratch);
  reader.get(call.provenance_json);
  return task;
}

std::string encode_result(const WorkerResult& result) {
  return Writer()
      .add(result.ok)
      .add(std::string_view(result.message))
      .add(result.wall_ns)
      .add(result.cpu_ns)
      .add(result.peak_memory)
      .add(result.read_bytes)
      .add(result.written_bytes)
      .take();
}

WorkerResult decode_result(std::string_view bytes) {
  Reader reader(bytes);
  WorkerResult result;
  reader.get(result.ok);
  reader.get(result.message);
  reader.get(result.wall_ns);
  reader.get(result.cpu_ns);
  reader.get(result.peak_memory);
  reader.get(result.read_bytes);
  reader.get(result.written_bytes);
  return result;
}

bool send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

}  // namespace wfr
