// Finds placeholders in a text.
#include "compiler/workflow/braces.hpp"

#include "compiler/workflow/names.hpp"

#include <utility>

namespace wfc {
namespace {

bool is_name_byte(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
         (byte >= '0' && byte <= '9') || byte == '_' || byte == '-' || byte == '.';
}

// Whether `content` is spelled like a placeholder: words joined by dots, where only the words after
// the first may begin with a digit or hold a `-`, since they name steps.
bool looks_like_placeholder(std::string_view content) {
  const std::size_t dot = content.find('.');
  if (!is_variable_name(content.substr(0, dot))) return false;
  if (dot == std::string_view::npos) return true;
  const std::string_view rest = content.substr(dot + 1);
  if (rest.empty() || rest.front() == '.' || rest.back() == '.') return false;
  return rest.find("..") == std::string_view::npos;
}

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  std::vector<BraceToken> run() {
    while (at_ < text_.size()) {
      if (text_[at_] == '{') {
        open();
      } else if (text_[at_] == '}') {
        close();
      } else {
        literal_ += text_[at_++];
      }
    }
    flush(at_);
    return std::move(tokens_);
  }

 private:
  void open() {
    if (at_ > 0 && text_[at_ - 1] == '$') {
      open_literally();
      return;
    }
    if (text_.substr(at_, 2) == "{{") {
      literal_ += '{';
      at_ += 2;
      return;
    }
    std::size_t end = at_ + 1;
    while (end < text_.size() && is_name_byte(text_[end])) ++end;
    const std::string_view content = text_.substr(at_ + 1, end - at_ - 1);
    if (end == text_.size() || text_[end] != '}' || !looks_like_placeholder(content)) {
      open_literally();
      return;
    }
    flush(at_);
    tokens_.push_back({true, std::string(content), at_, end + 1});
    at_ = end + 1;
    literal_begin_ = at_;
  }

  void open_literally() {
    ++depth_;
    literal_ += text_[at_++];
  }

  // A brace that closes one that stands for itself is never half of a doubled one.
  void close() {
    if (depth_ > 0) {
      --depth_;
    } else if (text_.substr(at_, 2) == "}}") {
      ++at_;
    }
    literal_ += '}';
    ++at_;
  }

  void flush(std::size_t end) {
    if (!literal_.empty()) tokens_.push_back({false, std::move(literal_), literal_begin_, end});
    literal_.clear();
    literal_begin_ = end;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::string literal_;
  std::size_t literal_begin_ = 0;
  std::vector<BraceToken> tokens_;
};

}  // namespace

std::vector<BraceToken> find_placeholders(std::string_view text) {
  return Scanner(text).run();
}

}  // namespace wfc
