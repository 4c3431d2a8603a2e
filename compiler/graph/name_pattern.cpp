// Two globs as automata whose states are positions in the patterns; a pair of positions that both
// have read the same text is a state of the intersection.
#include "compiler/graph/name_pattern.hpp"

#include <array>
#include <cctype>
#include <utility>

namespace wfc {

namespace {

using Bytes = std::bitset<256>;

std::size_t byte_of(char c) {
  return static_cast<unsigned char>(c);
}

// The classes of POSIX in the C locale.
bool add_class(std::string_view name, Bytes& bytes) {
  struct Named {
    std::string_view name;
    int (*holds)(int);
  };
  static constexpr std::array<Named, 12> kClasses{{{"alnum", std::isalnum},
                                                   {"alpha", std::isalpha},
                                                   {"blank", std::isblank},
                                                   {"cntrl", std::iscntrl},
                                                   {"digit", std::isdigit},
                                                   {"graph", std::isgraph},
                                                   {"lower", std::islower},
                                                   {"print", std::isprint},
                                                   {"punct", std::ispunct},
                                                   {"space", std::isspace},
                                                   {"upper", std::isupper},
                                                   {"xdigit", std::isxdigit}}};
  for (const Named& one : kClasses) {
    if (one.name != name) continue;
    for (int c = 0; c < 128; ++c) {
      if (one.holds(c) != 0) bytes.set(static_cast<std::size_t>(c));
    }
    return true;
  }
  return false;
}

// Reads `[...]` from its bracket on. The length that was read; 0 when it is not closed, so that the
// bracket is a letter like others.
std::size_t read_bracket(std::string_view text, Bytes& bytes) {
  std::size_t at = 1;
  const bool negated = at < text.size() && (text[at] == '!' || text[at] == '^');
  if (negated) ++at;
  bool first = true;
  Bytes chosen;
  while (at < text.size() && (first || text[at] != ']')) {
    first = false;
    if (text.substr(at, 2) == "[:") {
      const std::size_t end = text.find(":]", at + 2);
      if (end != std::string_view::npos && add_class(text.substr(at + 2, end - at - 2), chosen)) {
        at = end + 2;
        continue;
      }
    }
    if (text[at] == '\\' && at + 1 < text.size()) ++at;
    const std::size_t low = byte_of(text[at++]);
    std::size_t high = low;
    if (at + 1 < text.size() && text[at] == '-' && text[at + 1] != ']') {
      ++at;
      if (text[at] == '\\' && at + 1 < text.size()) ++at;
      high = byte_of(text[at++]);
    }
    for (std::size_t byte = low; byte <= high; ++byte) chosen.set(byte);
  }
  if (at >= text.size()) return 0;
  bytes = negated ? ~chosen : chosen;
  return at + 1;
}

}  // namespace

NamePattern NamePattern::of_name(std::string_view name) {
  NamePattern pattern;
  pattern.add_bytes(name);
  return pattern;
}

NamePattern NamePattern::of_glob(std::string_view glob) {
  NamePattern pattern;
  pattern.add_glob(glob);
  return pattern;
}

NamePattern NamePattern::of_component(const std::vector<wfr::Piece>& component, bool glob) {
  NamePattern pattern;
  for (const wfr::Piece& piece : component) {
    if (piece.kind != wfr::PieceKind::Text) {
      pattern.add_token({Step::Something, {}});
    } else if (glob) {
      pattern.add_glob(piece.text);
    } else {
      pattern.add_bytes(piece.text);
    }
  }
  return pattern;
}

void NamePattern::add_bytes(std::string_view text) {
  for (const char c : text) {
    Token token;
    token.bytes.set(byte_of(c));
    tokens_.push_back(token);
    tail_ += c;
    if (one_name_) head_ += c;
  }
}

void NamePattern::add_token(const Token& token) {
  tokens_.push_back(token);
  tail_.clear();
  one_name_ = false;
}

void NamePattern::add_glob(std::string_view glob) {
  while (!glob.empty()) {
    std::size_t length = 1;
    Token token;
    switch (glob.front()) {
      case '*':
        token.step = Step::Star;
        break;
      case '?':
        token.step = Step::Wild;
        token.bytes.set();
        break;
      case '[':
        token.step = Step::Wild;
        length = read_bracket(glob, token.bytes);
        if (length > 0) break;
        length = 1;
        token.step = Step::Byte;
        break;
      case '\\':
        length = glob.size() > 1 ? 2 : 1;
        break;
      default:
        break;
    }
    if (token.step == Step::Byte) {
      add_bytes(glob.substr(length - 1, 1));
    } else {
      add_token(token);
    }
    glob.remove_prefix(length);
  }
}

// The pairs of positions that one text leads to.
class Intersection {
 public:
  Intersection(const NamePattern& one, const NamePattern& other)
      : one_(one.tokens_),
        other_(other.tokens_),
        seen_((one_.size() + 1) * (other_.size() + 1) * 3) {}

