# wfc_hdf5: HDF5 for the kernel libraries; static where that works. Debian's shared HDF5 brings libcurl for its S3
# driver and with it thirty more libraries (Kerberos, LDAP, TLS): 20 ms at the start of every kernel process, and
# 20 MB in each out/lib. Of the static library only what is called is linked.
#
# The static library is compiled for executables (-fPIE). In a shared object it works when all its symbols
# stay inside (-Bsymbolic, --exclude-libs); what it takes from the C library as data, stderr and stdout, comes through
# standard_streams.cpp (--wrap).
set(wfc_hdf5_streams "${PROJECT_SOURCE_DIR}/runtime/kernels/hdf5/standard_streams.cpp")
set(wfc_hdf5_options "LINKER:-Bsymbolic" "LINKER:--exclude-libs,ALL" "LINKER:--wrap=stderr"
                     "LINKER:--wrap=stdout")

option(WFC_STATIC_HDF5 "Link HDF5 statically where its static library allows it" ON)
add_library(wfc_hdf5 INTERFACE)
target_include_directories(wfc_hdf5 SYSTEM INTERFACE ${hdf5_INCLUDE_DIRS})

if(WFC_STATIC_HDF5)
  find_library(WFC_HDF5_ARCHIVE NAMES libhdf5_serial.a libhdf5.a HINTS ${hdf5_LIBRARY_DIRS})
  find_library(WFC_SZ_LIBRARY NAMES sz)
  find_library(WFC_Z_LIBRARY NAMES z)
  if(WFC_HDF5_ARCHIVE AND WFC_SZ_LIBRARY AND WFC_Z_LIBRARY)
    if(NOT DEFINED WFC_HDF5_STATIC_WORKS)
      # A small kernel library, linked with nothing left undefined.
      set(trial "${PROJECT_BINARY_DIR}/CMakeFiles/wfc_hdf5_trial")
      file(
        WRITE "${trial}/CMakeLists.txt"
        "cmake_minimum_required(VERSION 3.25)\n"
        "project(trial CXX)\n"
        "add_library(trial MODULE trial.cpp \"${wfc_hdf5_streams}\")\n"
        "target_include_directories(trial PRIVATE ${hdf5_INCLUDE_DIRS})\n"
        "target_link_options(trial PRIVATE ${wfc_hdf5_options} LINKER:-z,defs)\n"
        "target_link_libraries(trial PRIVATE ${WFC_HDF5_ARCHIVE} ${WFC_SZ_LIBRARY} ${WFC_Z_LIBRARY} m dl)\n"
      )
      file(WRITE "${trial}/trial.cpp"
           "#include <hdf5.h>\nextern \"C\" int trial() { return H5open(); }\n")
      try_compile(WFC_HDF5_STATIC_WORKS "${trial}/build" "${trial}" trial)
    endif()
  endif()
endif()

if(WFC_HDF5_STATIC_WORKS)
  message(STATUS "HDF5 for kernels: ${WFC_HDF5_ARCHIVE}")
  set(module "$<STREQUAL:$<TARGET_PROPERTY:TYPE>,MODULE_LIBRARY>")
  target_sources(wfc_hdf5 INTERFACE "$<${module}:${wfc_hdf5_streams}>")
  target_link_options(wfc_hdf5 INTERFACE "$<${module}:${wfc_hdf5_options}>")
  target_link_libraries(wfc_hdf5 INTERFACE ${WFC_HDF5_ARCHIVE} ${WFC_SZ_LIBRARY} ${WFC_Z_LIBRARY} m
                                           ${CMAKE_DL_LIBS})
else()
  message(STATUS "HDF5 for kernels: the shared library")
  target_link_libraries(wfc_hdf5 INTERFACE PkgConfig::hdf5)
endif()
