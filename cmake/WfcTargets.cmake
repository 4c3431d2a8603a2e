# Helpers so that a room's CMakeLists.txt is a list of its files and what it needs.

# wfc_precompiled(TARGET rooms|tests): reads the common headers once for all targets of a kind, a quarter of the time of
# a build. A precompiled header is good for one set of options: rooms are position-independent, tests are not.
function(wfc_precompiled target kind)
  if(NOT WFC_PRECOMPILE)
    return()
  endif()
  if(NOT TARGET wfc_precompiled_${kind})
    add_library(wfc_precompiled_${kind} STATIC "${PROJECT_SOURCE_DIR}/cmake/precompiled.cpp")
    target_link_libraries(wfc_precompiled_${kind} PRIVATE wfc_options wfc_fmt)
    set(catch)
    if(kind STREQUAL "rooms")
      set_target_properties(wfc_precompiled_${kind} PROPERTIES POSITION_INDEPENDENT_CODE ON)
    else()
      target_link_libraries(wfc_precompiled_${kind} PRIVATE Catch2::Catch2)
      set(catch <catch2/catch.hpp>)
    endif()
    target_precompile_headers(
      wfc_precompiled_${kind} PRIVATE <algorithm> <array> <cstdint> <filesystem> <fstream> <functional> <map> <memory>
      <mutex> <optional> <set> <span> <stdexcept> <string> <string_view> <system_error> <thread> <utility> <vector>
      <fmt/format.h> ${catch})
  endif()
  target_precompile_headers(${target} REUSE_FROM wfc_precompiled_${kind})
endfunction()

# wfc_room(NAME SOURCES a.cpp ... NEEDS target ...): one static library for one folder.
# Position-independent, since kernel libraries link some rooms.
function(wfc_room name)
  cmake_parse_arguments(ARG "" "" "SOURCES;NEEDS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  target_link_libraries(${name} PUBLIC wfc_options ${ARG_NEEDS})
  wfc_precompiled(${name} rooms)
endfunction()

# wfr_kernel_library(NAME SOURCES a.cpp ... NEEDS target ...): lib/wfc/libwfr_kernel_NAME.so.
function(wfr_kernel_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;NEEDS" ${ARGN})
  add_library(wfr_kernel_${name} MODULE ${ARG_SOURCES})
  target_link_libraries(wfr_kernel_${name} PRIVATE wfc_options wfr_kernel_body ${ARG_NEEDS})
  set_target_properties(
    wfr_kernel_${name}
    PROPERTIES PREFIX "lib" CXX_VISIBILITY_PRESET hidden
               LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib/wfc"
               BUILD_RPATH "$ORIGIN" INSTALL_RPATH "$ORIGIN")
  install(TARGETS wfr_kernel_${name} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/wfc)
  wfc_bundle(wfr_kernel_${name})
endfunction()

# wfc_unit_test(NAME SOURCES a_test.cpp ... NEEDS target ... [LABELS l ...]): one Catch2 program, one ctest test.
function(wfc_unit_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;NEEDS;LABELS" ${ARGN})
  add_executable(test_${name} ${ARG_SOURCES})
  target_link_libraries(test_${name} PRIVATE wfc_options wfc_catch_main ${ARG_NEEDS})
  wfc_precompiled(test_${name} tests)
  target_compile_definitions(test_${name} PRIVATE WFC_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
                                                  WFC_BINARY_DIR="${PROJECT_BINARY_DIR}")
  add_test(NAME unit.${name} COMMAND test_${name})
  set_tests_properties(unit.${name} PROPERTIES LABELS "unit;${ARG_LABELS}")
  add_dependencies(unit_tests test_${name})
endfunction()
