// Walks of directories and chains of links, as digests.
#include "runtime/run/path_state.hpp"

#include "runtime/files/holder.hpp"
#include "runtime/files/read_file.hpp"
#include "runtime/run/hash.hpp"
#include "runtime/run/outputs.hpp"
#include "runtime/run/paths.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <set>
#include <system_error>
#include <utility>
#include <vector>

#include <unistd.h>

namespace wfr {
namespace {

// As the kernel does it.
constexpr int kMostLinks = 40;

std::string read_link(const std::string& path) {
  std::array<char, PATH_MAX> text{};
  const ssize_t length = readlink(path.c_str(), text.data(), text.size());
  return length < 0 ? "" : std::string(text.data(), static_cast<std::size_t>(length));
}

// Where a link leads that lies in the directory of `path`.
std::string target_of(const std::string& path, const std::string& text) {
  return text.front() == '/' ? text : parent_of(path) + "/" + text;
}

class Walk {
 public:
  Walk(const ContentOf& content,
       std::vector<std::string>* files,
       const std::set<std::string>* only,
       const std::string& base)
      : content_(content), files_(files), only_(only), base_(base) {}

  PathState file(const std::string& path, const struct stat& info) {
    Hasher digest;
    Hasher sizes;
    list(path);
    add_file(path, info, digest, sizes);
    return {true, false, digest.digest(), sizes.digest(), bytes_};
  }

  PathState directory(const std::string& path, const struct stat& info) {
    const auto [digest, sizes] = walk(path, info);
    return {true, true, digest, sizes, bytes_};
  }

 private:
  // Each directory has digests of its own, so that only the entries of those on the way are held.
  std::pair<Key, Key> walk(const std::string& path, const struct stat& info) {
    Hasher digest;
    Hasher sizes;
    const auto both = [&](std::string_view text) {
      digest.add(text);
      sizes.add(text);
    };
    // Links may lead up or to the same place twice.
    const bool fresh = seen_.insert({info.st_dev, info.st_ino}).second;
    if (!fresh && behind_links_ > 0) {
      both("a directory that was there before");
      return {digest.digest(), sizes.digest()};
    }
    // One of somebody else may have what counts in it.
    if (only_ == nullptr || only_->count(path + "/") > 0) list(path + "/");
    std::vector<std::string> names;
    if (!entries(path, names)) both("unreadable");
    for (const std::string& name : names) {
      if (!counts(path + "/" + name)) continue;
      both(name);
      add_entry(path + "/" + name, digest, sizes);
    }
    return {digest.digest(), sizes.digest()};
  }

  [[nodiscard]] bool counts(const std::string& path) const {
    return only_ == nullptr || behind_links_ > 0 || only_->count(path) > 0 ||
           only_->count(path + "/") > 0 || has_below(*only_, path + "/");
  }

  void list(const std::string& path) {
    if (files_ != nullptr && behind_links_ == 0) files_->push_back(path);
  }

  void add_entry(const std::string& path, Hasher& digest, Hasher& sizes) {
    struct stat info {};
    if (lstat(path.c_str(), &info) != 0) return;
    const bool link = S_ISLNK(info.st_mode);
    if (link || !S_ISDIR(info.st_mode)) list(path);
    if (link) {
      if (!content_) digest.add(read_link(path));
      if (foreign_link(path, parent_of(path))) {
        digest.add("a link of another user");
        sizes.add("a link of another user");
        return;
      }
      if (stat(path.c_str(), &info) != 0) {
        digest.add("nothing");
        sizes.add("nothing");
        return;
      }
    }
    if (S_ISDIR(info.st_mode)) {
      behind_links_ += link ? 1 : 0;
      const auto [inner, inner_sizes] = walk(path, info);
      behind_links_ -= link ? 1 : 0;
      digest.add(inner);
      sizes.add(inner_sizes);
    } else {
      add_file(path, info, digest, sizes);
    }
  }

