// The mark is a path in text, for people too.
#include "compiler/driver/out_owner.hpp"

#include "compiler/driver/read_source.hpp"
#include "compiler/driver/write_file.hpp"
#include "compiler/tree/paths.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace wfc {
namespace {

namespace fs = std::filesystem;

fs::path mark_of(const fs::path& out) {
  return out / "workflow";
}

constexpr std::string_view kHeader = "# wfc: this directory belongs to the workflow\n";

// Physical, since `..` after a symbolic link leads elsewhere than the text says.
std::string mark_text(const fs::path& workflow, const fs::path& out) {
  return std::string(kHeader) +
         physical_path(workflow).lexically_relative(physical_path(out)).string() + "\n";
}

// `out/NAME`, unless that is a directory of the other workflow's.
std::string proposed(const fs::path& workflow, const fs::path& out) {
  static constexpr std::array<std::string_view, 8> kTaken = {
      "bin", "failed", "jobs", "logs", "plan", "state", "submit.sh", "workflow"};
  const std::string stem = workflow.stem().string();
  const bool taken = std::find(kTaken.begin(), kTaken.end(), stem) != kTaken.end();
  return taken ? out.string() + "-" + stem : (out / stem).string();
}

}  // namespace

bool has_mark(const fs::path& out) {
  const std::optional<std::string> mark = read_text(mark_of(out));
  return mark && mark->starts_with(kHeader);
}

bool out_is_ours(const fs::path& workflow, const fs::path& out, Sink& sink) {
  const std::optional<std::string> mark = read_text(mark_of(out));
  std::error_code error;
  // Where it cannot be looked at, writing says why.
  const bool there = fs::exists(fs::symlink_status(mark_of(out), error)) && !error;
  if (!there || mark == mark_text(workflow, out)) return true;
  if (!mark || !mark->starts_with(kHeader)) {
    sink.report(
        Kind::CannotWrite,
        {},
        "cannot write `" + mark_of(out).string() + "`: it is there, and wfc has not written it",
        "rename it, or choose another place with `--out`");
    return false;
  }
  const fs::path other = owner_of(out);
  if (other.empty() || !fs::exists(other, error) || fs::equivalent(other, workflow, error)) {
    return true;
  }
  sink.report(Kind::OtherWorkflow,
              {},
              fmt::format("`{}` belongs to another workflow, `{}`",
                          out.string(),
                          other.lexically_proximate(fs::current_path()).string()),
              fmt::format("give `{}` an out directory of its own: `-o {}`",
                          workflow.string(),
                          proposed(workflow, out)));
  return false;
}

fs::path owner_of(const fs::path& out) {
  const std::string mark = read_text(mark_of(out)).value_or("");
  if (!mark.starts_with(kHeader)) return {};
  const std::string line = mark.substr(kHeader.size());
  const std::string written = line.substr(0, line.find('\n'));
  if (written.empty()) return {};
  return (physical_path(out) / written).lexically_normal();
}

void take_out(const fs::path& workflow, const fs::path& out) {
  const std::string text = mark_text(workflow, out);
  if (read_text(mark_of(out)) != text) write_whole_file(mark_of(out), text, false);
}

}  // namespace wfc
