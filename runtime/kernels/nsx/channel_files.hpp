// The output files of a split: one HDF5 file a channel, its samples placed when it is made and then
// written straight to their places, so that any number of channels needs little memory and few open
// files.
#pragma once

#include "runtime/kernels/hdf5/signal.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace wfr::nsx {

// Raises the soft limit on open files as far as `wanted` needs and the hard limit allows; puts it
// back at the end.
class OpenFileLimit {
 public:
  explicit OpenFileLimit(std::size_t wanted);
  ~OpenFileLimit();
  OpenFileLimit(const OpenFileLimit&) = delete;
  OpenFileLimit& operator=(const OpenFileLimit&) = delete;
  // Files that may be kept open, with room left for everybody else's.
  [[nodiscard]] std::size_t usable() const { return usable_; }

 private:
  std::uint64_t before_ = 0;
  std::size_t usable_ = 0;
};

class ChannelFile {
 public:
  // Creates the file with `samples` samples of int16 of which none is written.
  ChannelFile(std::string path, std::uint64_t samples, const hdf5::SignalInfo& info);
  ~ChannelFile();
  ChannelFile(ChannelFile&& other) noexcept;
  ChannelFile& operator=(ChannelFile&&) = delete;
  ChannelFile(const ChannelFile&) = delete;
  ChannelFile& operator=(const ChannelFile&) = delete;

  // Keeps the file open between writes; otherwise each write opens it.
  void keep_open();
  // Little-endian samples that follow those written before.
  void write(std::span<const std::int16_t> samples);
  // Adds the segments and completes the file.
  void finish(const hdf5::Segments& segments);
  [[nodiscard]] const std::string& path() const { return path_; }

  // Files of one split mostly have the same places: the second takes over those of the first.
  void share_places(const ChannelFile& other);

 private:
  // Samples from `begin` on lie in one stretch from `file_offset` on.
  struct Stretch {
    std::uint64_t begin;
    std::uint64_t file_offset;
    bool operator==(const Stretch&) const = default;
  };
  using Stretches = std::vector<Stretch>;

  [[nodiscard]] int open_to_write() const;
  void write_at(int descriptor, std::uint64_t offset, std::span<const std::byte> bytes) const;
  static Stretches join(const std::vector<hdf5::ChunkPlace>& places);

  std::string path_;
  std::uint64_t samples_ = 0;
  std::uint64_t written_ = 0;
  std::shared_ptr<const Stretches> places_;
  int descriptor_ = -1;
};

}  // namespace wfr::nsx
