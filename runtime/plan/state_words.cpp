// Patterns of words, and the reading of the texts that they are in.
#include "runtime/plan/state_words.hpp"

#include "runtime/plan/state_io.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <stdexcept>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace wfr {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_name(std::string_view text, std::string_view others) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [others](char c) {
    return is_digit(c) || is_letter(c) || others.find(c) != std::string_view::npos;
  });
}

bool begins_well(std::string_view text) {
  return !text.empty() && (is_digit(text.front()) || is_letter(text.front()));
}

// Closes it when the reading throws.
struct Closing {
  explicit Closing(const StateFile& opened) : file(opened) {}
  Closing(const Closing&) = delete;
  Closing& operator=(const Closing&) = delete;
  ~Closing() { ::close(file.fd); }
  const StateFile& file;
};

}  // namespace

std::optional<std::uint32_t> whole_number(std::string_view text) {
  if (text.size() > 1 && text.front() == '0') return std::nullopt;
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

bool is_plan_hash(std::string_view text) {
  constexpr std::size_t kDigits = 32;
  return text.size() == kDigits &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool is_run_word(std::string_view text) {
  constexpr std::size_t kLongest = 64;
  return begins_well(text) && text.size() <= kLongest && is_name(text, "-");
}

bool is_job_word(std::string_view text) {
  const std::size_t plus = text.find('+');
  if (plus != std::string_view::npos && !whole_number(text.substr(plus + 1))) return false;
  const std::string_view stem = text.substr(0, plus);
  const std::size_t dash = stem.find('-');
  return dash != std::string_view::npos && dash > 0 && is_name(stem.substr(dash + 1), "._-") &&
         std::all_of(stem.begin(), stem.begin() + static_cast<std::ptrdiff_t>(dash), is_digit);
}

bool is_host_word(std::string_view text) {
  return begins_well(text) && is_name(text, "._-");
}

bool is_host_list(std::string_view text) {
  return begins_well(text) && is_name(text, "._-,[]");
}

std::optional<std::string> read_state_text(const std::filesystem::path& file,
                                           const std::filesystem::path& state_dir) {
  constexpr off_t kMostBytes = off_t{64} << 20U;
  const StateFile opened =
      open_state_file(file.string(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (opened.fd < 0 && (errno == ENOENT || errno == ENOTDIR)) return std::nullopt;
  const auto refuse = [&](const std::string& what) -> std::runtime_error {
    return std::runtime_error(fmt::format("`{}` {}: remove it", file.string(), what));
  };
  if (opened.fd < 0 && errno == ELOOP) throw refuse("is a link");
  // A file that is there and cannot be read is not the same as none.
  if (opened.fd < 0) {
    throw std::system_error(errno, std::generic_category(), "cannot read `" + file.string() + "`");
  }
  const Closing closing(opened);
  struct stat info {};
  struct stat owner {};
  if (::fstat(opened.fd, &info) != 0 || !S_ISREG(info.st_mode)) {
    throw refuse("is not a regular file");
  }
  const bool trusted = info.st_uid == ::geteuid() ||
                       (::stat(state_dir.c_str(), &owner) == 0 && owner.st_uid == info.st_uid);
  if (!trusted) throw refuse(fmt::format("belongs to the user {}", info.st_uid));
  if (info.st_size > kMostBytes) throw refuse(fmt::format("has {} bytes", info.st_size));
  std::string text(static_cast<std::size_t>(info.st_size), '\0');
  text.resize(read_at(opened, text.data(), text.size(), 0));
  return text;
}

}  // namespace wfr
