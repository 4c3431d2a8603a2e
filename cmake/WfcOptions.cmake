# Language level, warnings and sanitizers, as one INTERFACE target that every target links.
add_library(wfc_options INTERFACE)
target_compile_features(wfc_options INTERFACE cxx_std_20)
target_include_directories(wfc_options INTERFACE "${PROJECT_SOURCE_DIR}")
target_compile_options(
  wfc_options
  INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast
            -Wnon-virtual-dtor -Woverloaded-virtual -Wnull-dereference -Wformat=2
            $<$<BOOL:${WFC_WARNINGS_AS_ERRORS}>:-Werror>)
# GCC 12 sees these in the templates of the standard library, Boost and nlohmann/json where they are
# not; -Wrestrict is wrong for any `string = "literal"` (GCC bug 105651).
target_compile_options(
  wfc_options
  INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-error=null-dereference;-Wno-error=maybe-uninitialized;-Wno-restrict>)

# A precompiled header is good for one set of options, and this one belongs to the targets with threads.
if(WFC_PRECOMPILE)
  target_compile_options(wfc_options INTERFACE -pthread)
endif()

set(WFC_SANITIZE "" CACHE STRING "Sanitizers, as for -fsanitize=")
if(WFC_SANITIZE)
  target_compile_options(wfc_options INTERFACE -fsanitize=${WFC_SANITIZE} -fno-omit-frame-pointer
                                               -fno-sanitize-recover=all)
  target_link_options(wfc_options INTERFACE -fsanitize=${WFC_SANITIZE})
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER AND NOT WFC_PRECOMPILE)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE_PROGRAM}")
  set(CMAKE_C_COMPILER_LAUNCHER "${CCACHE_PROGRAM}")
endif()
