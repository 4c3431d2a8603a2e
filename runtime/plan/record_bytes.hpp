// A record as the bytes of a log's payload; docs/reference/records.md has the layout.
#pragma once

#include "runtime/plan/state.hpp"

#include <optional>
#include <string>

namespace wfr {

// Node and message are cut to 255 bytes and 4 KiB.
std::string record_to_bytes(const Record& record);
// nullopt when the bytes are not a record of this version.
std::optional<Record> record_from_bytes(std::string_view bytes);

}  // namespace wfr
