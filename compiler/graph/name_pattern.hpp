// What one path component may be: a name, a glob, or a template of names that are not known yet.
// Whether two of them can be the same name is decided exactly, as an intersection of two automata.
#pragma once

#include "runtime/plan/step.hpp"

#include <bitset>
#include <string>
#include <string_view>
#include <vector>

namespace wfc {

// A glob is that of glob(3) over bytes: `*`, `?`, `[...]` and `\`; what could match a leading dot
// must be written as a dot. A placeholder of a level or a column may be any text.
class NamePattern {
 public:
  static NamePattern of_name(std::string_view name);
  static NamePattern of_glob(std::string_view glob);
  // `glob`: the text between the placeholders is one.
  static NamePattern of_component(const std::vector<wfr::Piece>& component, bool glob);

  // Whether one name matches both. O(length x length).
  [[nodiscard]] bool overlaps(const NamePattern& other) const;
  [[nodiscard]] bool matches(std::string_view name) const;

 private:
  enum class Step : std::uint8_t {
    Byte,       // one of `bytes`
    Wild,       // one of `bytes`, but not a dot at the beginning: `?` or `[...]`
    Star,       // any number of bytes, but no dot at the beginning
    Something,  // any number of bytes
  };
  struct Token {
    Step step = Step::Byte;
    std::bitset<256> bytes;
  };
  friend class Intersection;

  void add_bytes(std::string_view text);
  void add_glob(std::string_view glob);
  void add_token(const Token& token);

  std::vector<Token> tokens_;
  // What every match begins and ends with, so that most names need no automaton.
  std::string head_;
  std::string tail_;
  bool one_name_ = true;  // the head is all
};

// True if the text has a sign of a glob that no backslash escapes.
bool has_glob_sign(std::string_view text);
// A glob without such signs, as the one name that it matches.
std::string without_escapes(std::string_view glob);

}  // namespace wfc
