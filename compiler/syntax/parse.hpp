// SourceFile -> ast::Document: the only place that sees toml++.
#pragma once

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/syntax/ast.hpp"

#include <memory>

namespace wfc {

// A syntax error is reported at its place; the document is then empty.
ast::Document parse(const std::shared_ptr<const SourceFile>& source, Sink& sink);

}  // namespace wfc
