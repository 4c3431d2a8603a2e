// Sample sheets: lines, or CSV (RFC 4180).
#pragma once

#include "compiler/workflow/workflow.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace wfc {

struct Sheet {
  std::vector<std::string> header;             // empty for lines
  std::vector<std::vector<std::string>> rows;  // of each the chosen fields; one word for lines
  std::vector<std::uint32_t> lines;            // 1-based line of each row
  std::vector<std::size_t> fields;             // of a CSV: which field each word of a row is
  std::vector<FieldPlace> places;  // if asked for: of every word, row by row, with its quotes
  std::string problem;             // not empty: what is wrong
  std::size_t problem_line = 0;    // 1-based
};

// One name a line; empty lines and lines that begin with '#' are left out.
Sheet read_lines(std::string_view text);
// Which fields of a record are kept, in this order. None: nothing is read beyond the header.
using ChooseFields =
    std::function<std::vector<std::size_t>(const std::vector<std::string>& header)>;
// The first record is the header. Quoted fields may hold commas, quotes ("") and line ends; LF and
// CRLF both end a record; a byte order mark is skipped. Fields of the header must differ. Without
// `choose` every field is kept.
Sheet read_csv(std::string_view text, const ChooseFields& choose = {}, bool with_places = false);

// The place of a level's cell: `cell` is an index into one of its `rows`. Without a
// sheet it is the place in the workflow that says where the names come from.
Span cell_span(const LevelDef& level, std::size_t row, std::size_t cell);

}  // namespace wfc
