// The file of an edge that no level explains: which task needs which.
#include "compiler/workflow/pairs.hpp"

#include "compiler/workflow/sheet.hpp"
#include "compiler/workflow/sheet_file.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace wfc {
namespace {

constexpr std::string_view kFrom = "from";
constexpr std::string_view kTo = "to";

// The position of a column; reports when the header has none of that name.
std::optional<std::size_t> find_column(Context& context,
                                       const PairsDef& pairs,
                                       const Sheet& sheet,
                                       std::string_view name) {
  const auto found = std::find(sheet.header.begin(), sheet.header.end(), name);
  if (found != sheet.header.end()) return static_cast<std::size_t>(found - sheet.header.begin());
  const std::string near = nearest(name, sheet.header);
  std::string help = fmt::format(
      "the first line names the columns: `{}`, the task that comes first, and `{}`, the one that "
      "needs it",
      kFrom,
      kTo);
  if (!near.empty()) help = fmt::format("it has `{}`; {}", near, help);
  context.report(Kind::UnknownColumn,
                 line_span(*pairs.source, 1),
                 fmt::format("the file of pairs has no column `{}`", name),
                 std::move(help));
  return std::nullopt;
}

}  // namespace

std::shared_ptr<const PairsDef> read_pairs(Context& context,
                                           const std::string& file,
                                           const Span& span) {
  const std::shared_ptr<const SourceFile> source = read_sheet_file(context, file, span);
  if (source == nullptr) return nullptr;
  auto pairs = std::make_shared<PairsDef>();
  pairs->file = file;
  pairs->span = span;
  pairs->source = source;
  Sheet sheet = read_csv(source->text, true);
  if (!sheet.problem.empty()) {
    context.report(
        Kind::BadSheet,
        line_span(*source, static_cast<std::uint32_t>(sheet.problem_line)),
        sheet.problem,
        "the file is CSV as in RFC 4180: commas, and double quotes around fields that hold them");
    return nullptr;
  }
  const auto from = find_column(context, *pairs, sheet, kFrom);
  const auto to = find_column(context, *pairs, sheet, kTo);
  if (!from || !to) return nullptr;
  if (sheet.rows.empty()) {
    context.report(Kind::BadSheet,
                   span,
                   fmt::format("`{}` pairs nothing", file),
                   "each line after the first is one pair of tasks");
    return nullptr;
  }
  pairs->rows.reserve(sheet.rows.size());
  const std::size_t width = sheet.header.size();
  for (std::size_t i = 0; i < sheet.rows.size(); ++i) {
    pairs->rows.push_back({{std::move(sheet.rows[i][*from]), sheet.places[i * width + *from]},
                           {std::move(sheet.rows[i][*to]), sheet.places[i * width + *to]}});
  }
  return pairs;
}

}  // namespace wfc
