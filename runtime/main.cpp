// wfr: argv -> command -> exit status. Starts in about a millisecond: nothing heavy is linked.
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

namespace {

int usage(std::FILE* stream) {
  std::fputs("usage: wfr COMMAND ...\n", stream);
  return stream == stdout ? 0 : 2;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.empty()) return usage(stderr);
  if (words[0] == "--help" || words[0] == "-h") return usage(stdout);
  std::fprintf(stderr, "wfr: error: there is no command `%s`\n", words[0].c_str());
  return usage(stderr);
}
