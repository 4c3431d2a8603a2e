// A level whose names come from a sample sheet.
#include "compiler/workflow/sheet_level.hpp"

#include "compiler/workflow/names.hpp"
#include "compiler/workflow/sheet.hpp"
#include "compiler/workflow/sheet_file.hpp"
#include "compiler/workflow/unicode.hpp"
#include "compiler/workflow/values.hpp"

#include <algorithm>
#include <cctype>
#include <functional>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

namespace wfc {
namespace {

constexpr std::size_t kReportedAtMost = 3;

std::string trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return "";
  return std::string(text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1));
}

// "Site " -> "site".
std::string as_level_name(std::string_view header) {
  std::string name = trimmed(header);
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char byte) {
    return static_cast<char>(std::tolower(byte));
  });
  return name;
}

// All keys and texts of a table, a line each.
void add_words(const ast::Table& table, std::string& words);
void add_words(const ast::Value& value, std::string& words) {
  if (const std::string* text = as_text(value)) words += *text + '\n';
  if (const ast::Table* table = as_table(value)) add_words(*table, words);
  if (const ast::Array* array = as_array(value)) {
    for (const ast::Value& item : *array) add_words(item, words);
  }
}
void add_words(const ast::Table& table, std::string& words) {
  for (const ast::Entry& entry : table.entries) {
    words += entry.key + '\n';
    add_words(entry.value, words);
  }
}

bool is_of_word(char byte) {
  const auto letter = static_cast<unsigned char>(byte);
  return std::isalnum(letter) != 0 || byte == '_' || letter >= 0x80U;
}

// Whether the name stands there, not as a part of a longer word.
bool holds_word(std::string_view text, std::string_view name) {
  for (std::size_t at = text.find(name); at != std::string_view::npos;
       at = text.find(name, at + 1)) {
    const std::size_t end = at + name.size();
    const bool begins = at == 0 || !is_of_word(text[at - 1]) || !is_of_word(name.front());
    const bool ends = end == text.size() || !is_of_word(text[end]) || !is_of_word(name.back());
    if (begins && ends) return true;
  }
  return false;
}

// The names first, then the columns that the workflow or a site's description may mean: a text of
// theirs has the name in it. None when there is no column of names.
std::vector<std::size_t> choose_fields(Context& context,
                                       const ast::Table& table,
                                       const LevelDef& level,
                                       const std::vector<std::string>& header) {
  const auto names = std::find(header.begin(), header.end(), level.column);
  if (names == header.end()) {
    std::string help = did_you_mean(level.column, header);
    if (help.empty()) help = fmt::format("there are: {}", fmt::join(header, ", "));
    context.report(Kind::UnknownColumn,
                   span_at(table, "column", level.span),
                   fmt::format("`{}` has no column `{}`", level.file, level.column),
                   std::move(help));
    return {};
  }
  std::string words;
  add_words(context.document.root, words);
  for (const ast::Document* site : context.options.site_files) add_words(site->root, words);
  std::vector<std::size_t> fields{static_cast<std::size_t>(names - header.begin())};
  for (std::size_t field = 0; field < header.size(); ++field) {
    if (field == fields.front() || header[field].empty()) continue;
    if (holds_word(words, header[field])) fields.push_back(field);
  }
  return fields;
}

// A column that is nearly called like a level above would tie no row to its directory: each row
// would be taken below all of them.
void check_header(Context& context, const LevelDef& level) {
  const std::vector<std::string>& header = level.header;
  for (LevelId id = level.under; id != wfr::kRootLevel; id = context.workflow.level(id).under) {
    const std::string& name = context.workflow.level(id).name;
    if (std::find(header.begin(), header.end(), name) != header.end()) continue;
    for (const std::string& column : header) {
      if (column == level.column || as_level_name(column) != as_level_name(name)) continue;
      context.report(
          Kind::BadSheet,
          line_span(*level.sheet, 1),
          fmt::format("column `{}` is spelled unlike level `{}`", column, name),
          fmt::format(
              "write `{}` in the header: it says below which `{}` a row belongs", name, name));
    }
  }
}

// Looks at the names in the rows: the level's own, and those of the levels above.
class RowCheck {
 public:
  RowCheck(Context& context, const LevelDef& level) : context_(context), level_(level) {
    for (std::size_t i = 0; i < level.columns.size(); ++i) {
      if (lookup_level(context.workflow, level.columns[i])) keys_.push_back(i + 1);
    }
  }

  void run() {
    find_repeated();
    for (std::size_t row = 0; row < level_.rows.size(); ++row) check(row);
    if (problems_ <= kReportedAtMost) return;
    context_.report(
        Kind::BadDirectoryName,
        level_.source_span,
        fmt::format(
            "{} more names in `{}` cannot be used", problems_ - kReportedAtMost, level_.file));
  }

