// Files and tables, and how they are laid out: the same bytes for the same calls, anywhere.
#include "runtime/kernels/hdf5/file.hpp"

#include "runtime/files/read_file.hpp"
#include "runtime/kernels/hdf5/internal.hpp"
#include "runtime/kernels/kernel.hpp"

#include <utility>

#include <fmt/format.h>

namespace wfr::hdf5 {
namespace {

// Never locked: wfr gives every output one writer, and locks fail on many shared file systems.
// No chunk cache: whole chunks pass straight through, so a file open costs little memory.
// One format version, so that a newer library does not write other bytes.
Handle access() {
  static constexpr std::string_view kWhat = "cannot set up access to a file";
  Handle list = own(H5Pcreate(H5P_FILE_ACCESS), kWhat);
  check(H5Pset_file_locking(list.get(), static_cast<hbool_t>(false), static_cast<hbool_t>(true)),
        kWhat);
  check(H5Pset_cache(list.get(), 0, 1, 0, 0.75), kWhat);
  check(H5Pset_libver_bounds(list.get(), H5F_LIBVER_V18, H5F_LIBVER_V18), kWhat);
  return list;
}

// The times of creation and change are left out of the root group and of each dataset.
Handle without_times(hid_t list_class) {
  static constexpr std::string_view kWhat = "cannot set up an object's properties";
  Handle list = own(H5Pcreate(list_class), kWhat);
  check(H5Pset_obj_track_times(list.get(), static_cast<hbool_t>(false)), kWhat);
  return list;
}

// `path`: as the user knows it; `name`: by which it is opened.
Handle open_file(const std::string& path, const std::string& name, unsigned flags) {
  silence();
  const Handle list = access();
  return own(H5Fopen(name.c_str(), flags, list.get()), fmt::format("cannot open {}", path));
}

Handle table_type(std::span<const std::string_view> columns, hid_t cell) {
  const std::size_t width = sizeof(std::uint64_t);
  Handle type = own(H5Tcreate(H5T_COMPOUND, columns.size() * width), "cannot make a table");
  for (std::size_t i = 0; i < columns.size(); ++i) {
    check(H5Tinsert(type.get(), std::string(columns[i]).c_str(), i * width, cell),
          "cannot make a table");
  }
  return type;
}

}  // namespace

Handle& Handle::operator=(Handle&& other) noexcept {
  if (this != &other) {
    close();
    id_ = other.release();
  }
  return *this;
}

Handle::~Handle() {
  close();
}

std::int64_t Handle::release() noexcept {
  return std::exchange(id_, -1);
}

bool Handle::close() noexcept {
  const hid_t id = release();
  if (id < 0) {
    return true;
  }
  return (H5Iget_type(id) == H5I_FILE ? H5Fclose(id) : H5Idec_ref(id)) >= 0;
}

File File::create(const std::string& path) {
  silence();
  const Handle access_list = access();
  const Handle create_list = without_times(H5P_FILE_CREATE);
  return {own(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, create_list.get(), access_list.get()),
              fmt::format("cannot create {}", path)),
          path};
}

File File::open(const std::string& path) {
  std::string why;
  const Descriptor input = open_to_read(path, "", kAnySize, why);
  if (!input) {
    throw KernelError(fmt::format("cannot open {}: {}", path, why));
  }
  // HDF5 opens files by name alone; this name leads to the very file that was looked at.
  return {open_file(path, fmt::format("/proc/self/fd/{}", input.get()), H5F_ACC_RDONLY), path};
}
File File::amend(const std::string& path) {
  return {open_file(path, path, H5F_ACC_RDWR), path};
}

Dataset File::new_dataset(const std::string& name,
                          Element element,
                          std::uint64_t size,
                          std::uint64_t chunk,
                          bool allocate) {
  silence();
  const std::string what = fmt::format("{}: cannot create dataset `{}`", path_, name);
  const hsize_t extent = size;
  const hsize_t most = H5S_UNLIMITED;  // a fixed size would have to be at least one chunk
  const hsize_t piece = chunk;
  const Handle space = own(H5Screate_simple(1, &extent, &most), what);
  const Handle list = without_times(H5P_DATASET_CREATE);
  check(H5Pset_chunk(list.get(), 1, &piece), what);
  // Every element is written exactly once, by append() or by the owner of the places.
  check(H5Pset_fill_time(list.get(), H5D_FILL_TIME_NEVER), what);
  check(H5Pset_alloc_time(list.get(), allocate ? H5D_ALLOC_TIME_EARLY : H5D_ALLOC_TIME_INCR), what);
  return {own(H5Dcreate2(id(),
                         name.c_str(),
                         file_type(element),
                         space.get(),
                         H5P_DEFAULT,
                         list.get(),
                         H5P_DEFAULT),
              what),
          path_,
          name};
}

