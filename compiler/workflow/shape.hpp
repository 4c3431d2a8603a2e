// Checks a document against the key tables: unknown keys, wrong types, missing keys, and what this
// version does not support yet. Later code reads only values that fit.
#pragma once

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/syntax/ast.hpp"
#include "compiler/workflow/keys.hpp"

#include <string>

namespace wfc {

// `place` is where a missing key is reported.
void check_table(const ast::Table& table, const Span& place, const TableSpec& spec, Sink& sink);

// Whether a value has the type of its key; texts are not read further.
bool fits(const ast::Value& value, const KeySpec& key);
// "a list of strings": for messages and for people.
std::string describe(Shape shape);
// "a string", "an integer": what a value is.
std::string describe(const ast::Value& value);

}  // namespace wfc
