// A record as the bytes of a log's payload; docs/reference/records.md has the layout.
#pragma once

#include "runtime/plan/state.hpp"

#include <optional>
#include <string>
#include <vector>

namespace wfr {

// Node and message are cut to 255 bytes and 4 KiB. Its lists are all in it.
std::string record_to_bytes(const Record& record);
// The same in payloads that a log takes: of kind Files those with what does not fit, then the
// record itself. Each but the first wants set_earlier().
std::vector<std::string> record_payloads(const Record& record);
// `earlier`: 1 + the offset of the payload before it.
void set_earlier(std::string& payload, std::uint64_t earlier);
// nullopt when the bytes are not a record of this version.
std::optional<Record> record_from_bytes(std::string_view bytes);

}  // namespace wfr
