// HDF5 error stacks as sentences, and its types by our names.
#include "runtime/kernels/hdf5/internal.hpp"

#include "runtime/kernels/kernel.hpp"

#include <fmt/format.h>

namespace wfr::hdf5 {
namespace {

// The walk goes from the innermost entry outward: the first one knows most.
herr_t take_first(unsigned position, const H5E_error2_t* entry, void* data) {
  if (position == 0 && entry->desc != nullptr) {
    *static_cast<std::string*>(data) = entry->desc;
  }
  return 0;
}

// "... errno = 2, error message = 'No such file or directory', ..." -> the quoted part.
std::string system_reason(const std::string& text) {
  static constexpr std::string_view kMark = "error message = '";
  const std::size_t mark = text.find(kMark);
  if (mark == std::string::npos) {
    return text;
  }
  const std::size_t begin = mark + kMark.size();
  return text.substr(begin, text.find('\'', begin) - begin);
}

}  // namespace

void silence() {
  thread_local const herr_t done = H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  static_cast<void>(done);
}

void throw_error(std::string_view what) {
  std::string reason;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, take_first, &reason);
  H5Eclear2(H5E_DEFAULT);
  throw KernelError(reason.empty() ? std::string(what)
                                   : fmt::format("{}: {}", what, system_reason(reason)));
}

hid_t file_type(Element element) {
  switch (element) {
    case Element::Int16:
      return H5T_STD_I16LE;
    case Element::Int32:
      return H5T_STD_I32LE;
    case Element::Int64:
      return H5T_STD_I64LE;
    case Element::Uint64:
      return H5T_STD_U64LE;
    case Element::Float32:
      return H5T_IEEE_F32LE;
    case Element::Float64:
      break;
  }
  return H5T_IEEE_F64LE;
}

hid_t memory_type(Element element) {
  switch (element) {
    case Element::Int16:
      return H5T_NATIVE_INT16;
    case Element::Int32:
      return H5T_NATIVE_INT32;
    case Element::Int64:
      return H5T_NATIVE_INT64;
    case Element::Uint64:
      return H5T_NATIVE_UINT64;
    case Element::Float32:
      return H5T_NATIVE_FLOAT;
    case Element::Float64:
      break;
  }
  return H5T_NATIVE_DOUBLE;
}

// Of variable length: readers in other languages get a string, not padded bytes.
Handle string_type() {
  Handle type = own(H5Tcopy(H5T_C_S1), "cannot make a string type");
  check(H5Tset_size(type.get(), H5T_VARIABLE), "cannot make a string type");
  check(H5Tset_cset(type.get(), H5T_CSET_UTF8), "cannot make a string type");
  return type;
}

Handle replace_attribute(const Handle& object, std::string_view name, hid_t type) {
  const std::string key(name);
  const std::string what = fmt::format("cannot write the attribute `{}`", key);
  if (check(H5Aexists(object.get(), key.c_str()), what) > 0) {
    check(H5Adelete(object.get(), key.c_str()), what);
  }
  const Handle space = own(H5Screate(H5S_SCALAR), what);
  return own(H5Acreate2(object.get(), key.c_str(), type, space.get(), H5P_DEFAULT, H5P_DEFAULT),
             what);
}

void write_number_attribute(const Handle& object, std::string_view name, double value) {
  silence();
  const Handle made = replace_attribute(object, name, H5T_IEEE_F64LE);
  check(H5Awrite(made.get(), H5T_NATIVE_DOUBLE, &value), "cannot write an attribute");
}

std::optional<double> read_number_attribute(const Handle& object, std::string_view name) {
  silence();
  const std::string key(name);
  const std::string what = fmt::format("cannot read the attribute `{}`", key);
  if (check(H5Aexists(object.get(), key.c_str()), what) == 0) {
    return std::nullopt;
  }
  const Handle attribute = own(H5Aopen(object.get(), key.c_str(), H5P_DEFAULT), what);
  const Handle type = own(H5Aget_type(attribute.get()), what);
  const Handle space = own(H5Aget_space(attribute.get()), what);
  const H5T_class_t kind = H5Tget_class(type.get());
  if ((kind != H5T_INTEGER && kind != H5T_FLOAT) ||
      H5Sget_simple_extent_npoints(space.get()) != 1) {
    throw KernelError(fmt::format("{}: it is not one number", what));
  }
  double value = 0;
  check(H5Aread(attribute.get(), H5T_NATIVE_DOUBLE, &value), what);
  return value;
}

}  // namespace wfr::hdf5
