# What `cmake --install` adds to the programs and kernel libraries: manual pages, completions, the
# header and the package for kernels that live outside this tree.
include(CMakePackageConfigHelpers)

set(generated "${PROJECT_BINARY_DIR}/generated")
file(MAKE_DIRECTORY "${generated}")
set(forms bash zsh fish man)
set(outputs)
foreach(form IN LISTS forms)
  set(output "${generated}/wfc.${form}")
  add_custom_command(
    OUTPUT "${output}"
    COMMAND wfc completion ${form} > "${output}"
    DEPENDS wfc
    VERBATIM)
  list(APPEND outputs "${output}")
endforeach()
add_custom_target(wfc_completions ALL DEPENDS ${outputs})

install(FILES "${generated}/wfc.man" DESTINATION "${CMAKE_INSTALL_MANDIR}/man1" RENAME wfc.1)
install(FILES "${PROJECT_SOURCE_DIR}/docs/reference/wfr.1" DESTINATION "${CMAKE_INSTALL_MANDIR}/man1")
install(FILES "${generated}/wfc.bash"
        DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions" RENAME wfc)
install(FILES "${generated}/wfc.zsh" DESTINATION "${CMAKE_INSTALL_DATADIR}/zsh/site-functions" RENAME _wfc)
install(FILES "${generated}/wfc.fish" DESTINATION "${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d")

add_library(wfc_kernel_abi INTERFACE)
set_target_properties(wfc_kernel_abi PROPERTIES EXPORT_NAME kernel_abi)
target_include_directories(wfc_kernel_abi INTERFACE "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
install(TARGETS wfc_kernel_abi EXPORT wfcTargets)
install(FILES "${PROJECT_SOURCE_DIR}/runtime/kernels/abi.h" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/wfc")
set(package "${CMAKE_INSTALL_LIBDIR}/cmake/wfc")
install(EXPORT wfcTargets NAMESPACE wfc:: DESTINATION "${package}")
set(kernel_dir "${CMAKE_INSTALL_LIBDIR}/wfc")
configure_package_config_file(
  "${PROJECT_SOURCE_DIR}/cmake/wfcConfig.cmake.in" "${generated}/wfcConfig.cmake"
  INSTALL_DESTINATION "${package}"
  PATH_VARS kernel_dir)
write_basic_package_version_file("${generated}/wfcConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${generated}/wfcConfig.cmake" "${generated}/wfcConfigVersion.cmake" DESTINATION "${package}")
