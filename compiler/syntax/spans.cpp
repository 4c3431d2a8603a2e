// Reads a TOML string a second time, only to know where each byte of its value was written.
#include "compiler/syntax/spans.hpp"

#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace wfc {

// Walks over the source of one string.
class StringWalk {
 public:
  using Place = TextParts::Place;
  StringWalk(const SourceFile& source, Place begin) : rest_(source.text), at_(begin) {
    for (std::uint32_t line = 1; line < begin.line; ++line) {
      rest_.remove_prefix(rest_.find('\n') + 1);
    }
    rest_.remove_prefix(begin.column - 1);
  }

  // One place for every byte of the value, and one past the last.
  std::vector<Place> places() {
    const char quote = rest_.empty() ? '"' : rest_.front();
    const std::string delimiter(3, quote);
    multi_line_ = rest_.substr(0, 3) == delimiter;
    skip(multi_line_ ? 3 : 1);
    if (multi_line_ && starts("\r\n")) {
      skip(2);
    } else if (multi_line_ && starts("\n")) {
      skip(1);
    }
    while (!rest_.empty() && !closes(quote)) {
      if (quote == '"' && starts("\\")) {
        escape();
      } else {
        places_.push_back(at_);
        skip(starts("\r\n") ? 2 : 1);  // toml++ gives one line feed for both
      }
    }
    places_.push_back(at_);
    return places_;
  }

 private:
  [[nodiscard]] bool starts(std::string_view text) const {
    return rest_.substr(0, text.size()) == text;
  }

  // Three quotes close a multi-line string, unless a fourth or fifth makes the first ones content.
  [[nodiscard]] bool closes(char quote) const {
    if (!multi_line_) return rest_.front() == quote || rest_.front() == '\n';
    const std::string three(3, quote);
    return starts(three) && (rest_.size() == 3 || rest_[3] != quote);
  }

  void skip(std::size_t bytes) {
    for (; bytes > 0 && !rest_.empty(); --bytes) {
      if (rest_.front() == '\n') {
        ++at_.line;
        at_.column = 1;
      } else {
        ++at_.column;
      }
      rest_.remove_prefix(1);
    }
  }

  void escape() {
    const Place begin = at_;
    const char kind = rest_.size() > 1 ? rest_[1] : '\0';
    if (kind == 'u' || kind == 'U') {
      const std::size_t digits = kind == 'u' ? 4 : 8;
      const std::string hexadecimal(rest_.substr(2, digits));
      const unsigned long code = std::strtoul(hexadecimal.c_str(), nullptr, 16);
      const int bytes = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
      for (int i = 0; i < bytes; ++i) places_.push_back(begin);
      skip(2 + digits);
    } else if (kind == '\n' || kind == '\r' || kind == ' ' || kind == '\t') {
      // A backslash at the end of a line takes all white space up to the next text.
      skip(1);
      while (!rest_.empty() &&
             std::string_view(" \t\r\n").find(rest_.front()) != std::string_view::npos) {
        skip(1);
      }
    } else {
      places_.push_back(begin);
      skip(2);
    }
  }

  std::string_view rest_;
  Place at_;
  bool multi_line_ = false;
  std::vector<Place> places_;
};

Span TextParts::part(std::size_t begin, std::size_t end) {
  const auto* content = std::get_if<std::string>(&text_.data);
  if (content == nullptr || !text_.span.known() || text_.is_date) return text_.span;
  if (places_.empty()) {
    places_ = StringWalk(*text_.span.file, {text_.span.line, text_.span.column}).places();
  }
  if (places_.size() != content->size() + 1 || end > content->size() || begin > end)
    return text_.span;
  Span part = text_.span;
  part.line = places_[begin].line;
  part.column = places_[begin].column;
  part.end_line = places_[end].line;
  part.end_column = places_[end].column;
  return part;
}

}  // namespace wfc
