// The digests of the contents of files, kept so that what has not changed is not read again.
#pragma once

#include "runtime/plan/state.hpp"
#include "runtime/run/path_state.hpp"

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>

#include <sys/stat.h>

namespace wfr {

// out/state/digests/XX, XX two hexadecimal digits of the hash of a file's path: rows of 64 bytes,
// appended. A row is the hash of the path, the hash of size, modification time and
// inode, the digest (XXH3-128 of the content), 8 bytes of zero and a checksum. Of several rows of a
// path the last counts, and only while size, time and inode are the same. A row that two machines
// have damaged by writing at once has a wrong checksum: its file is read again, no more.
// For any thread, and safe between processes.
class ContentDigests {
 public:
  // "": nothing is kept.
  explicit ContentDigests(std::filesystem::path directory);
  // `info`: as stat() has given it. Throws std::system_error when the file cannot be read.
  Key of(const std::string& path, const struct stat& info);

 private:
  struct Row {
    Key stamp;
    Key digest;
  };
  void load(unsigned shard);
  void keep(unsigned shard, const Key& name, const Row& row) const noexcept;
  [[nodiscard]] std::filesystem::path file_of(unsigned shard) const;

  static constexpr unsigned kShards = 256;
  std::filesystem::path directory_;
  std::mutex mutex_;
  std::array<bool, kShards> loaded_{};
  std::map<std::pair<std::uint64_t, std::uint64_t>, Row> rows_;  // by the hash of the path
};

// Those of this process for a state directory (out/state), as path_state.hpp asks for them.
ContentOf content_of(const std::filesystem::path& state_dir);

}  // namespace wfr
