// Follows each link as it will be followed from its place.
#include "runtime/run/arriving_links.hpp"

#include "runtime/run/missing_output.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <system_error>

#include <sys/stat.h>

namespace wfr {
namespace {

namespace fs = std::filesystem;

// Without links on the way; a link at its end is kept.
fs::path plain(const fs::path& path) {
  std::error_code error;
  const fs::path directory = fs::weakly_canonical(path.parent_path(), error);
  return (error ? path.parent_path() : directory) / path.filename();
}

class Follower {
 public:
  explicit Follower(const std::vector<Arriving>& all) {
    for (const Arriving& one : all) {
      arriving_.emplace(plain(one.place), &one);
      gone_.emplace(plain(one.file).parent_path(), nullptr);
    }
  }

  // Where that which the link leads to is now; "" when it will lead nowhere.
  [[nodiscard]] fs::path end_of(const Arriving& link) const {
    constexpr int kMostLinks = 40;  // as the kernel has it
    const Arriving* one = &link;
    for (int followed = 0; followed < kMostLinks; ++followed) {
      std::error_code error;
      std::string text = fs::read_symlink(one->file, error).string();
      if (error) return one->file;
      while (text.size() > 1 && text.back() == '/') text.pop_back();
      const fs::path target = fs::path(one->place).parent_path() / text;
      const fs::path resolved = plain(target);
      if (covering(gone_, resolved) != gone_.end()) return {};
      const auto met = covering(arriving_, resolved);
      if (met == arriving_.end()) return target;
      one = met->second;
      if (met->first != resolved) return one->file / resolved.lexically_relative(met->first);
    }
    return {};
  }

 private:
  using Places = std::map<fs::path, const Arriving*>;

  // The entry that is the path itself or a directory on its way.
  static Places::const_iterator covering(const Places& places, fs::path path) {
    while (true) {
      const auto found = places.find(path);
      if (found != places.end() || path == path.parent_path()) return found;
      path = path.parent_path();
    }
  }

  Places arriving_;
  Places gone_;
};

}  // namespace

void require_links_lead(const std::vector<Arriving>& all) {
  const auto is_link = [](const Arriving& one) {
    struct stat info {};
    return lstat(one.file.c_str(), &info) == 0 && S_ISLNK(info.st_mode);
  };
  if (std::none_of(all.begin(), all.end(), is_link)) return;
  const Follower follower(all);
  for (const Arriving& one : all) {
    if (!is_link(one)) continue;
    struct stat info {};
    const bool found = stat(follower.end_of(one).c_str(), &info) == 0;
    if (found && S_ISDIR(info.st_mode) == one.directory) continue;
    throw MissingOutputError(misleading_link_text(one.name, one.file));
  }
}

}  // namespace wfr
