// What the .cpp files of this room share: HDF5's header and the way from its codes to KernelError.
#pragma once

#include "runtime/kernels/hdf5/file.hpp"

#include <optional>
#include <string>
#include <string_view>

#include <hdf5.h>

namespace wfr::hdf5 {

// HDF5 prints errors by itself unless told not to, once for each thread.
void silence();

// "WHAT: REASON", where the reason is the innermost entry of HDF5's error stack. Clears the stack.
[[noreturn]] void throw_error(std::string_view what);

// For calls that give an identifier, a size or a truth: negative means failed.
template <typename T>
T check(T result, std::string_view what) {
  if (result < 0) {
    throw_error(what);
  }
  return result;
}

inline Handle own(hid_t id, std::string_view what) {
  return Handle(check(id, what));
}

// In the file: always little endian. In memory: as this machine has it.
hid_t file_type(Element element);
hid_t memory_type(Element element);

// A dataset of a file that others may have made. Throws where its values are not all in the file
// itself (external links and storage, virtual datasets), and where it is said to be much larger
// than what was written. `what` begins the message.
Handle open_stored(hid_t file, const std::string& name, std::string_view what);
// Access properties by which no external link is followed; `refused` becomes true when one is met.
Handle links_of_file(hid_t list_class, bool& refused);

Handle string_type();

// On any object. A missing attribute is nothing; one that is not one number is an error.
void write_number_attribute(const Handle& object, std::string_view name, double value);
std::optional<double> read_number_attribute(const Handle& object, std::string_view name);
Handle replace_attribute(const Handle& object, std::string_view name, hid_t type);

}  // namespace wfr::hdf5
