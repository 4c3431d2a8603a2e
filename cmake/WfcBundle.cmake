# What a program or a kernel library needs besides glibc, as a list of files that `wfc compile` copies into
# out/lib: share/wfc/bundle/NAME.deps, in the build tree as in an installation.

# A DT_RPATH (not DT_RUNPATH): it also holds for the libraries that a library needs, which is what makes
# out/bin and out/lib work where nothing is installed.
function(wfc_bundle target)
  get_target_property(type ${target} TYPE)
  set(manifest "${PROJECT_BINARY_DIR}/share/wfc/bundle/${target}.deps")
  target_link_options(${target} PRIVATE "LINKER:--disable-new-dtags")
  # One RPATH for both trees: CMake pads one that it means to rewrite with colons, and an empty entry
  # stands for the working directory.
  set_target_properties(${target} PROPERTIES BUILD_WITH_INSTALL_RPATH ON)
  if(type STREQUAL "EXECUTABLE")
    set_target_properties(${target} PROPERTIES INSTALL_RPATH "$ORIGIN/../lib")
  endif()
  add_custom_command(
    TARGET ${target}
    POST_BUILD
    COMMAND
      "${CMAKE_COMMAND}" "-DFILE=$<TARGET_FILE:${target}>" "-DTYPE=${type}"
      "-DMANIFEST=${manifest}" -P "${PROJECT_SOURCE_DIR}/cmake/write_manifest.cmake"
    BYPRODUCTS "${manifest}"
    VERBATIM)
  install(FILES "${manifest}" DESTINATION "${CMAKE_INSTALL_DATADIR}/wfc/bundle")
endfunction()
