// The progress line and the tables of `wfc run`.
#include "compiler/commands/run_view.hpp"

#include "runtime/plan/visible.hpp"
#include "runtime/run/job_log.hpp"
#include "runtime/run/posix_processes.hpp"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace wfc {
namespace {

constexpr std::int64_t kPlainEveryNs = 10'000'000'000;
// Failures with other words than these are shown at the end only.
constexpr std::size_t kShownAtOnce = 10;

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

std::string progress_text(const wfr::Progress& progress) {
  std::string text =
      fmt::format("[{}/{}] {} running", progress.done, progress.total, progress.running);
  if (progress.failed > 0) text += fmt::format(", {} failed", progress.failed);
  if (progress.upstream_failed > 0) text += fmt::format(", {} blocked", progress.upstream_failed);
  if (progress.eta_s >= 1) text += ", about " + duration_text(progress.eta_s) + " left";
  return text;
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
  status(progress_text(progress));
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
    if (group.count > 1 || i >= shown_) text += wfr::group_head(plan_, group);
    if (i > shown_ + kShownAtOnce) {
      return text + fmt::format("and {} other messages\n", groups_.all().size() - i - 1);
    }
  }
  return text;
}

void RunView::note(const std::string& text) {
  clear();
  print(wfr::visible_text(text) + "\n");
}

std::string summary_text(const wfr::Plan& plan, const wfr::JobResult& result, double seconds) {
  std::size_t width = 4;
  for (const wfr::StepProgress& step : result.steps) {
    width = std::max(width, plan.step(step.step).name.size());
  }
  constexpr const char* kRow = "{:<{}}  {:>7}  {:>7}  {:>10}  {:>7}  {:>9}  {:>12}\n";
  std::string text = fmt::format(fmt::runtime(kRow),
                                 "step",
                                 width,
                                 "tasks",
                                 "done",
                                 "up to date",
                                 "failed",
                                 "blocked",
                                 "time");
  for (const wfr::StepProgress& step : result.steps) {
    const bool ran = step.wall_ns > 0;
    text += fmt::format(fmt::runtime(kRow),
                        plan.step(step.step).name,
                        width,
                        step.total,
                        step.done - step.up_to_date,
                        step.up_to_date,
                        step.failed,
                        step.upstream_failed,
                        ran ? duration_text(static_cast<double>(step.wall_ns) / 1e9) : "-");
  }
  const wfr::Progress& p = result.progress;
  text += fmt::format("{} of {} tasks done", p.done, p.total);
  if (p.up_to_date > 0) text += fmt::format(", {} of them up to date before", p.up_to_date);
  if (p.failed > 0) text += fmt::format(", {} failed", p.failed);
  if (p.upstream_failed > 0) text += fmt::format(", {} blocked by them", p.upstream_failed);
  std::uint64_t stopped = 0;
  for (const wfr::StepProgress& step : result.steps) stopped += step.cancelled;
  if (stopped > 0) text += fmt::format(", {} stopped", stopped);
  text += ", in " + duration_text(seconds) + "\n";
  if (p.left > 0) {
    text += fmt::format(
        "{} task{} left to Slurm jobs in the queue\n", p.left, p.left == 1 ? " is" : "s are");
  }
  return text;
}

}  // namespace wfc
