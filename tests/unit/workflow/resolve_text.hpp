// A workflow from a text, for the tests of this folder.
#pragma once

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/syntax/parse.hpp"
#include "compiler/workflow/resolve.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace wfc {

struct Resolved {
  std::shared_ptr<const SourceFile> source;
  Sink sink;
  Workflow workflow;

  [[nodiscard]] std::string text() const { return render(sink, false); }
  [[nodiscard]] std::vector<Kind> kinds() const {
    std::vector<Kind> found;
    for (const Diagnostic& diagnostic : sink.all()) found.push_back(diagnostic.kind);
    return found;
  }
  [[nodiscard]] bool has(Kind kind) const {
    const std::vector<Kind> found = kinds();
    return std::find(found.begin(), found.end(), kind) != found.end();
  }
  [[nodiscard]] const StepDef& step(const std::string& name) const {
    return *std::find_if(workflow.steps.begin(), workflow.steps.end(), [&](const StepDef& step) {
      return step.spec.name == name;
    });
  }
  [[nodiscard]] std::vector<std::string> order() const {
    std::vector<std::string> names;
    for (const StepId id : workflow.order) names.push_back(workflow.step(id).spec.name);
    return names;
  }
};

inline Resolved resolve_text(std::string text, const ResolveOptions& options = {}) {
  Resolved result;
  result.source = std::make_shared<const SourceFile>(SourceFile{"w.toml", std::move(text)});
  const ast::Document document = parse(result.source, result.sink);
  if (!result.sink.has_errors()) result.workflow = resolve(document, options, result.sink);
  return result;
}

// `[workflow]` and the levels session/channel, then `steps`.
inline Resolved resolve_steps(const std::string& steps, const ResolveOptions& options = {}) {
  return resolve_text(
      "[workflow]\nname = \"t\"\n[[level]]\nname = \"session\"\nmatch = \"s*\"\n[[level]]\nname = "
      "\"channel\"\nmatch = \"c*\"\n" +
          steps,
      options);
}

}  // namespace wfc
