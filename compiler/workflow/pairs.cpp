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
std::optional<std::size_t> column_of(Context& context,
                                     const PairsDef& pairs,
                                     const std::vector<std::string>& header,
                                     std::string_view name) {
  const auto found = std::find(header.begin(), header.end(), name);
  if (found != header.end()) return static_cast<std::size_t>(found - header.begin());
  const std::string near = nearest(name, header);
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
  const ChooseFields choose = [&](const std::vector<std::string>& header) {
    const auto from = column_of(context, *pairs, header, kFrom);
    const auto to = column_of(context, *pairs, header, kTo);
    return from && to ? std::vector<std::size_t>{*from, *to} : std::vector<std::size_t>{};
  };
  Sheet sheet = read_csv(source->text, choose, true);
  if (!sheet.problem.empty()) {
    context.report(
        Kind::BadSheet,
        line_span(*source, static_cast<std::uint32_t>(sheet.problem_line)),
        sheet.problem,
        "the file is CSV as in RFC 4180: commas, and double quotes around fields that hold them");
    return nullptr;
  }
  if (sheet.fields.empty()) return nullptr;
  if (sheet.rows.empty()) {
    context.report(Kind::BadSheet,
                   span,
                   fmt::format("`{}` pairs nothing", file),
                   "each line after the first is one pair of tasks");
    return nullptr;
  }
  pairs->rows.reserve(sheet.rows.size());
  for (std::size_t i = 0; i < sheet.rows.size(); ++i) {
    pairs->rows.push_back({{std::move(sheet.rows[i][0]), sheet.places[2 * i]},
                           {std::move(sheet.rows[i][1]), sheet.places[2 * i + 1]}});
  }
  return pairs;
}

}  // namespace wfc
