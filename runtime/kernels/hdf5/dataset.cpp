// Datasets: growing by whole chunks, reading with conversion, attributes.
#include "runtime/kernels/hdf5/file.hpp"
#include "runtime/kernels/hdf5/internal.hpp"
#include "runtime/kernels/kernel.hpp"

#include <algorithm>
#include <cstring>
#include <memory>

#include <fmt/format.h>

namespace wfr::hdf5 {
namespace {

// The smallest of our types that holds every value of the file's.
std::optional<Element> element_of_type(hid_t type) {
  const std::size_t size = H5Tget_size(type);
  if (H5Tget_class(type) == H5T_FLOAT) {
    return size <= 4 ? Element::Float32 : Element::Float64;
  }
  if (H5Tget_class(type) != H5T_INTEGER || size > 8) {
    return std::nullopt;
  }
  const bool with_sign = H5Tget_sign(type) == H5T_SGN_2;
  if (size == 8) {
    return with_sign ? Element::Int64 : Element::Uint64;
  }
  if (size == 4) {
    return with_sign ? Element::Int32 : Element::Int64;
  }
  return size == 2 && !with_sign ? Element::Int32 : Element::Int16;
}

}  // namespace

std::size_t size_of(Element element) {
  switch (element) {
    case Element::Int16:
      return 2;
    case Element::Int32:
    case Element::Float32:
      return 4;
    default:
      return 8;
  }
}

Dataset::Dataset(Handle handle, std::string file, std::string name)
    : handle_(std::move(handle)), file_(std::move(file)), name_(std::move(name)) {
  const Handle type = own(H5Dget_type(handle_.get()), "cannot get the type of a dataset");
  const auto element = element_of_type(type.get());
  if (!element) {
    fail("holds no numbers");
  }
  element_ = *element;
  const Handle space = own(H5Dget_space(handle_.get()), "cannot get the size of a dataset");
  if (H5Sget_simple_extent_ndims(space.get()) != 1) {
    fail("does not have exactly one dimension");
  }
  hsize_t size = 0;
  check(H5Sget_simple_extent_dims(space.get(), &size, nullptr), "cannot get a dataset's size");
  size_ = written_ = size;
  const Handle layout = own(H5Dget_create_plist(handle_.get()), "cannot get a dataset's layout");
  hsize_t chunk = 0;
  if (H5Pget_layout(layout.get()) == H5D_CHUNKED) {
    check(H5Pget_chunk(layout.get(), 1, &chunk), "cannot get a dataset's chunks");
  }
  chunk_ = chunk;
}

void Dataset::fail(std::string_view what) const {
  throw KernelError(fmt::format("{}: dataset `{}` {}", file_, name_, what));
}

void Dataset::append_bytes(Element element, const void* values, std::size_t count) {
  if (element != element_ || chunk_ == 0) {
    fail("cannot be appended to with values of this type");
  }
  const std::size_t size = size_of(element);
  const std::size_t whole = chunk_ * size;
  const auto* next = static_cast<const std::byte*>(values);
  std::size_t left = count * size;
  size_ += count;
  if (!pending_.empty()) {
    const std::size_t taken = std::min(left, whole - pending_.size());
    pending_.insert(pending_.end(), next, next + taken);
    next += taken;
    left -= taken;
    if (pending_.size() < whole) {
      return;
    }
    write_chunks(pending_.data(), chunk_);
    pending_.clear();
  }
  const std::size_t chunks = left / whole;
  if (chunks > 0) {
    write_chunks(next, chunks * chunk_);
    next += chunks * whole;
    left -= chunks * whole;
  }
  pending_.insert(pending_.end(), next, next + left);
}

void Dataset::flush() {
  if (!pending_.empty()) {
    write_chunks(pending_.data(), pending_.size() / size_of(element_));
    pending_.clear();
  }
}

void Dataset::close() {
  flush();
  silence();
  if (!handle_.close()) {
    throw_error(fmt::format("{}: cannot complete dataset `{}`", file_, name_));
  }
}

void Dataset::write_chunks(const std::byte* values, std::size_t count) {
  silence();
  const std::string what = fmt::format("{}: cannot write dataset `{}`", file_, name_);
  const hsize_t begin = written_;
  const hsize_t length = count;
  const hsize_t end = begin + length;
  check(H5Dset_extent(handle_.get(), &end), what);
  const Handle target = own(H5Dget_space(handle_.get()), what);
  check(H5Sselect_hyperslab(target.get(), H5S_SELECT_SET, &begin, nullptr, &length, nullptr), what);
  const Handle source = own(H5Screate_simple(1, &length, nullptr), what);
  check(H5Dwrite(
            handle_.get(), memory_type(element_), source.get(), target.get(), H5P_DEFAULT, values),
        what);
  written_ = end;
}

void Dataset::read_as(Element element, std::uint64_t begin, void* out, std::size_t count) const {
  silence();
  if (begin > written_ || count > written_ - begin) {
    fail(fmt::format("has {} values: {} from {} on are not there", written_, count, begin));
  }
  if (count == 0) {
    return;
  }
  const std::string what = fmt::format("{}: cannot read dataset `{}`", file_, name_);
  const hsize_t first = begin;
  const hsize_t length = count;
  const Handle source = own(H5Dget_space(handle_.get()), what);
  check(H5Sselect_hyperslab(source.get(), H5S_SELECT_SET, &first, nullptr, &length, nullptr), what);
  const Handle target = own(H5Screate_simple(1, &length, nullptr), what);
  check(H5Dread(handle_.get(), memory_type(element), target.get(), source.get(), H5P_DEFAULT, out),
        what);
}

void Dataset::set_attribute(std::string_view name, double value) {
  write_number_attribute(handle_, name, value);
}

void Dataset::set_attribute(std::string_view name, std::int64_t value) {
  silence();
  const Handle made = replace_attribute(handle_, name, H5T_STD_I64LE);
  check(H5Awrite(made.get(), H5T_NATIVE_INT64, &value), "cannot write an attribute");
}

void Dataset::set_attribute(std::string_view name, std::string_view value) {
  silence();
  const Handle type = string_type();
  const Handle made = replace_attribute(handle_, name, type.get());
  const std::string text(value);
  const char* start = text.c_str();
  check(H5Awrite(made.get(), type.get(), static_cast<const void*>(&start)),
        "cannot write an attribute");
}

std::optional<double> Dataset::number_attribute(std::string_view name) const {
  return read_number_attribute(handle_, name);
}

std::optional<std::string> Dataset::text_attribute(std::string_view name) const {
  silence();
  const std::string key(name);
  if (check(H5Aexists(handle_.get(), key.c_str()), "cannot look for an attribute") == 0) {
    return std::nullopt;
  }
  const std::string what = fmt::format("{}: cannot read the attribute `{}`", file_, key);
  const Handle attribute = own(H5Aopen(handle_.get(), key.c_str(), H5P_DEFAULT), what);
  const Handle type = own(H5Aget_type(attribute.get()), what);
  const Handle space = own(H5Aget_space(attribute.get()), what);
  if (H5Tget_class(type.get()) != H5T_STRING || H5Sget_simple_extent_npoints(space.get()) != 1) {
    throw KernelError(fmt::format("{}: it is not one text", what));
  }
  if (check(H5Tis_variable_str(type.get()), what) > 0) {
    char* text = nullptr;
    check(H5Aread(attribute.get(), type.get(), static_cast<void*>(&text)), what);
    const std::unique_ptr<char, void (*)(void*)> owned(
        text, [](void* memory) { static_cast<void>(H5free_memory(memory)); });
    return text == nullptr ? std::string() : std::string(text);
  }
  std::string text(H5Tget_size(type.get()), '\0');
  check(H5Aread(attribute.get(), type.get(), text.data()), what);
  text.resize(std::strlen(text.c_str()));
  return text;
}

std::vector<ChunkPlace> Dataset::places() const {
  silence();
  const std::string what = fmt::format("{}: cannot place dataset `{}`", file_, name_);
  std::vector<ChunkPlace> found;
  found.reserve((size_ + chunk_ - 1) / chunk_);
  for (hsize_t begin = 0; begin < size_; begin += chunk_) {
    unsigned filters = 0;
    haddr_t address = HADDR_UNDEF;
    hsize_t bytes = 0;
    check(H5Dget_chunk_info_by_coord(handle_.get(), &begin, &filters, &address, &bytes), what);
    if (address == HADDR_UNDEF) {
      throw KernelError(what);
    }
    found.push_back({begin, address});
  }
  return found;
}

}  // namespace wfr::hdf5