 private:
  // A name may come again below another parent, but not twice with all the same parents.
  [[nodiscard]] std::string identity(std::size_t row) const {
    std::string text;  // a name holds no NUL, so that it can end each part
    for (const std::size_t key : keys_) {
      // What looks alike is the same name, however its letters are composed.
      text += composed(level_.rows[row][key]) + '\0';
    }
    return text;
  }

  // Sorts hashes of the rows: a hash table of a million names would miss the cache at each of them.
  // Rows in ascending order repeat nothing, and most sheets are sorted.
  void find_repeated() {
    std::vector<std::pair<std::size_t, std::uint32_t>> rows;  // hash, row
    rows.reserve(level_.rows.size());
    bool ascending = true;
    std::string last;
    for (std::uint32_t row = 0; row < level_.rows.size(); ++row) {
      std::string text = identity(row);
      ascending = ascending && last < text;
      rows.emplace_back(std::hash<std::string>{}(text), row);
      last = std::move(text);
    }
    if (ascending) return;
    std::sort(rows.begin(), rows.end());
    std::unordered_map<std::string, std::uint32_t> first;  // of rows with one hash
    for (std::size_t i = 1; i < rows.size(); ++i) {
      if (rows[i].first != rows[i - 1].first) {
        first.clear();
        continue;
      }
      first.emplace(identity(rows[i - 1].second), rows[i - 1].second);
      const auto [found, fresh] = first.emplace(identity(rows[i].second), rows[i].second);
      if (!fresh) first_.emplace(rows[i].second, found->second);
    }
  }

  void check(std::size_t row) {
    for (const std::size_t key : keys_) check_name(row, key);
    const auto first = first_.find(row);
    if (first == first_.end() || level_.rows[row][0].empty()) return;
    if (++problems_ > kReportedAtMost) return;
    context_.sink.report(
        {Kind::DuplicateName,
         cell_span(level_, row, 0),
         fmt::format("column `{}` repeats `{}`", level_.column, level_.rows[row][0]),
         "list each name once within the directory above it; another column may hold what repeats",
         {{cell_span(level_, first->second, 0), "the first"}}});
  }

  void check_name(std::size_t row, std::size_t key) {
    const std::string& name = level_.rows[row][key];
    std::string problem = directory_name_problem(name);
    std::string help = "a name is one path component";
    if (problem.empty() && trimmed(name) != name) {
      problem = "has spaces around it";
      help = fmt::format("write `{}`", trimmed(name));
    }
    if (problem.empty() || ++problems_ > kReportedAtMost) return;
    const std::string& column = key == 0 ? level_.column : level_.columns[key - 1];
    if (name.empty()) help = fmt::format("each row needs a name in column `{}`", column);
    context_.report(Kind::BadDirectoryName,
                    cell_span(level_, row, key),
                    name.empty() ? fmt::format("the cell of column `{}` is empty", column)
                                 : fmt::format("`{}` {}", name, problem),
                    std::move(help));
  }

  Context& context_;
  const LevelDef& level_;
  std::vector<std::size_t> keys_{0};
  std::unordered_map<std::size_t, std::size_t> first_;  // by a row that repeats it: the first row
  std::size_t problems_ = 0;
};

}  // namespace

void read_level_sheet(Context& context, const ast::Table& table, LevelDef& level) {
  level.sheet = read_sheet_file(context, level.file, level.source_span);
  if (level.sheet == nullptr) return;
  const bool csv = table.find("column") != nullptr;
  const ChooseFields choose = [&](const std::vector<std::string>& header) {
    return choose_fields(context, table, level, header);
  };
  Sheet sheet = csv ? read_csv(level.sheet->text, choose) : read_lines(level.sheet->text);
  if (!sheet.problem.empty()) {
    context.report(
        Kind::BadSheet,
        line_span(*level.sheet, static_cast<std::uint32_t>(sheet.problem_line)),
        sheet.problem,
        "the file is CSV as in RFC 4180: commas, and double quotes around fields that hold them");
    return;
  }
  if (csv && sheet.fields.empty()) return;
  if (sheet.rows.empty()) {
    context.report(
        Kind::BadSheet, level.source_span, fmt::format("`{}` lists no names", level.file));
    return;
  }
  if (csv) {
    for (const std::size_t field : sheet.fields) level.columns.push_back(sheet.header[field]);
    level.columns.erase(level.columns.begin());
    level.header = std::move(sheet.header);
    level.fields = std::move(sheet.fields);
    check_header(context, level);
  }
  level.rows = std::move(sheet.rows);
  level.lines = std::move(sheet.lines);
  RowCheck(context, level).run();
}

}  // namespace wfc
