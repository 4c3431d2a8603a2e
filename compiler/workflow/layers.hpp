// A key's value for a step: its own, else its site's, else that of [defaults].
#pragma once

#include "compiler/workflow/context.hpp"

#include <string>
#include <string_view>

namespace wfc {

class Layers {
 public:
  // Of a step. `step` is nullptr for what holds for the site alone.
  // A finalizer has `[site.X.verdict]` between its own table and the site's.
  Layers(const Context& context, const ast::Table* step);
  // Of the verdict's job: `[site.X.verdict]`, and with `all` the site and [defaults].
  static Layers of_verdict(const Context& context, bool all);

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
  Layers() = default;
  void add_verdict(const Context& context);
  std::vector<Layer> layers_;
};

}  // namespace wfc
