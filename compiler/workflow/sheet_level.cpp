// A level whose names come from a sample sheet.
#include "compiler/workflow/sheet_level.hpp"

#include "compiler/workflow/names.hpp"
#include "compiler/workflow/sheet.hpp"
#include "compiler/workflow/values.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace wfc {
namespace {

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
  return true;
}

// A name may come again below another parent, but not twice with all the same parents.
void check_rows(Context& context, const Sheet& sheet, const LevelDef& level) {
  std::vector<std::size_t> keys{0};
  for (std::size_t i = 1; i < sheet.header.size(); ++i) {
    if (lookup_level(context.workflow, sheet.header[i])) keys.push_back(i);
  }
  std::map<std::vector<std::string>, std::size_t> seen;
  for (std::size_t i = 0; i < sheet.rows.size(); ++i) {
    std::vector<std::string> identity;
    for (const std::size_t key : keys) {
      const std::string& name = sheet.rows[i][key];
      const std::string problem = directory_name_problem(name);
      if (!problem.empty()) {
        context.report(
            Kind::BadDirectoryName,
            level.source_span,
            fmt::format("`{}`, line {}: `{}` {}", level.file, sheet.lines[i], name, problem),
            "a name is one path component");
      }
      identity.push_back(name);
    }
    const auto [first, fresh] = seen.emplace(std::move(identity), sheet.lines[i]);
    if (!fresh) {
      context.report(Kind::DuplicateName,
                     level.source_span,
                     fmt::format("`{}`: `{}` is on line {} and on line {}",
                                 level.file,
                                 sheet.rows[i][0],
                                 first->second,
                                 sheet.lines[i]));
    }
  }
}

}  // namespace

void read_level_sheet(Context& context, const ast::Table& table, LevelDef& level) {
  if (const std::string* column = text_at(table, "column")) level.column = *column;
  const std::optional<std::string> text =
      context.options.read_sheet ? context.options.read_sheet(level.file) : std::nullopt;
  if (!text) {
    context.report(Kind::CannotRead,
                   level.source_span,
                   fmt::format("`{}` cannot be read", level.file),
                   "the path is relative to the workflow file");
    return;
  }
  const bool csv = table.find("column") != nullptr;
  Sheet sheet = csv ? read_csv(*text) : read_lines(*text);
  if (!sheet.problem.empty()) {
    context.report(
        Kind::BadSheet,
        level.source_span,
        fmt::format("`{}`: line {}: {}", level.file, sheet.problem_line, sheet.problem),
        "the file is CSV as in RFC 4180: commas, and double quotes around fields that hold them");
    return;
  }
  if (csv && !put_names_first(context, table, sheet, level)) return;
  if (sheet.rows.empty()) {
    context.report(
        Kind::BadSheet, level.source_span, fmt::format("`{}` names nothing", level.file));
    return;
  }
  check_rows(context, sheet, level);
  if (csv) level.columns.assign(sheet.header.begin() + 1, sheet.header.end());
  level.rows = std::move(sheet.rows);
}

}  // namespace wfc
