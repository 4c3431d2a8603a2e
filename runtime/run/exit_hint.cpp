// Looks at the text of a command, without what stands for values.
#include "runtime/run/exit_hint.hpp"

#include "runtime/plan/visible.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>
#include <sys/stat.h>

namespace wfr {
namespace {

// In the place of a value.
constexpr char kValue = '\0';

void add_text(const Template& text, std::string& source) {
  for (const Piece& piece : text.pieces) {
    if (piece.kind == PieceKind::Text) {
      source += piece.text;
    } else {
      source += kValue;
    }
  }
}

std::string source_of(const StepSpec& step) {
  std::string source;
  add_text(step.run, source);
  for (const Template& word : step.argv) {
    add_text(word, source);
    source += ' ';
  }
  return source;
}

std::vector<std::string> words_of(const std::string& source) {
  constexpr std::string_view kBetween = " \t\n;|&()<>\"'`$={}";
  std::vector<std::string> words;
  for (std::size_t begin = 0; begin < source.size();) {
    const std::size_t end = std::min(source.find_first_of(kBetween, begin), source.size());
    if (end > begin) words.push_back(source.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

bool says(const std::vector<std::string>& words, std::initializer_list<std::string_view> programs) {
  return std::any_of(words.begin(), words.end(), [&](const std::string& word) {
    return std::find(programs.begin(), programs.end(), word) != programs.end();
  });
}

bool has_pipe(const std::string& source) {
  for (std::size_t at = source.find('|'); at != std::string::npos; at = source.find('|', at + 1)) {
    if (at + 1 == source.size() || source[at + 1] != '|') return true;
    ++at;
  }
  return false;
}

bool is_file(const std::string& path) {
  struct stat info {};
  return stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode);
}

std::string beside_hint(const std::vector<std::string>& words,
                        const std::string& directory,
                        const std::string& workflow_dir,
                        std::int32_t status,
                        std::string_view tail) {
  constexpr std::int32_t kNotExecutable = 126;
  constexpr std::int32_t kNotFound = 127;
  for (const std::string& word : words) {
    if (word.find_first_of(std::string("/-") + kValue) == 0) continue;
    const std::string name = word.starts_with("./") ? word.substr(2) : word;
    const bool blamed = status == kNotFound || status == kNotExecutable ||
                        tail.find(name) != std::string_view::npos;
    if (name.empty() || name.find(kValue) != std::string::npos || !blamed) continue;
    if (!is_file(workflow_dir + "/" + name) || is_file(directory + "/" + name)) continue;
    return fmt::format(
        "; `{0}` is beside the workflow, not in the task's directory: write `{{workflow.dir}}/{0}`",
        visible(name));
  }
  return {};
}

}  // namespace

std::string exit_hint(const StepSpec& step,
                      const std::string& directory,
                      const std::string& workflow_dir,
                      std::int32_t status,
                      std::string_view tail) {
  constexpr std::int32_t kSigpipe = 141;
  const std::string source = source_of(step);
  const std::vector<std::string> words = words_of(source);
  if (status == kSigpipe && has_pipe(source)) {
    return "; a command in a pipe was stopped because the next one (such as `head`) did not read "
           "all its output; to allow this, write `{ COMMAND || [ $? = 141 ]; } | head`";
  }
  if (status == 1 && tail.empty() && says(words, {"grep", "egrep", "fgrep", "zgrep"})) {
    return "; `grep` exits with 1 when it finds nothing: to allow that write "
           "`{ grep ... || [ $? = 1 ]; }`";
  }
  return beside_hint(words, directory, workflow_dir, status, tail);
}

}  // namespace wfr
