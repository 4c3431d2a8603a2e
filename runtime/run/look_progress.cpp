// The line and when it is shown.
#include "runtime/run/look_progress.hpp"

#include "runtime/run/posix_processes.hpp"

#include <cstdio>
#include <memory>

#include <unistd.h>

namespace wfr {
namespace {

std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t place = digits.size(); place > 3; place -= 3) digits.insert(place - 3, ",");
  return digits;
}

class Line {
 public:
  Line() : begun_ns_(monotonic_ns()) {}
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;
  ~Line() { clear(); }

  void show(std::uint64_t looked, std::uint64_t total) {
    constexpr std::int64_t kPatience = 500'000'000;
    if (monotonic_ns() - begun_ns_ < kPatience) return;
    if (looked >= total) return clear();
    std::fprintf(stderr, "\r\033[K%s", look_progress_text(looked, total).c_str());
    std::fflush(stderr);
    shown_ = true;
  }

 private:
  void clear() {
    if (shown_) std::fputs("\r\033[K", stderr);
    shown_ = false;
  }

  std::int64_t begun_ns_;
  bool shown_ = false;
};

}  // namespace

std::string look_progress_text(std::uint64_t looked, std::uint64_t total) {
  return "looking at " + grouped(looked) + " of " + grouped(total) + " results";
}

std::function<void(std::uint64_t, std::uint64_t)> look_progress() {
  if (isatty(STDERR_FILENO) == 0) return {};
  const auto line = std::make_shared<Line>();
  return [line](std::uint64_t looked, std::uint64_t total) { line->show(looked, total); };
}

}  // namespace wfr
