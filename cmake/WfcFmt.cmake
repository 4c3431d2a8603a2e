# fmt without its header-only form, which would compile the library anew in every file.
add_library(wfc_fmt STATIC "${CMAKE_CURRENT_LIST_DIR}/fmt_library.cpp")
set_target_properties(wfc_fmt PROPERTIES POSITION_INDEPENDENT_CODE ON)
target_compile_features(wfc_fmt PUBLIC cxx_std_20)
