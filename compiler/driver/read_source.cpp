// Reads whole text files.
#include "compiler/driver/read_source.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

namespace wfc {
namespace {

const char* kind_text(std::filesystem::file_type type) {
  switch (type) {
    case std::filesystem::file_type::directory:
      return "a directory";
    case std::filesystem::file_type::fifo:
      return "a FIFO";
    case std::filesystem::file_type::socket:
      return "a socket";
    default:
      return "a device";
  }
}

}  // namespace

std::optional<std::string> read_text(const std::filesystem::path& file, std::string* why) {
  std::error_code error;
  // A FIFO or a device would be waited for, or never end.
  const std::filesystem::file_status status = std::filesystem::status(file, error);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
    if (why != nullptr) *why = fmt::format("it is {}, not a file", kind_text(status.type()));
    return std::nullopt;
  }
  errno = 0;
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  // An empty file makes operator<< set failbit, so the stream's own state decides.
  if (stream) text << stream.rdbuf();
  if (!stream || stream.bad()) {
    if (why != nullptr) *why = errno != 0 ? std::strerror(errno) : "it cannot be read";
    return std::nullopt;
  }
  return std::move(text).str();
}

std::shared_ptr<const SourceFile> read_source(const std::filesystem::path& file, Sink& sink) {
  std::string why;
  std::optional<std::string> text = read_text(file, &why);
  if (!text) {
    sink.report(Kind::CannotRead,
                {},
                fmt::format("cannot read `{}`: {}", file.string(), why),
                "check the path and its permissions");
    return nullptr;
  }
  return std::make_shared<const SourceFile>(SourceFile{file.string(), std::move(*text)});
}

}  // namespace wfc
