// Looks up keys in tables.
#include "compiler/syntax/ast.hpp"

#include <algorithm>

namespace wfc::ast {

const Entry* Table::find(std::string_view key) const {
  const auto found = std::find_if(
      entries.begin(), entries.end(), [key](const Entry& entry) { return entry.key == key; });
  return found == entries.end() ? nullptr : &*found;
}

}  // namespace wfc::ast
