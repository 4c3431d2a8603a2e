// The head of a plan is some kilobytes of many megabytes.
#include "runtime/plan/plan_seal.hpp"

#include "runtime/plan/plan_format.hpp"
#include "runtime/plan/sha256.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include <fcntl.h>
#include <unistd.h>

namespace wfr {
namespace {

constexpr std::string_view kHeadMark = "# The head of plan.wfp: ";

}  // namespace

std::string head_line(std::span<const char> plan) {
  try {
    const SectionReader reader(plan);
    const std::span<const char> head = reader.get<char>(SectionKind::Head);
    if (head.empty()) return {};
    const auto size = static_cast<std::size_t>(head.data() + head.size() - plan.data());
    return std::string(kHeadMark) + sha256({plan.data(), size}) + "\n";
  } catch (const PlanError&) {
    return {};
  }
}

void check_head(const std::filesystem::path& file, std::span<const char> plan) {
  const std::filesystem::path manifest = file.parent_path() / kManifestName;
  const int fd = ::open(manifest.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0 && errno == ENOENT) return;
  if (fd < 0) {
    throw PlanReadError("cannot read " + manifest.string() + ": " + std::strerror(errno));
  }
  // It is among the first lines.
  std::array<char, 1024> begin{};
  const ssize_t got = ::pread(fd, begin.data(), begin.size(), 0);
  ::close(fd);
  const std::string_view text(begin.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
  const std::string line = head_line(plan);
  if (!line.empty() && text.find(line) != std::string_view::npos) return;
  throw PlanError(std::string("its header does not match ") + kManifestName +
                  ": it was changed after it was compiled; compile the workflow again");
}

}  // namespace wfr
