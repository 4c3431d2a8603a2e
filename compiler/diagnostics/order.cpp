// The order in which diagnostics are shown.
#include "compiler/diagnostics/order.hpp"

#include <algorithm>
#include <string_view>
#include <tuple>

namespace wfc {
namespace {

auto place(const Diagnostic& diagnostic) {
  const Span& span = diagnostic.span;
  const std::string_view name = span.known() ? std::string_view(span.file->name) : "";
  return std::make_tuple(!span.known(), name, span.line, span.column);
}

}  // namespace

std::vector<const Diagnostic*> in_order(const Sink& sink) {
  std::vector<const Diagnostic*> ordered;
  ordered.reserve(sink.all().size());
  for (const Diagnostic& diagnostic : sink.all()) ordered.push_back(&diagnostic);
  std::stable_sort(ordered.begin(), ordered.end(), [](const Diagnostic* a, const Diagnostic* b) {
    return place(*a) < place(*b);
  });
  return ordered;
}

}  // namespace wfc
