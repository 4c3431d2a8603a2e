// Rows of 64 bytes in 256 files, each read when it is first asked for.
#include "runtime/run/content_digests.hpp"

#include "runtime/files/read_file.hpp"
#include "runtime/plan/own_out.hpp"
#include "runtime/run/hash.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace wfr {
namespace {

namespace fs = std::filesystem;

struct DiskRow {
  Key name;
  Key stamp;
  Key digest;
  std::uint64_t zero = 0;
  std::uint64_t checksum = 0;
};
static_assert(sizeof(DiskRow) == 64);

std::uint64_t checksum_of(const DiskRow& row) {
  return XXH3_64bits(&row, sizeof(DiskRow) - sizeof(row.checksum));
}

// Without the change time: a second name or another mode is no other content.
Key stamp_of(const struct stat& info) {
  return Hasher()
      .add(static_cast<std::uint64_t>(info.st_size))
      .add(static_cast<std::uint64_t>(info.st_mtim.tv_sec))
      .add(static_cast<std::uint64_t>(info.st_mtim.tv_nsec))
      .add(static_cast<std::uint64_t>(info.st_ino))
      .digest();
}

[[noreturn]] void fail(const std::string& path) {
  throw std::system_error(errno, std::generic_category(), "cannot read `" + path + "`");
}

// The digest, and how the file was when its last byte had been read.
std::pair<Key, Key> read_content(const std::string& path) {
  constexpr std::size_t kBlock = std::size_t{1} << 20U;
  std::string why;
  const Descriptor file = open_to_read(path, "", kAnySize, why);
  if (!file) fail(path);
  const std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> state(XXH3_createState(),
                                                                       &XXH3_freeState);
  XXH3_128bits_reset(state.get());
  std::vector<char> block(kBlock);
  while (true) {
    const ssize_t got = read(file.get(), block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail(path);
    if (got == 0) break;
    XXH3_128bits_update(state.get(), block.data(), static_cast<std::size_t>(got));
  }
  struct stat info {};
  if (fstat(file.get(), &info) != 0) fail(path);
  const XXH128_hash_t hash = XXH3_128bits_digest(state.get());
  return {Key{hash.low64, hash.high64}, stamp_of(info)};
}

}  // namespace

ContentDigests::ContentDigests(fs::path directory) : directory_(std::move(directory)) {}

fs::path ContentDigests::file_of(unsigned shard) const {
  return directory_ / fmt::format("{:02x}", shard);
}

void ContentDigests::load(unsigned shard) {
  if (directory_.empty() || std::exchange(loaded_.at(shard), true)) return;
  std::ifstream file(file_of(shard), std::ios::binary);
  DiskRow row;
  while (file.read(reinterpret_cast<char*>(&row), sizeof(row))) {
    if (row.checksum != checksum_of(row)) continue;
    rows_.insert_or_assign({row.name.low, row.name.high}, Row{row.stamp, row.digest});
  }
}

// What cannot be kept, as on a full disk, is read again the next time.
void ContentDigests::keep(unsigned shard, const Key& name, const Row& row) const noexcept {
  if (directory_.empty()) return;
  try {
    // A look makes no out directory.
    if (!fs::exists(directory_.parent_path())) return;
    make_own_directories(directory_);
    const Descriptor file(open(
        file_of(shard).c_str(), O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, kOwnFile));
    if (!file) return;
    DiskRow written{name, row.stamp, row.digest};
    written.checksum = checksum_of(written);
    static_cast<void>(write(file.get(), &written, sizeof(written)) == sizeof(written));
  } catch (const std::exception&) {
    return;
  }
}

Key ContentDigests::of(const std::string& path, const struct stat& info) {
  const Key name = Hasher().add(path).digest();
  const Key stamp = stamp_of(info);
  const auto shard = static_cast<unsigned>(name.high % kShards);
  const std::pair<std::uint64_t, std::uint64_t> id{name.low, name.high};
  {
    const std::scoped_lock lock(mutex_);
    load(shard);
    const auto known = rows_.find(id);
    if (known != rows_.end() && known->second.stamp == stamp) return known->second.digest;
  }
  const auto [digest, stamp_after] = read_content(path);
  // Changed while it was read: what was read stands for nothing later.
  if (!(stamp_after == stamp)) return digest;
  const std::scoped_lock lock(mutex_);
  rows_.insert_or_assign(id, Row{stamp, digest});
  keep(shard, name, Row{stamp, digest});
  return digest;
}

ContentOf content_of(const fs::path& state_dir) {
  static std::mutex mutex;
  static std::map<std::string, std::shared_ptr<ContentDigests>> known;
  const std::scoped_lock lock(mutex);
  std::shared_ptr<ContentDigests>& digests = known[state_dir.string()];
  if (!digests) {
    // In a directory that is not the user's own nothing is kept, and what is there is not believed.
    const bool own = !state_dir.empty() && !top_problem(state_dir.parent_path(), "");
    digests = std::make_shared<ContentDigests>(own ? state_dir / "digests" : fs::path());
  }
  return [digests](const std::string& path, const struct stat& info) {
    try {
      return digests->of(path, info);
    } catch (const std::system_error&) {
      // The task that reads it will tell.
      return Hasher().add("cannot be read").digest();
    }
  };
}

}  // namespace wfr
