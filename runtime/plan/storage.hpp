// Keeps arrays alive behind the spans of a Tree, a TaskGraph or a Plan: vectors that a pass has
// built, or one mapped file. The structures hold spans, so both are read by the same code.
#pragma once

#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace wfr {

class Storage {
 public:
  // Takes the vector over; the span stays valid as long as any copy of this Storage lives.
  template <class T>
  std::span<const T> keep(std::vector<T>&& values) {
    auto owner = std::make_shared<const std::vector<T>>(std::move(values));
    std::span<const T> span(*owner);
    owners_.push_back(std::move(owner));
    return span;
  }
  void keep_alive(std::shared_ptr<const void> owner) { owners_.push_back(std::move(owner)); }
  void merge(const Storage& other) {
    owners_.insert(owners_.end(), other.owners_.begin(), other.owners_.end());
  }

 private:
  std::vector<std::shared_ptr<const void>> owners_;
};

}  // namespace wfr
