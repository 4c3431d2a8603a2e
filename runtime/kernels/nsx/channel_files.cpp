// Creates channel files with HDF5 and fills their chunks with plain writes.
#include "runtime/kernels/nsx/channel_files.hpp"

#include "runtime/kernels/kernel.hpp"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

namespace wfr::nsx {
namespace {

// The samples of a recording and of its channel files are both little endian: bytes pass unchanged.
static_assert(std::endian::native == std::endian::little);

// For the inputs, the log, HDF5 while it makes a file, and whatever else this process holds.
constexpr std::size_t kReserve = 64;

}  // namespace

OpenFileLimit::OpenFileLimit(std::size_t wanted) {
  rlimit limit = {};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) {
    return;
  }
  before_ = limit.rlim_cur;
  const rlim_t needed = std::min<rlim_t>(wanted + kReserve, limit.rlim_max);
  if (limit.rlim_cur < needed) {
    limit.rlim_cur = needed;
    if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) {
      limit.rlim_cur = before_;
    }
  }
  usable_ = limit.rlim_cur > kReserve ? limit.rlim_cur - kReserve : 0;
}

OpenFileLimit::~OpenFileLimit() {
  rlimit limit = {};
  if (before_ != 0 && ::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = before_;
    static_cast<void>(::setrlimit(RLIMIT_NOFILE, &limit));
  }
}

ChannelFile::ChannelFile(std::string path, std::uint64_t samples, const hdf5::SignalInfo& info)
    : path_(std::move(path)), samples_(samples) {
  hdf5::File file = hdf5::File::create(path_);
  hdf5::Dataset data =
      file.allocate_dataset("data", hdf5::Element::Int16, samples, hdf5::kSignalChunk);
  hdf5::write_info(data, info);
  places_ = std::make_shared<const Stretches>(join(data.places()));
  data.close();
  file.close();
}

ChannelFile::ChannelFile(ChannelFile&& other) noexcept
    : path_(std::move(other.path_)),
      samples_(other.samples_),
      written_(other.written_),
      places_(std::move(other.places_)),
      descriptor_(std::exchange(other.descriptor_, -1)) {}

ChannelFile::~ChannelFile() {
  if (descriptor_ >= 0) {
    ::close(descriptor_);
  }
}

ChannelFile::Stretches ChannelFile::join(const std::vector<hdf5::ChunkPlace>& places) {
  Stretches joined;
  for (const hdf5::ChunkPlace& place : places) {
    const bool follows =
        !joined.empty() && place.file_offset - joined.back().file_offset ==
                               (place.begin - joined.back().begin) * sizeof(std::int16_t);
    if (!follows) {
      joined.push_back({place.begin, place.file_offset});
    }
  }
  joined.shrink_to_fit();
  return joined;
}

void ChannelFile::share_places(const ChannelFile& other) {
  if (*places_ == *other.places_) {
    places_ = other.places_;
  }
}

int ChannelFile::open_to_write() const {
  const int descriptor = ::open(path_.c_str(), O_WRONLY | O_CLOEXEC);
  if (descriptor < 0) {
    throw KernelError(fmt::format("cannot open {}: {}", path_, std::strerror(errno)));
  }
  return descriptor;
}

void ChannelFile::keep_open() {
  descriptor_ = open_to_write();
}

void ChannelFile::write_at(int descriptor,
                           std::uint64_t offset,
                           std::span<const std::byte> bytes) const {
  while (!bytes.empty()) {
    const ssize_t done =
        ::pwrite(descriptor, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (done < 0 && errno == EINTR) {
      continue;
    }
    if (done <= 0) {
      throw KernelError(
          fmt::format("cannot write {}: {}", path_, std::strerror(done == 0 ? ENOSPC : errno)));
    }
    offset += static_cast<std::uint64_t>(done);
    bytes = bytes.subspan(static_cast<std::size_t>(done));
  }
}

void ChannelFile::write(std::span<const std::int16_t> samples) {
  const bool kept = descriptor_ >= 0;
  const int descriptor = kept ? descriptor_ : open_to_write();
  struct Closer {
    int descriptor;
    ~Closer() {
      if (descriptor >= 0) {
        ::close(descriptor);
      }
    }
  } const closer{kept ? -1 : descriptor};
  while (!samples.empty()) {
    const auto next = std::upper_bound(
        places_->begin(), places_->end(), written_, [](std::uint64_t begin, const Stretch& s) {
          return begin < s.begin;
        });
    const Stretch& stretch = *(next - 1);
    const std::uint64_t end = next == places_->end() ? samples_ : next->begin;
    const auto count =
        static_cast<std::size_t>(std::min<std::uint64_t>(end - written_, samples.size()));
    write_at(descriptor,
             stretch.file_offset + (written_ - stretch.begin) * sizeof(std::int16_t),
             std::as_bytes(samples.first(count)));
    written_ += count;
    samples = samples.subspan(count);
  }
}

void ChannelFile::finish(const hdf5::Segments& segments) {
  if (descriptor_ >= 0 && ::close(std::exchange(descriptor_, -1)) != 0) {
    throw KernelError(fmt::format("cannot write {}: {}", path_, std::strerror(errno)));
  }
  hdf5::File file = hdf5::File::amend(path_);
  hdf5::write_segments(file, segments);
  file.close();
}

}  // namespace wfr::nsx