Dataset File::create_dataset(const std::string& name, Element element, std::uint64_t chunk) {
  return new_dataset(name, element, 0, chunk, false);
}

Dataset File::allocate_dataset(const std::string& name,
                               Element element,
                               std::uint64_t size,
                               std::uint64_t chunk) {
  return new_dataset(name, element, size, chunk, true);
}

Dataset File::open_dataset(const std::string& name) const {
  return {open_stored(id(), name, fmt::format("{}: cannot open dataset `{}`", path_, name)),
          path_,
          name};
}

bool File::has(const std::string& name) const {
  silence();
  return check(H5Lexists(id(), name.c_str(), H5P_DEFAULT),
               fmt::format("{}: cannot look for `{}`", path_, name)) > 0;
}

void File::write_table(const std::string& name,
                       std::span<const std::string_view> columns,
                       std::span<const std::uint64_t> values) {
  silence();
  const std::string what = fmt::format("{}: cannot write the table `{}`", path_, name);
  const Handle stored = table_type(columns, H5T_STD_U64LE);
  const Handle given = table_type(columns, H5T_NATIVE_UINT64);
  const hsize_t rows = values.size() / columns.size();
  const hsize_t chunk = rows == 0 ? 1 : rows;
  const Handle space = own(H5Screate_simple(1, &rows, nullptr), what);
  const Handle list = without_times(H5P_DATASET_CREATE);
  check(H5Pset_chunk(list.get(), 1, &chunk), what);
  const Handle made =
      own(H5Dcreate2(
              id(), name.c_str(), stored.get(), space.get(), H5P_DEFAULT, list.get(), H5P_DEFAULT),
          what);
  check(H5Dwrite(made.get(), given.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), what);
}

std::vector<std::uint64_t> File::read_table(const std::string& name,
                                            std::span<const std::string_view> columns) const {
  silence();
  const std::string what = fmt::format("{}: cannot read the table `{}`", path_, name);
  const Handle table = open_stored(id(), name, what);
  const Handle space = own(H5Dget_space(table.get()), what);
  const Handle stored = own(H5Dget_type(table.get()), what);
  if (H5Tget_class(stored.get()) != H5T_COMPOUND) {
    throw KernelError(fmt::format("{}: it is not a table", what));
  }
  for (const std::string_view column : columns) {
    // HDF5 leaves a column that the file does not have as it is in memory: never read it unseen.
    if (H5Tget_member_index(stored.get(), std::string(column).c_str()) < 0) {
      H5Eclear2(H5E_DEFAULT);
      throw KernelError(fmt::format("{}: it has no column `{}`", what, column));
    }
  }
  const auto rows = check(H5Sget_simple_extent_npoints(space.get()), what);
  std::vector<std::uint64_t> values(static_cast<std::size_t>(rows) * columns.size());
  const Handle wanted = table_type(columns, H5T_NATIVE_UINT64);
  check(H5Dread(table.get(), wanted.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), what);
  return values;
}

void File::set_attribute(const std::string& object, std::string_view name, double value) {
  silence();
  const Handle opened = own(H5Oopen(id(), object.c_str(), H5P_DEFAULT),
                            fmt::format("{}: cannot open `{}`", path_, object));
  write_number_attribute(opened, name, value);
}

std::optional<double> File::number_attribute(const std::string& object,
                                             std::string_view name) const {
  silence();
  bool refused = false;
  const Handle list = links_of_file(H5P_LINK_ACCESS, refused);
  const Handle opened = own(H5Oopen(id(), object.c_str(), list.get()),
                            fmt::format("{}: cannot open `{}`", path_, object));
  return read_number_attribute(opened, name);
}

void File::close() {
  silence();
  if (!handle_.close()) {
    throw_error(fmt::format("cannot complete {}", path_));
  }
}

}  // namespace wfr::hdf5
