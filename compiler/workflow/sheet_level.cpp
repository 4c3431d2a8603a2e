// A level whose names come from a sample sheet.
#include "compiler/workflow/sheet_level.hpp"

#include "compiler/workflow/names.hpp"
#include "compiler/workflow/sheet.hpp"
#include "compiler/workflow/sheet_file.hpp"
#include "compiler/workflow/unicode.hpp"
#include "compiler/workflow/values.hpp"

#include <algorithm>
#include <cctype>
#include <map>

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

// Moves the column of names to the front of every row. False when there is none of that name.
bool put_names_first(Context& context, const ast::Table& table, Sheet& sheet, LevelDef& level) {
  const auto found = std::find(sheet.header.begin(), sheet.header.end(), level.column);
  if (found == sheet.header.end()) {
    std::string help = did_you_mean(level.column, sheet.header);
    if (help.empty()) help = fmt::format("it has: {}", fmt::join(sheet.header, ", "));
    context.report(Kind::UnknownColumn,
                   span_at(table, "column", level.span),
                   fmt::format("`{}` has no column `{}`", level.file, level.column),
                   std::move(help));
    return false;
  }
  const auto index = found - sheet.header.begin();
  const auto to_front = [index](std::vector<std::string>& row) {
    std::rotate(row.begin(), row.begin() + index, row.begin() + index + 1);
  };
  to_front(sheet.header);
  std::for_each(sheet.rows.begin(), sheet.rows.end(), to_front);
  level.name_field = static_cast<std::size_t>(index);
  return true;
}

// A column that is nearly called like a level above would tie no row to its directory: each row
// would be taken below all of them.
void check_header(Context& context, const Sheet& sheet, const LevelDef& level) {
  for (LevelId id = level.under; id != wfr::kRootLevel; id = context.workflow.level(id).under) {
    const std::string& name = context.workflow.level(id).name;
    if (std::find(sheet.header.begin(), sheet.header.end(), name) != sheet.header.end()) continue;
    for (std::size_t i = 1; i < sheet.header.size(); ++i) {
      if (as_level_name(sheet.header[i]) != as_level_name(name)) continue;
      context.report(
          Kind::BadSheet,
          line_span(*level.sheet, 1),
          fmt::format("column `{}` is spelled unlike level `{}`", sheet.header[i], name),
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
    for (std::size_t row = 0; row < level_.rows.size(); ++row) check(row);
    if (problems_ <= kReportedAtMost) return;
    context_.report(
        Kind::BadDirectoryName,
        level_.source_span,
        fmt::format(
            "{} more names in `{}` cannot be used", problems_ - kReportedAtMost, level_.file));
  }

 private:
  void check(std::size_t row) {
    std::vector<std::string> identity;
    for (const std::size_t key : keys_) {
      check_name(row, key);
      // What looks alike is the same name, however its letters are composed.
      identity.push_back(composed(level_.rows[row][key]));
    }
    const auto [first, fresh] = seen_.emplace(std::move(identity), row);
    if (fresh || level_.rows[row][0].empty()) return;
    if (++problems_ > kReportedAtMost) return;
    context_.sink.report(
        {Kind::DuplicateName,
         cell_span(level_, row, 0),
         fmt::format("column `{}` repeats `{}`", level_.column, level_.rows[row][0]),
         "a name is listed once within the directory above it",
         {{cell_span(level_, first->second, 0), "the first"}}});
  }

  void check_name(std::size_t row, std::size_t key) {
    const std::string& name = level_.rows[row][key];
    std::string problem = directory_name_problem(name);
    std::string help = "a name is one path component";
    if (problem.empty() && trimmed(name) != name) {
      problem = "has blanks around it";
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
  // A name may come again below another parent, but not twice with all the same parents.
  std::map<std::vector<std::string>, std::size_t> seen_;
  std::size_t problems_ = 0;
};

}  // namespace

void read_level_sheet(Context& context, const ast::Table& table, LevelDef& level) {
  if (const std::string* column = text_at(table, "column")) level.column = *column;
  level.sheet = read_sheet_file(context, level.file, level.source_span);
  if (level.sheet == nullptr) return;
  const bool csv = table.find("column") != nullptr;
  Sheet sheet = csv ? read_csv(level.sheet->text) : read_lines(level.sheet->text);
  if (!sheet.problem.empty()) {
    context.report(
        Kind::BadSheet,
        line_span(*level.sheet, static_cast<std::uint32_t>(sheet.problem_line)),
        sheet.problem,
        "the file is CSV as in RFC 4180: commas, and double quotes around fields that hold them");
    return;
  }
  if (csv && !put_names_first(context, table, sheet, level)) return;
  if (sheet.rows.empty()) {
    context.report(
        Kind::BadSheet, level.source_span, fmt::format("`{}` names nothing", level.file));
    return;
  }
  if (csv) {
    check_header(context, sheet, level);
    level.columns.assign(sheet.header.begin() + 1, sheet.header.end());
  }
  level.rows = std::move(sheet.rows);
  level.lines = std::move(sheet.lines);
  RowCheck(context, level).run();
}

}  // namespace wfc
