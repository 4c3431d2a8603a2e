// The attic's file: a header, for each step its name and its tasks, and a digest of it all.
#include "runtime/run/attic.hpp"

#include "runtime/plan/state_io.hpp"

#include <cstring>
#include <fstream>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include <xxhash.h>

namespace wfr {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kHeader = "wfc attic 1\n";

template <class Number>
void put(std::string& bytes, Number number) {
  static_assert(std::is_trivially_copyable_v<Number>);
  const std::size_t size = bytes.size();
  bytes.resize(size + sizeof(number));
  std::memcpy(bytes.data() + size, &number, sizeof(number));
}

template <class Number>
std::optional<Number> take(std::string_view& bytes) {
  Number number{};
  if (bytes.size() < sizeof(number)) return std::nullopt;
  std::memcpy(&number, bytes.data(), sizeof(number));
  bytes.remove_prefix(sizeof(number));
  return number;
}

std::uint64_t digest_of(std::string_view bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

}  // namespace

AtticItems merge_items(AtticItems a, AtticItems b) {
  if (a.empty()) return b;
  if (b.empty()) return a;
  AtticItems merged;
  merged.reserve(a.size() + b.size());
  for (std::size_t i = 0, j = 0; i < a.size() || j < b.size();) {
    const int order = i == a.size() ? 1 : j == b.size() ? -1 : a[i].path.compare(b[j].path);
    if (order == 0) {
      merged.push_back(std::move(is_newer(b[j].slot, a[i].slot) ? b[j] : a[i]));
    } else {
      merged.push_back(std::move(order < 0 ? a[i] : b[j]));
    }
    if (order <= 0) ++i;
    if (order >= 0) ++j;
  }
  return merged;
}

Attic::Attic(const std::filesystem::path& file) {
  if (!fs::exists(file)) return;
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  bytes_ = std::move(text).str();
  const auto damaged = [&]() -> std::runtime_error {
    return std::runtime_error("`" + file.string() +
                              "` is damaged: what it keeps of tasks outside the last plan is "
                              "lost; move it away to go on");
  };
  std::string_view rest = bytes_;
  constexpr std::size_t kDigest = sizeof(std::uint64_t);
  if (!in || !rest.starts_with(kHeader) || rest.size() < kHeader.size() + kDigest) throw damaged();
  std::string_view tail = rest.substr(rest.size() - kDigest);
  rest.remove_suffix(kDigest);
  if (take<std::uint64_t>(tail) != digest_of(rest)) throw damaged();
  rest.remove_prefix(kHeader.size());
  while (!rest.empty()) {
    const auto name = take<std::uint32_t>(rest);
    const auto count = take<std::uint64_t>(rest);
    const auto size = take<std::uint64_t>(rest);
    if (!name || !count || !size || *name > rest.size() || *size > rest.size() - *name) {
      throw damaged();
    }
    steps_.push_back({rest.substr(0, *name), *count, rest.substr(*name, *size)});
    rest.remove_prefix(*name + *size);
  }
}

void Attic::visit(const Step& step,
                  const std::function<void(std::string_view path, const Slot& slot)>& use) {
  std::string_view rest = step.items;
  for (std::uint64_t i = 0; i < step.count; ++i) {
    const auto slot = take<Slot>(rest);
    const auto size = take<std::uint32_t>(rest);
    if (!slot || !size || *size > rest.size()) return;
    use(rest.substr(0, *size), *slot);
    rest.remove_prefix(*size);
  }
}

void AtticWriter::add(std::string_view step, const AtticItems& items) {
  if (items.empty()) return;
  if (bytes_.empty()) bytes_ = kHeader;
  put(bytes_, static_cast<std::uint32_t>(step.size()));
  put(bytes_, std::uint64_t{items.size()});
  const std::size_t size_at = bytes_.size();
  put(bytes_, std::uint64_t{0});
  bytes_.append(step);
  const std::size_t begin = bytes_.size();
  for (const AtticItem& item : items) {
    put(bytes_, item.slot);
    put(bytes_, static_cast<std::uint32_t>(item.path.size()));
    bytes_.append(item.path);
  }
  const std::uint64_t size = bytes_.size() - begin;
  std::memcpy(bytes_.data() + size_at, &size, sizeof(size));
  count_ += items.size();
}

void AtticWriter::close(const std::filesystem::path& file) {
  if (count_ == 0) {
    if (fs::remove(file)) sync_directory(file.parent_path());
    return;
  }
  put(bytes_, digest_of(bytes_));
  replace_file(file, bytes_);
}

}  // namespace wfr
