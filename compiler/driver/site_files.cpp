// Collects the site profiles in their order of priority.
#include "compiler/driver/site_files.hpp"

#include "compiler/driver/read_source.hpp"
#include "compiler/slurm/builtin_templates.hpp"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <system_error>

#include <fmt/format.h>
#include <unistd.h>

namespace wfc {
namespace {

namespace fs = std::filesystem;

// What is wrong is in `why`.
std::vector<fs::path> toml_files(const fs::path& dir, std::string& why) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(dir, error)) {
    if (entry.path().extension() == ".toml") files.push_back(entry.path());
  }
  if (error && error != std::errc::no_such_file_or_directory &&
      error != std::errc::not_a_directory) {
    why = error.message();
  }
  std::sort(files.begin(), files.end());
  return files;
}

fs::path user_sites() {
  if (const char* config = std::getenv("XDG_CONFIG_HOME"); config != nullptr && *config != '\0') {
    return fs::path(config) / "wfc" / "sites";
  }
  const char* home = std::getenv("HOME");
  return home == nullptr ? fs::path() : fs::path(home) / ".config" / "wfc" / "sites";
}

// Those of the user. The home may be somebody else's, as with `sudo -u`: what cannot be read there
// is missed only by who asks for a site of it.
void read_user_sites(std::vector<std::shared_ptr<const SourceFile>>& sources, Sink& sink) {
  const fs::path dir = user_sites();
  std::string why;
  fs::path unreadable = dir;
  for (const fs::path& file : toml_files(dir, why)) {
    std::string own;
    if (std::optional<std::string> text =
            read_text_from(dir, file.filename(), wfr::kMostText, own)) {
      sources.push_back(
          std::make_shared<const SourceFile>(SourceFile{file.string(), std::move(*text)}));
    } else if (why.empty()) {
      why = own;
      unreadable = file;
    }
  }
  if (why.empty()) return;
  sink.report(Kind::SitesUnreadable,
              {},
              fmt::format("cannot read the site profiles in `{}`: {}", unreadable.string(), why),
              "they are ignored; make them readable, or set XDG_CONFIG_HOME to a directory of "
              "your own");
}

}  // namespace

std::vector<std::shared_ptr<const SourceFile>> read_site_files(const fs::path& workflow,
                                                               Sink& sink) {
  std::vector<std::shared_ptr<const SourceFile>> sources;
  for (const BuiltinFile& site : builtin_sites()) {
    sources.push_back(std::make_shared<const SourceFile>(
        SourceFile{"<built-in>/sites/" + std::string(site.name), std::string(site.text)}));
  }
  read_user_sites(sources, sink);
  const fs::path own = workflow.parent_path() / "sites";
  std::string why;
  const std::vector<fs::path> files = toml_files(own, why);
  if (!why.empty()) {
    sink.report(Kind::CannotRead,
                {},
                fmt::format("cannot read the site profiles in `{}`: {}", own.string(), why),
                "make the directory readable, or remove it");
  }
  for (const fs::path& file : files) {
    const fs::path name = fs::path("sites") / file.filename();
    if (auto source = read_source_from(workflow.parent_path(), name, sink)) {
      sources.push_back(std::move(source));
    }
  }
  return sources;
}

bool on_path(const std::string& program) {
  const char* path = std::getenv("PATH");
  std::string rest = path == nullptr ? "" : path;
  while (!rest.empty()) {
    const std::size_t colon = std::min(rest.find(':'), rest.size());
    const std::string dir = rest.substr(0, colon);
    if (!dir.empty() && access((fs::path(dir) / program).c_str(), X_OK) == 0) return true;
    rest.erase(0, colon + 1);
  }
  return false;
}

}  // namespace wfc
