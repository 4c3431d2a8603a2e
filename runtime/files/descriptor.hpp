// A descriptor that is closed with its object; errno stays as it is.
#pragma once

#include <cerrno>
#include <utility>

#include <unistd.h>

namespace wfr {

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ < 0) return;
    const int error = errno;
    close(number_);
    errno = error;
  }
  [[nodiscard]] int get() const { return number_; }
  // The caller closes it.
  int release() noexcept { return std::exchange(number_, -1); }
  [[nodiscard]] explicit operator bool() const { return number_ >= 0; }

 private:
  int number_ = -1;
};

}  // namespace wfr
