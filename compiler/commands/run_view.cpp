// The lines and the table of `wfc run`.
#include "compiler/commands/run_view.hpp"

#include "runtime/plan/visible.hpp"
#include "runtime/run/job_log.hpp"
#include "runtime/run/posix_processes.hpp"

#include <algorithm>
#include <cstdio>
#include <numeric>
#include <vector>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace wfc {
namespace {

constexpr std::int64_t kPlainEveryNs = 10'000'000'000;
constexpr std::size_t kPlainWidth = 200;
// Failures with other words than these are shown at the end only.
constexpr std::size_t kShownAtOnce = 10;

// So many steps are named in the first line of a run.
constexpr std::size_t kStepsInBegin = 8;

std::string tasks(std::uint64_t count) {
  return fmt::format("{} task{}", count, count == 1 ? "" : "s");
}

// The first column to the left, the others to the right; two blanks between them.
std::string table_text(const std::vector<std::vector<std::string>>& columns) {
  std::string text;
  for (std::size_t row = 0; row < columns.front().size(); ++row) {
    for (const std::vector<std::string>& column : columns) {
      std::size_t width = 0;
      for (const std::string& cell : column) width = std::max(width, cell.size());
      const bool first = &column == &columns.front();
      text += first ? fmt::format("{:<{}}", column[row], width)
                    : fmt::format("  {:>{}}", column[row], width);
    }
    text += "\n";
  }
  return text;
}

// Lines of at most `width`, broken at blanks; a longer word stays whole.
std::string wrapped_text(std::string text, std::size_t width) {
  for (std::size_t begin = 0; text.size() - begin > width;) {
    std::size_t blank = text.rfind(' ', begin + width);
    if (blank == std::string::npos || blank <= begin) blank = text.find(' ', begin + width);
    if (blank == std::string::npos) break;
    text[blank] = '\n';
    begin = blank + 1;
  }
  return text;
}

std::size_t terminal_width() {
  winsize size{};
  const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
  return known ? size.ws_col - 1U : 79U;
}

}  // namespace

std::string duration_text(double seconds) {
  if (seconds < 1) return fmt::format("{:.0f} ms", seconds * 1000);
  if (seconds < 60) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<std::uint64_t>(seconds);
  if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
  return fmt::format("{} h {} min", whole / 3600, whole / 60 % 60);
}

std::string clock_text(double seconds) {
  const auto whole = static_cast<std::uint64_t>(std::max(seconds, 0.0));
  const std::string tail = fmt::format("{:02}", whole % 60);
  if (whole < 3600) return fmt::format("{}:{}", whole / 60, tail);
  return fmt::format("{}:{:02}:{}", whole / 3600, whole / 60 % 60, tail);
}

std::string progress_text(const wfr::Progress& progress, double seconds, std::size_t width) {
  struct Part {
    std::string text;
    int weight;  // those of the least weight go first
  };
  std::vector<Part> parts{{fmt::format("{} running", progress.running), 2}};
  if (progress.failed > 0) parts.push_back({fmt::format("{} failed", progress.failed), 5});
  if (progress.upstream_failed > 0) {
    parts.push_back({fmt::format("{} blocked", progress.upstream_failed), 1});
  }
  parts.push_back({clock_text(seconds), 3});
  if (progress.eta_s >= 1) parts.push_back({"~" + clock_text(progress.eta_s) + " left", 4});
  while (true) {
    std::string text = fmt::format("[{}/{}]", progress.done, progress.total);
    for (const Part& part : parts) text += (&part == &parts.front() ? " " : ", ") + part.text;
    if (text.size() <= width || parts.empty()) return text.substr(0, width);
    parts.erase(std::min_element(parts.begin(), parts.end(), [](const Part& a, const Part& b) {
      return a.weight < b.weight;
    }));
  }
}

RunView::RunView(const wfr::Plan& plan, wfr::Caller caller, bool terminal)
    : plan_(plan),
      caller_(std::move(caller)),
      groups_(plan),
      terminal_(terminal),
      begun_ns_(wfr::monotonic_ns()),
      printed_ns_(begun_ns_) {}

void RunView::print(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
}

void RunView::clear() {
  if (line_shown_) print("\r\033[K");
  line_shown_ = false;
}

void RunView::progress(const wfr::Progress& progress) {
  const double seconds = static_cast<double>(wfr::monotonic_ns() - begun_ns_) / 1e9;
  status(progress_text(progress, seconds, terminal_ ? terminal_width() : kPlainWidth));
}

void RunView::status(const std::string& text) {
  if (terminal_) {
    print("\r\033[K" + text.substr(0, terminal_width()));
    line_shown_ = true;
    return;
  }
  const std::int64_t now = wfr::monotonic_ns();
  if (now - printed_ns_ < kPlainEveryNs) return;
  printed_ns_ = now;
  print(text + "\n");
}

