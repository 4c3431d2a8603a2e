// HDF5 files for kernels: one-dimensional, chunked, streamed datasets with attributes.
// The bytes of a file depend only on what is written: no time, host, process or environment in
// them. Every failure is a KernelError that names the file and carries HDF5's own innermost reason.
// The library is used from one thread at a time: kernels that compute in threads read and write
// from one of them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace wfr::hdf5 {

// Little endian in the file, whatever the machine.
enum class Element : std::uint8_t { Int16, Int32, Int64, Uint64, Float32, Float64 };

template <typename T>
constexpr Element element_of() {
  if constexpr (std::is_same_v<T, std::int16_t>) {
    return Element::Int16;
  } else if constexpr (std::is_same_v<T, std::int32_t>) {
    return Element::Int32;
  } else if constexpr (std::is_same_v<T, std::int64_t>) {
    return Element::Int64;
  } else if constexpr (std::is_same_v<T, std::uint64_t>) {
    return Element::Uint64;
  } else if constexpr (std::is_same_v<T, float>) {
    return Element::Float32;
  } else {
    static_assert(std::is_same_v<T, double>, "not an element type of a dataset");
    return Element::Float64;
  }
}

std::size_t size_of(Element element);

// An HDF5 identifier of any class, closed when it goes; hid_t without its header.
class Handle {
 public:
  Handle() = default;
  explicit Handle(std::int64_t id) : id_(id) {}
  Handle(Handle&& other) noexcept : id_(other.release()) {}
  Handle& operator=(Handle&& other) noexcept;
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle();

  [[nodiscard]] std::int64_t get() const { return id_; }
  std::int64_t release() noexcept;
  // False if HDF5 could not close it: for a file, its data may not be complete.
  bool close() noexcept;

 private:
  std::int64_t id_ = -1;
};

// Where the samples of one chunk lie in the file, for writers that place them themselves.
struct ChunkPlace {
  std::uint64_t begin;        // first sample of the chunk
  std::uint64_t file_offset;  // of that sample, in bytes from the start of the file
};

class Dataset {
 public:
  Dataset(Handle handle, std::string file, std::string name);  // made by a File

  [[nodiscard]] std::uint64_t size() const { return size_; }  // in elements
  [[nodiscard]] Element element() const { return element_; }
  [[nodiscard]] const std::string& name() const { return name_; }

  // Grows by `values`. Appends are gathered into whole chunks, so that neither the speed nor the
  // bytes depend on how the data was cut. T is the element's own type.
  template <typename T>
  void append(std::span<const T> values) {
    append_bytes(element_of<T>(), values.data(), values.size());
  }
  // Reads [begin, begin + out.size()), converted to T by HDF5. An error if it is not all there.
  template <typename T>
  void read(std::uint64_t begin, std::span<T> out) const {
    read_as(element_of<T>(), begin, out.data(), out.size());
  }
  // Writes what append() still holds: call it, or close(), before the Dataset goes.
  void flush();
  void close();  // flushes first

  void set_attribute(std::string_view name, double value);
  void set_attribute(std::string_view name, std::int64_t value);
  void set_attribute(std::string_view name, std::string_view value);  // UTF-8 or any other bytes
  [[nodiscard]] std::optional<double> number_attribute(std::string_view name) const;
  [[nodiscard]] std::optional<std::string> text_attribute(std::string_view name) const;

  // Of a dataset made by File::allocate_dataset: its chunks in order.
  [[nodiscard]] std::vector<ChunkPlace> places() const;

 private:
  void append_bytes(Element element, const void* values, std::size_t count);
  void write_chunks(const std::byte* values, std::size_t count);
  void read_as(Element element, std::uint64_t begin, void* out, std::size_t count) const;
  [[noreturn]] void fail(std::string_view what) const;

  Handle handle_;
  std::string file_;
  std::string name_;
  Element element_;
  std::uint64_t size_ = 0;
  std::uint64_t written_ = 0;
  std::size_t chunk_ = 0;
  std::vector<std::byte> pending_;
};

// Samples in a chunk of a signal: 128 KiB as int16, 256 KiB as float32.
inline constexpr std::uint64_t kSignalChunk = 65536;

class File {
 public:
  static File create(const std::string& path);  // replaces what is there
  static File open(const std::string& path);    // to read
  static File amend(const std::string& path);   // to add to what is there

  // Empty, to be appended to. `chunk` is in elements.
  Dataset create_dataset(const std::string& name, Element element, std::uint64_t chunk);
  // With `size` elements and all its chunks placed, none written: see Dataset::places.
  Dataset allocate_dataset(const std::string& name,
                           Element element,
                           std::uint64_t size,
                           std::uint64_t chunk);
  // Of one dimension and one of the element types (converted if the file has another number type).
  [[nodiscard]] Dataset open_dataset(const std::string& name) const;
  [[nodiscard]] bool has(const std::string& name) const;

  // A table of uint64 columns (a compound type); `values` holds row after row.
  void write_table(const std::string& name,
                   std::span<const std::string_view> columns,
                   std::span<const std::uint64_t> values);
  // The named columns of a table, row after row; other columns of the file are passed over.
  [[nodiscard]] std::vector<std::uint64_t> read_table(
      const std::string& name, std::span<const std::string_view> columns) const;
  // Attributes of a table, or of any other object by its name.
  void set_attribute(const std::string& object, std::string_view name, double value);
  [[nodiscard]] std::optional<double> number_attribute(const std::string& object,
                                                       std::string_view name) const;

  // A whole small dataset in one call.
  template <typename T>
  Dataset write_dataset(const std::string& name, std::span<const T> values) {
    Dataset dataset = create_dataset(name, element_of<T>(), values.empty() ? 1 : values.size());
    dataset.append(values);
    dataset.flush();
    return dataset;
  }

  // Completes the file; every Dataset of it must be closed or gone before, or HDF5 keeps the file
  // open until they are. Without this call the file is still closed, but nobody hears of an error.
  void close();

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::int64_t id() const { return handle_.get(); }

 private:
  File(Handle handle, std::string path) : handle_(std::move(handle)), path_(std::move(path)) {}
  Dataset new_dataset(const std::string& name,
                      Element element,
                      std::uint64_t size,
                      std::uint64_t chunk,
                      bool allocate);

  Handle handle_;
  std::string path_;
};

}  // namespace wfr::hdf5
