// Reads whole text files.
#include "compiler/driver/read_source.hpp"

#include <utility>

#include <fmt/format.h>

namespace wfc {
namespace {

std::shared_ptr<const SourceFile> source_of(const std::filesystem::path& file,
                                            std::optional<std::string> text,
                                            const std::string& why,
                                            Sink& sink) {
  if (!text) {
    sink.report(Kind::CannotRead,
                {},
                fmt::format("cannot read `{}`: {}", file.string(), why),
                "check the path and its permissions");
    return nullptr;
  }
  return std::make_shared<const SourceFile>(SourceFile{file.string(), std::move(*text)});
}

}  // namespace

std::optional<std::string> read_text(const std::filesystem::path& file,
                                     std::string* why,
                                     std::uint64_t most) {
  std::string unheard;
  return wfr::read_file(file.string(), file.string(), most, why != nullptr ? *why : unheard);
}

std::optional<std::string> read_text_from(const std::filesystem::path& directory,
                                          const std::filesystem::path& file,
                                          std::uint64_t most,
                                          std::string& why) {
  return wfr::read_file((directory / file).string(), directory.string(), most, why);
}

std::shared_ptr<const SourceFile> read_source(const std::filesystem::path& file, Sink& sink) {
  std::string why;
  std::optional<std::string> text = read_text(file, &why);
  return source_of(file, std::move(text), why, sink);
}

std::shared_ptr<const SourceFile> read_source_from(const std::filesystem::path& directory,
                                                   const std::filesystem::path& file,
                                                   Sink& sink) {
  std::string why;
  std::optional<std::string> text = read_text_from(directory, file, wfr::kMostText, why);
  return source_of(directory / file, std::move(text), why, sink);
}

}  // namespace wfc
