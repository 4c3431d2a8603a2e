// Datasets of files that others have made: everything that is read lies in the file itself, and a
// size that the file only claims is not believed.
#include "runtime/kernels/hdf5/internal.hpp"
#include "runtime/kernels/kernel.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

#include <fmt/format.h>

namespace wfr::hdf5 {
namespace {

// Bytes of a dataset that may never have been written, beside as many as were.
constexpr std::uint64_t kMostUnwritten = std::uint64_t{64} << 20U;

// HDF5 calls it before it would open the other file.
herr_t refuse_external(const char* /*file*/,
                       const char* /*group*/,
                       const char* /*other file*/,
                       const char* /*object*/,
                       unsigned* /*flags*/,
                       hid_t /*access*/,
                       void* refused) {
  *static_cast<bool*>(refused) = true;
  return -1;
}

[[noreturn]] void fail_external(std::string_view what) {
  throw KernelError(fmt::format(
      "{}: it is reached by an external link to another file, which is not followed: copy the "
      "data into this file",
      what));
}

void check_link(hid_t file, const std::string& name, std::string_view what) {
  H5L_info_t link{};
  check(H5Lget_info(file, name.c_str(), &link, H5P_DEFAULT), what);
  if (link.type == H5L_TYPE_EXTERNAL) fail_external(what);
  if (link.type > H5L_TYPE_EXTERNAL) {
    throw KernelError(fmt::format("{}: it is a user-defined link, which is not followed", what));
  }
}

// Bytes of the chunks that are in the file, as they are in memory.
std::uint64_t chunk_bytes(const Handle& dataset,
                          const Handle& layout,
                          const Handle& space,
                          std::uint64_t cell,
                          std::string_view what) {
  const int rank = check(H5Sget_simple_extent_ndims(space.get()), what);
  std::vector<hsize_t> chunk(static_cast<std::size_t>(rank));
  check(H5Pget_chunk(layout.get(), rank, chunk.data()), what);
  hsize_t bytes = 0;
  check(H5Dget_num_chunks(dataset.get(), space.get(), &bytes), what);
  for (const hsize_t length : chunk) bytes *= length;
  return bytes * cell;
}

// Unwritten values cost nothing in the file, but memory and disk wherever they are read.
void check_size(const Handle& dataset, const Handle& layout, hid_t file, std::string_view what) {
  const Handle space = own(H5Dget_space(dataset.get()), what);
  const Handle type = own(H5Dget_type(dataset.get()), what);
  const auto values =
      static_cast<std::uint64_t>(check(H5Sget_simple_extent_npoints(space.get()), what));
  const std::uint64_t cell = std::max<std::uint64_t>(H5Tget_size(type.get()), 1);
  const std::uint64_t stored = H5Dget_storage_size(dataset.get());
  hsize_t file_size = 0;
  check(H5Fget_filesize(file, &file_size), what);
  if (stored > file_size) {
    throw KernelError(fmt::format(
        "{}: it is said to take {} bytes, but the file has {}", what, stored, file_size));
  }
  if (values <= stored / cell) return;
  std::uint64_t present = stored;
  if (stored > 0 && H5Pget_layout(layout.get()) == H5D_CHUNKED) {
    present = chunk_bytes(dataset, layout, space, cell, what);
  }
  const std::uint64_t allowed = std::max(2 * present, present + kMostUnwritten);
  if (values > allowed / cell) {
    throw KernelError(
        fmt::format("{}: it is said to have {} values, but only {} of them were ever written",
                    what,
                    values,
                    present / cell));
  }
}

}  // namespace

Handle links_of_file(hid_t list_class, bool& refused) {
  static constexpr std::string_view kWhat = "cannot set up access to an object";
  Handle list = own(H5Pcreate(list_class), kWhat);
  check(H5Pset_elink_cb(list.get(), refuse_external, &refused), kWhat);
  return list;
}

Handle open_stored(hid_t file, const std::string& name, std::string_view what) {
  silence();
  check_link(file, name, what);
  bool refused = false;
  const Handle list = links_of_file(H5P_DATASET_ACCESS, refused);
  const hid_t opened = H5Dopen2(file, name.c_str(), list.get());
  if (refused) fail_external(what);
  Handle dataset = own(opened, what);
  const Handle layout = own(H5Dget_create_plist(dataset.get()), what);
  if (H5Pget_layout(layout.get()) == H5D_VIRTUAL) {
    throw KernelError(fmt::format(
        "{}: it is a virtual dataset, and the others that it is made of are not read: copy the "
        "data into this file",
        what));
  }
  if (check(H5Pget_external_count(layout.get()), what) > 0) {
    throw KernelError(fmt::format(
        "{}: its values lie in another file (external storage), which is not read: copy the data "
        "into this file",
        what));
  }
  check_size(dataset, layout, file, what);
  return dataset;
}

}  // namespace wfr::hdf5
