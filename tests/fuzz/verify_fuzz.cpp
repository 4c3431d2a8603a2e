// libFuzzer: whatever the bytes, a script or a submit.sh is read back or refused with an error, and
// what was read back is sound. Seeds: tests/fuzz/corpus/verify.
#include "compiler/slurm/verify_script.hpp"
#include "compiler/slurm/verify_submit.hpp"

#include <cstdlib>

namespace {

using namespace wfc;            // NOLINT(google-build-using-namespace): of one test program
using namespace wfc::readback;  // NOLINT(google-build-using-namespace)

void require(bool good) {
  if (!good) std::abort();
}

Source source_of(const std::string& text) {
  auto source = std::make_shared<SourceFile>();
  source->name = "fuzz";
  source->text = text;
  return source;
}

void check_spec(const ArraySpec& spec) {
  require(!spec.indices.empty());
  std::uint32_t end = 0;
  for (const wfr::Range& range : spec.indices) {
    require(range.begin >= end && range.begin < range.end);
    end = range.end;
  }
}

void check_span(const Span& span) {
  if (!span.known()) return;
  require(span.column >= 1 && span.end_column >= span.column);
  require(span.end_column <= span.file->line(span.line).size() + 2);
}

void read_script(const std::string& text) {
  Sink sink;
  Report report(sink, VerifyWhen::Later);
  const std::optional<Script> script = parse_script(source_of(text), "01-a", report);
  require(script.has_value() != sink.has_errors());
  if (!script) return;
  check_span(script->run_line);
  if (script->array) check_spec(*script->array);
  for (const auto& [name, option] : script->options) check_span(option.span);
}

void read_submit(const std::string& text) {
  Sink sink;
  Report report(sink, VerifyWhen::Later);
  const std::optional<Submit> submit = parse_submit(source_of(text), report);
  require(submit.has_value() != sink.has_errors());
  if (!submit) return;
  for (std::size_t i = 0; i < submit->calls.size(); ++i) {
    check_span(submit->calls[i].span);
    for (const Wait& wait : submit->calls[i].waits) require(wait.on < i);
  }
}

void read_program(const std::string& text) {
  Sink sink;
  Report report(sink, VerifyWhen::Later);
  require(check_program(source_of(text), report) != sink.has_errors());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  read_script(text);
  read_submit(text);
  read_program(text);
  if (const auto spec = parse_array_spec(text)) check_spec(*spec);
  if (const auto command = shell_command(text, 0)) require(command->end <= text.size());
  static_cast<void>(sbatch_words(text));
  return 0;
}
