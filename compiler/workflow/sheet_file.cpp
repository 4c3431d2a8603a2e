// The files that a workflow names beside itself: sample sheets and pairs.
#include "compiler/workflow/sheet_file.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

namespace wfc {
namespace {

// "" for bytes that can be a table.
std::string bytes_problem(std::string_view text) {
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) return "it is UTF-16";
  if (text.find('\0') != std::string_view::npos) return "it contains a NUL character";
  return "";
}

}  // namespace

std::shared_ptr<const SourceFile> read_sheet_file(Context& context,
                                                  const std::string& file,
                                                  const Span& span) {
  std::string why = "nothing can be read";
  std::optional<std::string> text =
      context.options.read_sheet ? context.options.read_sheet(file, why) : std::nullopt;
  if (!text) {
    context.report(Kind::CannotRead,
                   span,
                   fmt::format("cannot read `{}`: {}", file, why),
                   "the path is relative to the workflow file");
    return nullptr;
  }
  if (const std::string problem = bytes_problem(*text); !problem.empty()) {
    context.report(Kind::BadSheet,
                   span,
                   fmt::format("`{}` is not a text file: {}", file, problem),
                   "save it as UTF-8: in a spreadsheet program as \"CSV UTF-8\"");
    return nullptr;
  }
  const std::filesystem::path beside(context.document.source->name);
  auto source = std::make_shared<const SourceFile>(
      SourceFile{(beside.parent_path() / file).string(), std::move(*text)});
  context.sink.keep_alive(source);
  return source;
}

Span line_span(const SourceFile& source, std::uint32_t line) {
  return {&source, line, 1, line, static_cast<std::uint32_t>(source.line(line).size()) + 1};
}

}  // namespace wfc
