# cmake -DFILE=... -DTYPE=EXECUTABLE|MODULE_LIBRARY -DMANIFEST=... -P write_manifest.cmake
# Writes the paths of the shared libraries that FILE needs, sorted, one a line. glibc's own are left out: they
# belong together with the kernel and the loader of the machine that runs them.
set(glibc "^(ld-linux.*|libc|libm|libmvec|libpthread|libdl|librt|libutil|libresolv|libnsl|libanl)\\.so.*$")
if(TYPE STREQUAL "EXECUTABLE")
  set(kind EXECUTABLES)
else()
  set(kind MODULES)
endif()
file(
  GET_RUNTIME_DEPENDENCIES
  ${kind} "${FILE}"
  RESOLVED_DEPENDENCIES_VAR found
  UNRESOLVED_DEPENDENCIES_VAR missing
  PRE_EXCLUDE_REGEXES "${glibc}" "^linux-vdso.*")
if(missing)
  message(FATAL_ERROR "${FILE} needs libraries that are not found: ${missing}")
endif()
list(SORT found)
list(JOIN found "\n" text)
if(text)
  string(APPEND text "\n")
endif()
file(WRITE "${MANIFEST}" "${text}")
