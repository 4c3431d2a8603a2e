// libFuzzer: whatever the bytes, an NSx recording is read or refused with a KernelError; nothing is
// read outside it, and no count in it makes a large allocation.
#include "runtime/kernels/kernel.hpp"
#include "runtime/kernels/nsx/packets.hpp"
#include "tests/unit/kernels/nsx_memory.hpp"

#include <algorithm>
#include <cstdlib>

namespace {

using wfr::nsx::MemorySource;

// Reads every frame; what was announced must be what comes.
void read_frames(const MemorySource& source, const wfr::nsx::Header& header, bool assume_single) {
  const wfr::nsx::Layout layout = wfr::nsx::scan_packets(source, header, assume_single);
  wfr::nsx::PacketReader reader(source, header, layout, 256);
  volatile unsigned sum = 0;  // so that the bytes are really touched
  for (auto frames = reader.frames(16); !frames.empty(); frames = reader.frames(16)) {
    for (const std::byte* frame : frames) {
      sum = sum + std::to_integer<unsigned>(frame[0]) +
            std::to_integer<unsigned>(frame[header.frame_bytes() - 1]);
    }
  }
  std::uint64_t in_pieces = 0;
  for (const wfr::nsx::Piece& piece : reader.pieces().pieces()) {
    in_pieces += piece.count;
  }
  if (reader.samples_read() != layout.samples || in_pieces != layout.samples) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::byte> bytes(size);
  std::transform(data, data + size, bytes.begin(), [](std::uint8_t b) { return std::byte{b}; });
  const MemorySource source(std::move(bytes));
  try {
    const wfr::nsx::Header header = wfr::nsx::read_header(source);
    try {
      read_frames(source, header, true);
    } catch (const wfr::nsx::NotSingle&) {
      read_frames(source, header, false);
    }
  } catch (const wfr::KernelError&) {
    return 0;
  }
  return 0;
}
