// By libcrypto. Its EVP interface would load providers and half a millisecond of start into wfr;
// these functions are the same code alone.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "runtime/plan/sha256.hpp"

#include <array>
#include <cerrno>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/sha.h>
#include <sys/stat.h>
#include <unistd.h>

namespace wfr {
namespace {

class Digest {
 public:
  Digest() { SHA256_Init(&state_); }
  void add(const char* bytes, std::size_t size) { SHA256_Update(&state_, bytes, size); }
  std::string text() {
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
    SHA256_Final(digest.data(), &state_);
    return fmt::format("{:02x}", fmt::join(digest, ""));
  }

 private:
  SHA256_CTX state_{};
};

[[noreturn]] void fail(const std::filesystem::path& file, int error) {
  throw std::system_error(error, std::generic_category(), "cannot read `" + file.string() + "`");
}

}  // namespace

std::string sha256(std::string_view bytes) {
  Digest digest;
  digest.add(bytes.data(), bytes.size());
  return digest.text();
}

std::string sha256_of_file(const std::filesystem::path& file) {
  constexpr std::size_t kBlock = std::size_t{1} << 18U;
  // What stands in a file's place must not be waited for.
  const int fd = ::open(file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) fail(file, errno);
  struct stat info {};
  if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
    ::close(fd);
    fail(file, EINVAL);
  }
  Digest digest;
  std::vector<char> block(kBlock);
  while (true) {
    const ssize_t got = ::read(fd, block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    const int error = errno;
    if (got <= 0) ::close(fd);
    if (got < 0) fail(file, error);
    if (got == 0) return digest.text();
    digest.add(block.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace wfr
