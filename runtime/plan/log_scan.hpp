// Reading a whole log from its beginning to its end, in blocks: a million tasks leave hundreds of
// megabytes.
#pragma once

#include "runtime/plan/state_io.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <string_view>

namespace wfr {

// Length and XXH32 of the payload, both u32, before each payload.
using LogFrame = std::array<std::uint32_t, 2>;
// Longer ones are not written; a length beyond it is damage.
constexpr std::uint32_t kMaxLogPayload = 16 * 1024;

LogFrame log_frame_of(std::string_view payload);

// Calls `visit` for the payload of each whole record among the first `size` bytes, in order; the
// text is valid during the call. A record that a killed process or a full disk has torn may be
// followed by whole ones of its siblings: behind damage the search goes on byte by byte. Memory is
// that of one block. Throws std::system_error.
void scan_log(const StateFile& file,
              std::uint64_t size,
              const std::function<void(std::string_view)>& visit);

}  // namespace wfr
