# Writes OUTPUT, a C++ file with the pages of ROOT: run as `cmake -D ROOT=... -D OUTPUT=... -P` this.
file(GLOB pages "${ROOT}/*.md")
list(SORT pages)
set(rows "")
foreach(page IN LISTS pages)
  file(READ "${page}" text)
  string(APPEND rows "      R\"wfc~(${text})wfc~\",\n")
endforeach()
file(WRITE "${OUTPUT}"
     "// The pages of docs/reference/diagnostics, made by cmake/WfcEmbedPages.cmake.\n"
     "#include \"compiler/diagnostics/explain.hpp\"\n\nnamespace wfc {\n\n"
     "const std::vector<std::string_view>& diagnostic_pages() {\n"
     "  static const std::vector<std::string_view> pages = {\n${rows}  };\n  return pages;\n}\n\n"
     "}  // namespace wfc\n")
