// Emitted text, read back: lines, words, numbers, and places for messages.
#pragma once

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/slurm/verify.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wfc::readback {

// One emitted file; views into its text live as long as it.
using Source = std::shared_ptr<const SourceFile>;

// Reports with the help that fits the moment.
class Report {
 public:
  Report(Sink& sink, VerifyWhen when) : sink_(sink), when_(when) {}
  void operator()(Kind kind, Span span, std::string message, std::string help);
  void keep_alive(const Source& source) { sink_.keep_alive(source); }
  [[nodiscard]] bool of_own_templates() const { return when_ == VerifyWhen::OwnTemplates; }
  [[nodiscard]] bool failed() const { return sink_.errors() > before_; }

 private:
  Sink& sink_;
  VerifyWhen when_;
  std::size_t before_ = sink_.errors();
};

struct Line {
  std::string_view text;  // without the end of line
  std::uint32_t number = 0;
};
// A last line without an end counts too.
std::vector<Line> lines_of(std::string_view text);
// The whole line, or the first line of the file.
Span span_of(const Source& source, const Line& line);
Span start_of(const Source& source);

// The words of one simple command from `begin` on, as bash splits them: plain characters, '...',
// \c, and "$@" (kept with its quotes). nullopt when there is anything else. A comment is no word.
struct Command {
  std::vector<std::string> words;
  std::size_t end = 0;  // past the end of its line
};
std::optional<Command> shell_command(std::string_view text, std::size_t begin);

// The words of a #SBATCH line as sbatch splits them: blanks, quotes, backslashes, '#' ends it.
// nullopt when a quote is not closed.
std::optional<std::vector<std::string>> sbatch_words(std::string_view text);

// A decimal number without sign, spaces or leading zeros, less than 2^32 - 1.
std::optional<std::uint32_t> number_in(std::string_view text);

}  // namespace wfc::readback