  [[nodiscard]] bool has_a_name() {
    visit(0, 0, Read::Nothing);
    while (!open_.empty()) {
      const State state = open_.back();
      open_.pop_back();
      if (state.one == one_.size() && state.other == other_.size() &&
          state.read == Read::Something) {
        return true;
      }
      skip_or_read(state);
    }
    return false;
  }

 private:
  using Token = NamePattern::Token;
  using Step = NamePattern::Step;
  enum class Read : std::uint8_t {
    Nothing,
    NothingAndNoDot,  // a star has matched nothing: no dot may follow, as in fnmatch(3)
    Something,
  };
  struct State {
    std::size_t one = 0;
    std::size_t other = 0;
    Read read = Read::Nothing;
  };

  void visit(std::size_t one, std::size_t other, Read read) {
    const std::size_t index =
        (one * (other_.size() + 1) + other) * 3 + static_cast<std::size_t>(read);
    if (seen_[index]) return;
    seen_[index] = true;
    open_.push_back({one, other, read});
  }

  static bool repeats(const Token& token) {
    return token.step == Step::Star || token.step == Step::Something;
  }

  static Bytes readable(const Token& token, Read read) {
    Bytes bytes = token.bytes;
    if (repeats(token)) bytes.set();
    const bool hides_dot = token.step == Step::Star || token.step == Step::Wild;
    const bool no_dot = read == Read::NothingAndNoDot || (read == Read::Nothing && hides_dot);
    if (no_dot) bytes.reset(byte_of('.'));
    return bytes;
  }

  static Read without(const Token& skipped, Read read) {
    return skipped.step == Step::Star && read == Read::Nothing ? Read::NothingAndNoDot : read;
  }

  void skip_or_read(const State& state) {
    const bool one_left = state.one < one_.size();
    const bool other_left = state.other < other_.size();
    if (one_left && repeats(one_[state.one])) {
      visit(state.one + 1, state.other, without(one_[state.one], state.read));
    }
    if (other_left && repeats(other_[state.other])) {
      visit(state.one, state.other + 1, without(other_[state.other], state.read));
    }
    if (!one_left || !other_left) return;
    const Token& a = one_[state.one];
    const Token& b = other_[state.other];
    if ((readable(a, state.read) & readable(b, state.read)).none()) return;
    visit(state.one + (repeats(a) ? 0 : 1), state.other + (repeats(b) ? 0 : 1), Read::Something);
  }

  const std::vector<Token>& one_;
  const std::vector<Token>& other_;
  std::vector<bool> seen_;
  std::vector<State> open_;
};

bool NamePattern::matches(std::string_view name) const {
  if (one_name_) return name == head_;
  if (!name.starts_with(head_) || !name.ends_with(tail_)) return false;
  return Intersection(*this, of_name(name)).has_a_name();
}

bool NamePattern::overlaps(const NamePattern& other) const {
  if (one_name_) return other.matches(head_);
  if (other.one_name_) return matches(other.head_);
  return Intersection(*this, other).has_a_name();
}

bool has_glob_sign(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '*' || text[i] == '?' || text[i] == '[') {
      return true;
    }
  }
  return false;
}

std::string without_escapes(std::string_view glob) {
  std::string name;
  for (std::size_t i = 0; i < glob.size(); ++i) {
    if (glob[i] == '\\' && i + 1 < glob.size()) ++i;
    name += glob[i];
  }
  return name;
}

}  // namespace wfc
