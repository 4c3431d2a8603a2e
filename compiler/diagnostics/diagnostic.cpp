// The registry of kinds, and the sink that passes report to.
#include "compiler/diagnostics/diagnostic.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

namespace wfc {

const std::vector<KindInfo>& all_kinds() {
  static const std::vector<KindInfo> kinds = {
#define WFC_KIND(name, code, severity, title) {Kind::name, #name, Severity::severity, title},
#include "compiler/diagnostics/kinds.def"
#undef WFC_KIND
  };
  return kinds;
}

const KindInfo& kind_info(Kind kind) {
  // Every enumerator comes from the same list, so that there always is an entry.
  return *std::find_if(all_kinds().begin(), all_kinds().end(), [kind](const KindInfo& info) {
    return info.kind == kind;
  });
}

std::string kind_code(Kind kind) {
  return fmt::format("WFC{:04}", static_cast<unsigned>(kind));
}

std::optional<Kind> parse_kind(std::string_view code) {
  constexpr std::string_view kPrefix = "WFC";
  const bool prefixed =
      code.size() > kPrefix.size() &&
      std::equal(kPrefix.begin(), kPrefix.end(), code.begin(), [](char upper, char given) {
        return upper == given || upper - 'A' + 'a' == given;
      });
  if (prefixed) code.remove_prefix(kPrefix.size());
  unsigned number = 0;
  const char* end = code.data() + code.size();
  const auto [stop, error] = std::from_chars(code.data(), end, number);
  if (error != std::errc{} || stop != end) return std::nullopt;
  for (const KindInfo& info : all_kinds()) {
    if (static_cast<unsigned>(info.kind) == number) return info.kind;
  }
  return std::nullopt;
}

void Sink::report(Diagnostic diagnostic) {
  if (kind_info(diagnostic.kind).severity == Severity::Error) ++errors_;
  diagnostics_.push_back(std::move(diagnostic));
}

void Sink::report(Kind kind, Span span, std::string message, std::string help) {
  report(Diagnostic{kind, span, std::move(message), std::move(help), {}});
}

void Sink::keep_alive(std::shared_ptr<const SourceFile> source) {
  sources_.push_back(std::move(source));
}

}  // namespace wfc
