// Diagnostics as JSON for editors and other tools. Bytes that are not UTF-8 become U+FFFD.
#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/diagnostics/order.hpp"

#include <nlohmann/json.hpp>

namespace wfc {
namespace {

using nlohmann::ordered_json;

void add_place(ordered_json& object, const Span& span) {
  if (!span.known()) {
    for (const char* key : {"file", "line", "column", "end_line", "end_column"})
      object[key] = nullptr;
    return;
  }
  object["file"] = span.file->name;
  object["line"] = span.line;
  object["column"] = span.column;
  object["end_line"] = span.end_line;
  object["end_column"] = span.end_column;
}

const char* word(Severity severity) {
  switch (severity) {
    case Severity::Note:
      return "note";
    case Severity::Warning:
      return "warning";
    case Severity::Error:
      break;
  }
  return "error";
}

}  // namespace

std::string render_json(const Sink& sink) {
  ordered_json all = ordered_json::array();
  for (const Diagnostic* diagnostic : in_order(sink)) {
    ordered_json object;
    object["code"] = kind_code(diagnostic->kind);
    object["severity"] = word(kind_info(diagnostic->kind).severity);
    object["message"] = diagnostic->message;
    object["help"] = diagnostic->help;
    add_place(object, diagnostic->span);
    object["labels"] = ordered_json::array();
    for (const Label& label : diagnostic->labels) {
      ordered_json entry;
      entry["text"] = label.text;
      add_place(entry, label.span);
      object["labels"].push_back(std::move(entry));
    }
    all.push_back(std::move(object));
  }
  return all.dump(2, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace wfc
