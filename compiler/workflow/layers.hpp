// A key's value for a step: its own, else its site's, else that of [defaults].
#pragma once

#include "compiler/workflow/context.hpp"

#include <string>
#include <string_view>

namespace wfc {

class Layers {
 public:
  // Of a step. `step` is nullptr for what holds for the site alone.
  Layers(const Context& context, const ast::Table* step);

  // The value of the first table that has the key; nullptr when none has.
  [[nodiscard]] const ast::Entry* find(std::string_view key) const;
  // Which table that is: a smaller number wins. kNone without.
  [[nodiscard]] std::size_t rank(std::string_view key) const;
  // Every value of the key, the one that wins first.
  [[nodiscard]] std::vector<const ast::Entry*> all(std::string_view key) const;
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

 private:
  struct Layer {
    const ast::Table* table;
    bool site;
  };
  std::vector<Layer> layers_;
};

}  // namespace wfc
