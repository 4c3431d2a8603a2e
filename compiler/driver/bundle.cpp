// Finds and copies programs, kernel libraries and what they need.
#include "compiler/driver/bundle.hpp"

#include "runtime/files/descriptor.hpp"
#include "runtime/kernels/kernel.hpp"
#include "runtime/plan/own_out.hpp"
#include "runtime/run/kernel_library.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>
#include <set>
#include <stdexcept>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace wfc {
namespace {

namespace fs = std::filesystem;

// By place: a library that several need is copied once.
using Files = std::map<std::string, BundleFile>;

void add(Files& files, const fs::path& source, const std::string& directory, bool executable) {
  std::string place = directory + "/" + source.filename().string();
  files.try_emplace(place, BundleFile{source, place, executable});
}

// The libraries of one program or kernel library. A wfc that is itself a copy in an out directory
// has no manifests: all that lies in its lib/ is what it needs.
void add_needed(Files& files, const fs::path& bin_dir, const std::string& name) {
  const fs::path prefix = bin_dir.parent_path();
  const fs::path manifests = prefix / "share" / "wfc" / "bundle";
  if (!fs::exists(manifests)) {
    for (const fs::directory_entry& entry : fs::directory_iterator(prefix / "lib")) {
      if (entry.is_regular_file()) add(files, entry.path(), "lib", false);
    }
    return;
  }
  const fs::path manifest = manifests / (name + ".deps");
  std::ifstream list(manifest);
  if (!list) throw std::runtime_error("cannot read " + manifest.string());
  for (std::string line; std::getline(list, line);) {
    if (!fs::exists(line)) {
      throw std::runtime_error(fmt::format(
          "the library {}, which {} was built with, does not exist any more", line, name));
    }
    add(files, line, "lib", false);
  }
}

// Removes what a killed process of this number has left, so that a new file can be made: never
// through a link.
const fs::path& without(const fs::path& file) {
  ::unlink(file.c_str());
  return file;
}

// A file that goes away unless it is renamed: then `path` is cleared.
struct Temporary {
  Temporary(fs::path file, mode_t mode)
      : path(std::move(file)),
        descriptor(::open(without(path).c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)) {}
  ~Temporary() {
    if (!path.empty()) ::unlink(path.c_str());
  }
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;
  fs::path path;
  wfr::Descriptor descriptor;
};

[[noreturn]] void fail(const fs::path& file) {
  throw std::system_error(errno, std::generic_category(), file.string());
}

void copy_bytes(int from, int to, const fs::path& file) {
  if (::ioctl(to, FICLONE, from) == 0) return;
  while (true) {
    const ssize_t n = ::copy_file_range(from, nullptr, to, nullptr, std::size_t{1} << 30U, 0);
    if (n == 0) return;
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) break;
  }
  // Not between these two file systems: by hand, from where it stopped.
  std::array<char, 65536> part{};
  while (true) {
    const ssize_t n = ::read(from, part.data(), part.size());
    if (n == 0) return;
    if (n < 0) fail(file);
    for (ssize_t done = 0; done < n;) {
      const ssize_t written = ::write(to, part.data() + done, static_cast<std::size_t>(n - done));
      if (written < 0) fail(file);
      done += written;
    }
  }
}

bool same_bytes(int a, int b) {
  constexpr std::size_t kBlock = std::size_t{1} << 16U;
  std::vector<char> one(kBlock);
  std::vector<char> other(kBlock);
  for (off_t at = 0;;) {
    const ssize_t n = ::pread(a, one.data(), kBlock, at);
    if (n < 0 || ::pread(b, other.data(), kBlock, at) != n) return false;
    if (n == 0) return true;
    if (std::memcmp(one.data(), other.data(), static_cast<std::size_t>(n)) != 0) return false;
    at += n;
  }
}

// Whether the copy that is there needs no other: the same bytes, and nobody else may write to it.
bool is_copy(int source, const fs::path& target, bool executable) {
  const wfr::Descriptor there(
      ::open(target.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat wanted {};
  struct stat present {};
  if (there.get() < 0 || ::fstat(source, &wanted) != 0 || ::fstat(there.get(), &present) != 0) {
    return false;
  }
  return S_ISREG(present.st_mode) && present.st_uid == ::geteuid() &&
         (present.st_mode & (S_IWGRP | S_IWOTH)) == 0 &&
         ((present.st_mode & S_IXUSR) != 0) == executable && present.st_size == wanted.st_size &&
         same_bytes(source, there.get());
}

}  // namespace

std::vector<BundleFile> bundle_files(const wfr::Plan& plan) {
  const fs::path wfr = wfr::wfr_executable();
  const fs::path bin_dir = wfr.parent_path();
  Files files;
  for (const std::string name : {"wfr", "wfc"}) {
    if (!fs::exists(bin_dir / name)) {
      throw std::runtime_error("there is no " + (bin_dir / name).string());
    }
    add(files, bin_dir / name, "bin", true);
    add_needed(files, bin_dir, name);
  }
  std::set<std::string> libraries;
  for (const wfr::StepId id : plan.order) {
    const wfr::StepSpec& step = plan.step(id);
    if (step.command != wfr::CommandKind::Kernel) continue;
    const wfr::KernelDecl* kernel = wfr::find_kernel(step.kernel);
    if (kernel == nullptr) throw std::runtime_error("there is no kernel `" + step.kernel + "`");
    libraries.insert(std::string(kernel->library));
  }
  for (const std::string& library : libraries) {
    add(files, wfr::find_kernel_library(library), "lib", false);
    add_needed(files, bin_dir, "wfr_kernel_" + library);
  }
  std::vector<BundleFile> sorted;
  for (auto& [place, file] : files) sorted.push_back(std::move(file));
  return sorted;
}

void copy_into(const BundleFile& file, const std::filesystem::path& out) {
  const fs::path target = out / file.place;
  const wfr::Descriptor source(::open(file.source.c_str(), O_RDONLY | O_CLOEXEC));
  if (source.get() < 0) fail(file.source);
  if (is_copy(source.get(), target, file.executable)) return;

  wfr::make_own_directories(target.parent_path());
  Temporary copy(
      target.parent_path() / ("." + target.filename().string() + "." + std::to_string(::getpid())),
      file.executable ? wfr::kOwnProgram : wfr::kOwnFile);
  if (copy.descriptor.get() < 0) fail(copy.path);
  copy_bytes(source.get(), copy.descriptor.get(), copy.path);
  if (::fsync(copy.descriptor.get()) != 0) fail(copy.path);
  fs::rename(copy.path, target);
  copy.path.clear();
}

}  // namespace wfc
