// libFuzzer: whatever the bytes, a workflow file is resolved or refused with an error, and every
// diagnostic can be drawn. What follows a first NUL byte is the text of every sample sheet.
#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/syntax/parse.hpp"
#include "compiler/workflow/resolve.hpp"

#include <cstdlib>
#include <memory>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const std::size_t end = std::min(bytes.find('\0'), bytes.size());
  const std::string sheet = bytes.substr(std::min(end + 1, bytes.size()));
  wfc::Sink sink;
  auto source =
      std::make_shared<const wfc::SourceFile>(wfc::SourceFile{"w.toml", bytes.substr(0, end)});
  const wfc::ast::Document document = wfc::parse(source, sink);
  if (!sink.has_errors()) {
    wfc::ResolveOptions options;
    options.sbatch_found = size % 2 == 0;
    options.sets = {{"sort", "false"}};
    options.read_sheet = [&](const std::string&, std::string&) {
      return std::optional<std::string>(sheet);
    };
    const wfc::Workflow workflow = wfc::resolve(document, options, sink);
    // Without an error the order is complete.
    if (!sink.has_errors() && workflow.order.size() > workflow.steps.size()) std::abort();
  }
  for (const wfc::Diagnostic& diagnostic : sink.all()) {
    if (diagnostic.message.empty()) std::abort();
  }
  static_cast<void>(wfc::render(sink, true));
  static_cast<void>(wfc::render_json(sink));
  return 0;
}
