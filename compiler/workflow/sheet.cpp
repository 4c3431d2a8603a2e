// Sample sheets: lines, or CSV (RFC 4180).
#include "compiler/workflow/sheet.hpp"

#include <algorithm>
#include <numeric>
#include <set>
#include <utility>

#include <fmt/format.h>

namespace wfc {
namespace {

std::string_view without_mark(std::string_view text) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.substr(0, kByteOrderMark.size()) == kByteOrderMark) {
    text.remove_prefix(kByteOrderMark.size());
  }
  return text;
}

// Reads records one after the other.
class CsvReader {
 public:
  CsvReader(std::string_view text, std::size_t mark)
      : rest_(text), line_begin_(text.data() - mark) {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  [[nodiscard]] std::size_t line() const { return line_; }
  [[nodiscard]] const std::string& problem() const { return problem_; }
  [[nodiscard]] std::size_t problem_line() const { return problem_line_; }

  // The fields of the next record and, if asked for, their places.
  void record(std::vector<std::string>& fields, std::vector<FieldPlace>* places = nullptr) {
    fields.clear();
    if (places != nullptr) places->clear();
    while (problem_.empty()) {
      FieldPlace place{number(line_), column(), 0, 0};
      fields.push_back(!rest_.empty() && rest_.front() == '"' ? quoted() : bare());
      place.end_line = number(line_);
      place.end_column = column();
      if (places != nullptr) places->push_back(place);
      if (rest_.empty() || take_line_end()) break;
      rest_.remove_prefix(1);  // the comma
    }
  }

 private:
  static std::uint32_t number(std::size_t value) { return static_cast<std::uint32_t>(value); }
  [[nodiscard]] std::uint32_t column() const {
    return static_cast<std::uint32_t>(rest_.data() - line_begin_) + 1;
  }

  void fail(std::size_t line, std::string problem) {
    problem_ = std::move(problem);
    problem_line_ = line;
  }

  std::string bare() {
    const std::size_t end = std::min(rest_.find_first_of(",\r\n\""), rest_.size());
    // A lone carriage return belongs to the field.
    std::string field(rest_.substr(0, end));
    rest_.remove_prefix(end);
    if (!rest_.empty() && rest_.front() == '"') {
      fail(line_, "a quote in the middle of a field that does not begin with one");
    } else if (!rest_.empty() && rest_.front() == '\r' && rest_.substr(0, 2) != "\r\n") {
      field += '\r';
      rest_.remove_prefix(1);
      field += bare();
    }
    return field;
  }

  std::string quoted() {
    const std::size_t begin = line_;
    std::string field;
    rest_.remove_prefix(1);
    while (!rest_.empty()) {
      const char byte = rest_.front();
      rest_.remove_prefix(1);
      if (byte == '"') {
        if (rest_.empty() || rest_.front() != '"') {
          if (!rest_.empty() &&
              std::string_view(",\r\n").find(rest_.front()) == std::string_view::npos) {
            fail(line_, "text after the quote that closes a field");
          }
          return field;
        }
        rest_.remove_prefix(1);
      }
      if (byte == '\n') next_line();
      field += byte;
    }
    fail(begin, "a quoted field is not closed");
    return field;
  }

  bool take_line_end() {
    const std::size_t length = rest_.substr(0, 2) == "\r\n" ? 2 : rest_.front() == '\n' ? 1 : 0;
    rest_.remove_prefix(length);
    if (length > 0) next_line();
    return length > 0;
  }

  void next_line() {
    ++line_;
    line_begin_ = rest_.data();
  }

  std::string_view rest_;
  const char* line_begin_;
  std::size_t line_ = 1;
  std::string problem_;
  std::size_t problem_line_ = 0;
};

}  // namespace

Sheet read_lines(std::string_view text) {
  Sheet sheet;
  text = without_mark(text);
  std::size_t number = 0;
  while (!text.empty()) {
    ++number;
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.empty() || line.front() == '#') continue;
    sheet.rows.push_back({std::string(line)});
    sheet.lines.push_back(static_cast<std::uint32_t>(number));
  }
  return sheet;
}

Sheet read_csv(std::string_view text, const ChooseFields& choose, bool with_places) {
  Sheet sheet;
  const std::string_view content = without_mark(text);
  CsvReader reader(content, text.size() - content.size());
  const auto fail = [&sheet](std::size_t line, std::string problem) {
    sheet.problem = std::move(problem);
    sheet.problem_line = line;
  };
  if (reader.at_end()) {
    fail(1, "it is empty: the first line names the columns");
    return sheet;
  }
  reader.record(sheet.header);
  std::set<std::string> different;
  for (const std::string& name : sheet.header) {
    if (!different.insert(name).second && reader.problem().empty() && sheet.problem.empty()) {
      fail(1, fmt::format("two columns are called `{}`", name));
    }
  }
  sheet.fields.resize(sheet.header.size());
  std::iota(sheet.fields.begin(), sheet.fields.end(), std::size_t{0});
  if (choose && sheet.problem.empty()) sheet.fields = choose(sheet.header);
  std::vector<std::string> record;
  std::vector<FieldPlace> places;
  while (!sheet.fields.empty() && !reader.at_end() && reader.problem().empty() &&
         sheet.problem.empty()) {
    const std::size_t line = reader.line();
    reader.record(record, with_places ? &places : nullptr);
    if (!reader.problem().empty()) break;
    // Nothing but commas, as spreadsheet programs leave it, is no row.
    if (std::all_of(record.begin(), record.end(), [](const auto& field) { return field.empty(); }))
      continue;
    if (record.size() != sheet.header.size()) {
      fail(line,
           fmt::format("{} fields, but the header has {}", record.size(), sheet.header.size()));
      break;
    }
    std::vector<std::string>& row = sheet.rows.emplace_back();
    row.reserve(sheet.fields.size());
    for (const std::size_t field : sheet.fields) row.push_back(std::move(record[field]));
    for (const std::size_t field : sheet.fields) {
      if (with_places) sheet.places.push_back(places[field]);
    }
    sheet.lines.push_back(static_cast<std::uint32_t>(line));
  }
  if (!reader.problem().empty()) fail(reader.problem_line(), reader.problem());
  return sheet;
}

Span cell_span(const LevelDef& level, std::size_t row, std::size_t cell) {
  if (level.sheet == nullptr || row >= level.lines.size()) return level.source_span;
  const std::uint32_t line = level.lines[row];
  const std::string_view first = level.sheet->line(line);
  const Span whole{level.sheet.get(), line, 1, line, static_cast<std::uint32_t>(first.size()) + 1};
  if (level.column.empty()) return whole;
  const char* const begin = first.data();
  if (begin == nullptr || cell >= level.fields.size()) return whole;
  const std::size_t field = level.fields[cell];
  // Read again from the line on: places are wanted only for what is wrong.
  const std::string& text = level.sheet->text;
  std::vector<std::string> record;
  std::vector<FieldPlace> places;
  CsvReader reader({begin, static_cast<std::size_t>(text.data() + text.size() - begin)}, 0);
  reader.record(record, &places);
  if (field >= places.size()) return whole;
  const FieldPlace& place = places[field];
  return {level.sheet.get(),
          line + place.line - 1,
          place.column,
          line + place.end_line - 1,
          place.end_column};
}

}  // namespace wfc