void RunView::failure(const wfr::FailedTask& failed) {
  const wfr::FailureGroup& group =
      groups_.add(failed.task, failed.kind, failed.status, failed.message);
  if (group.count > 1 || shown_ >= kShownAtOnce) return;
  ++shown_;
  clear();
  std::string text = wfr::group_head(plan_, group) + wfr::quoted_tail(failed.message);
  const wfr::JobLog log(plan_, (caller_.out / "logs").string(), false);
  const std::string file = log.file_of(failed.task);
  if (std::filesystem::exists(file)) {
    text += "    log: " + wfr::visible_text(wfr::shown_path(file, caller_.directory)) + "\n";
  }
  print(text);
}

std::string RunView::groups_text() const {
  std::string text;
  for (std::size_t i = 0; i < groups_.all().size(); ++i) {
    const wfr::FailureGroup& group = groups_.all()[i];
    if (i >= shown_) {
      text += wfr::group_head(plan_, group);
    } else if (group.count > 1) {
      text += wfr::group_again(plan_, group);
    }
    if (i > shown_ + kShownAtOnce) {
      return text + fmt::format("and {} other messages\n", groups_.all().size() - i - 1);
    }
  }
  return text;
}

void RunView::note(const std::string& text) {
  clear();
  const std::string shown = wfr::visible_text(text);
  print((terminal_ ? wrapped_text(shown, terminal_width()) : shown) + "\n");
}

std::string begin_text(const wfr::Plan& plan,
                       const wfr::Decision& decision,
                       const std::string& logs) {
  const std::uint64_t runs = decision.of(wfr::Fate::Runs);
  const std::uint64_t current = decision.of(wfr::Fate::UpToDate);
  std::string rest;
  if (const auto count = decision.of(wfr::Fate::Blocked))
    rest += fmt::format("; {} blocked", count);
  if (const auto count = decision.of(wfr::Fate::Live)) {
    rest += fmt::format("; {} in Slurm's queue", count);
  }
  if (runs == 0 && rest.empty())
    return fmt::format("everything is up to date ({})", tasks(current));
  if (current > 0) rest += fmt::format("; {} up to date", current);
  if (runs == 0) return "nothing to run" + rest;
  std::string steps;
  std::size_t shown = 0;
  std::size_t more = 0;
  for (const wfr::StepId id : plan.order) {
    const std::uint64_t count = decision.steps[wfr::index_of(id)].of(wfr::Fate::Runs);
    if (count == 0) continue;
    if (++shown > kStepsInBegin) {
      ++more;
      continue;
    }
    steps += fmt::format("{}{} {}", steps.empty() ? "" : ", ", plan.step(id).name, count);
  }
  if (more > 0) steps += fmt::format(" and {} more step{}", more, more == 1 ? "" : "s");
  return fmt::format("running {}: {}{}; logs in {}", tasks(runs), steps, rest, logs);
}

std::string summary_text(const wfr::Plan& plan, const wfr::JobResult& result, double seconds) {
  const wfr::Progress& p = result.progress;
  const std::uint64_t stopped = std::accumulate(
      result.steps.begin(),
      result.steps.end(),
      std::uint64_t{0},
      [](std::uint64_t sum, const wfr::StepProgress& step) { return sum + step.cancelled; });
  std::vector<std::vector<std::string>> columns{{"step"}, {"tasks"}, {"done"}};
  if (p.up_to_date > 0) columns.push_back({"up to date"});
  if (p.failed > 0) columns.push_back({"failed"});
  if (p.upstream_failed > 0) columns.push_back({"blocked"});
  columns.push_back({"summed time"});
  for (const wfr::StepProgress& step : result.steps) {
    std::size_t next = 0;
    const auto put = [&](std::string cell) { columns[next++].push_back(std::move(cell)); };
    put(plan.step(step.step).name);
    put(std::to_string(step.total));
    put(std::to_string(step.done - step.up_to_date));
    if (p.up_to_date > 0) put(std::to_string(step.up_to_date));
    if (p.failed > 0) put(std::to_string(step.failed));
    if (p.upstream_failed > 0) put(std::to_string(step.upstream_failed));
    put(step.wall_ns > 0 ? duration_text(static_cast<double>(step.wall_ns) / 1e9) : "-");
  }
  std::string text = table_text(columns);
  if (isatty(STDOUT_FILENO) != 0 && text.find('\n') > terminal_width()) {
    columns.pop_back();
    text = table_text(columns);
  }
  text += fmt::format("{} of {} tasks done", p.done, p.total);
  if (p.up_to_date > 0) text += fmt::format(", {} of them up to date before", p.up_to_date);
  if (p.failed > 0) text += fmt::format(", {} failed", p.failed);
  if (p.upstream_failed > 0) text += fmt::format(", {} blocked by them", p.upstream_failed);
  if (stopped > 0) text += fmt::format(", {} stopped", stopped);
  text += ", in " + duration_text(seconds) + "\n";
  if (p.left > 0) {
    text += fmt::format(
        "{} task{} left to Slurm jobs in the queue\n", p.left, p.left == 1 ? " is" : "s are");
  }
  return text;
}

}  // namespace wfc
