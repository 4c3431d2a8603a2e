// Quoting for sbatch and rendering of templates; the only place that includes mustache.
#include "compiler/slurm/sbatch_text.hpp"

#include "runtime/plan/expand.hpp"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>
#include <kainjow/mustache.hpp>

namespace wfc {
namespace {

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("_-.,:=/+@%^~()[]{}&|*!<>?$;`").find(c) != std::string_view::npos ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

// The names after {{> in a template.
std::vector<std::string> partials_of(const std::string& text) {
  std::vector<std::string> names;
  for (std::size_t at = text.find("{{>"); at != std::string::npos; at = text.find("{{>", at + 1)) {
    const std::size_t end = text.find("}}", at);
    if (end == std::string::npos) break;
    names.push_back(text.substr(at + 3, end - at - 3));
  }
  return names;
}

}  // namespace

std::string sbatch_quote(std::string_view value) {
  std::string quoted;
  for (const char c : value) {
    if (!is_plain(c)) quoted += '\\';
    quoted += c;
  }
  return quoted;
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), is_control);
}

std::string comment_text(std::string_view text) {
  std::string line(text);
  std::replace_if(line.begin(), line.end(), is_control, '?');
  return line;
}

std::string sbatch_time(std::uint64_t seconds) {
  const std::uint64_t minutes = (seconds + 59) / 60;
  const std::uint64_t days = minutes / 1440;
  const std::string clock = fmt::format("{:02}:{:02}:00", minutes % 1440 / 60, minutes % 60);
  return days == 0 ? clock : fmt::format("{}-{}", days, clock);
}

std::string render_template(const std::string& name,
                            kainjow::mustache::data& data,
                            const TemplateReader& templates) {
  namespace km = kainjow::mustache;
  const std::string text = templates(name);
  for (const std::string& partial : partials_of(text)) {
    data.set(partial, km::data(km::partial([templates, partial] { return templates(partial); })));
  }
  km::mustache page(text);
  page.set_custom_escape([](const std::string& word) { return wfr::shell_quote(word); });
  std::string rendered = page.is_valid() ? page.render(data) : std::string();
  if (!page.is_valid()) {
    throw std::runtime_error("template `" + name + "`: " + page.error_message());
  }
  return rendered;
}

}  // namespace wfc