  void add_file(const std::string& path, const struct stat& info, Hasher& digest, Hasher& sizes) {
    const auto size = static_cast<std::uint64_t>(info.st_size);
    bytes_ += size;
    if (content_ && S_ISREG(info.st_mode)) {
      const Key content = content_(path, info);
      digest.add(content);
      sizes.add(content);
      return;
    }
    digest.add(size)
        .add(static_cast<std::uint64_t>(info.st_mtim.tv_sec))
        .add(static_cast<std::uint64_t>(info.st_mtim.tv_nsec));
    sizes.add(size);
  }

  [[nodiscard]] bool entries(const std::string& path, std::vector<std::string>& names) const {
    std::optional<ForeignLink> link;
    const Descriptor directory = open_directory(path, base_, link);
    if (!directory) return false;
    try {
      for (std::string& name : names_in(directory.get())) {
        if (!name.starts_with(kHolderPrefix)) names.push_back(std::move(name));
      }
    } catch (const std::system_error&) {
      return false;
    }
    std::sort(names.begin(), names.end());
    return true;
  }

  const ContentOf& content_;
  std::vector<std::string>* files_;
  const std::set<std::string>* only_;
  const std::string& base_;
  int behind_links_ = 0;
  std::uint64_t bytes_ = 0;
  std::set<std::pair<dev_t, ino_t>> seen_;
};

}  // namespace

PathState state_of(const std::string& path,
                   const struct stat& info,
                   const ContentOf& content,
                   std::vector<std::string>* files,
                   const std::set<std::string>* only,
                   const std::string& base) {
  Walk walk(content, files, only, base);
  return S_ISDIR(info.st_mode) ? walk.directory(path, info) : walk.file(path, info);
}

PathState state_of(const std::string& path, const ContentOf& content) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return {};
  return state_of(path, info, content);
}

PathLook look_at_path(const std::string& path) {
  PathLook look;
  // Most are no links: one call.
  look.there = lstat(path.c_str(), &look.info) == 0;
  look.link = look.there && S_ISLNK(look.info.st_mode);
  if (look.link) look.there = stat(path.c_str(), &look.info) == 0;
  return look;
}

std::string link_texts(const std::string& path) {
  std::string texts;
  std::string at = path;
  for (int i = 0; i < kMostLinks; ++i) {
    const std::string text = read_link(at);
    if (text.empty()) break;
    texts += text;
    texts += '\0';
    at = target_of(at, text);
  }
  return texts;
}

std::string absence_of(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) == 0) return "";
  const int error = errno;
  if (error == EACCES) return "cannot be read: permission denied";
  if (error == ELOOP) return "is a link that leads to itself";
  if (error != ENOENT && error != ENOTDIR) {
    return std::string("cannot be read: ") + std::strerror(error);
  }
  std::string at = path;
  for (int i = 0; i < kMostLinks; ++i) {
    const std::string text = read_link(at);
    if (text.empty()) break;
    at = target_of(at, text);
  }
  if (at == path) return "does not exist";
  return "is a broken link: `" + read_link(path) + "` does not exist";
}

PathState DirectoryStates::of(const std::string& path,
                              const struct stat& info,
                              const ContentOf& content,
                              const std::string& base) {
  std::shared_ptr<Walked> walked;
  {
    const std::scoped_lock lock(mutex_);
    std::shared_ptr<Walked>& known = walked_[path + (content ? "\ncontent" : "")];
    if (!known) known = std::make_shared<Walked>();
    walked = known;
  }
  std::call_once(walked->once,
                 [&] { walked->state = state_of(path, info, content, nullptr, nullptr, base); });
  return walked->state;
}

std::string DirectoryStates::links_on_the_way(const std::string& path, std::size_t from) {
  std::string texts;
  for (std::size_t end = path.find('/', from + 1); end != std::string::npos;
       end = path.find('/', end + 1)) {
    const std::string directory = path.substr(0, end);
    const std::scoped_lock lock(mutex_);
    auto known = links_.find(directory);
    if (known == links_.end()) known = links_.emplace(directory, link_texts(directory)).first;
    texts += known->second;
  }
  return texts;
}

}  // namespace wfr
