# Writes OUTPUT, a C++ file with the bytes of templates/: run as `cmake -D ROOT=... -D OUTPUT=... -P` this.
# A raw string literal holds at most 64 KiB with some compilers; no template is near that.
function(embed variable dir pattern)
  file(GLOB_RECURSE files RELATIVE "${dir}" "${dir}/${pattern}")
  list(SORT files)
  set(rows "")
  foreach(name IN LISTS files)
    if(variable STREQUAL "kTemplates" AND name MATCHES "^sites/")
      continue()
    endif()
    file(READ "${dir}/${name}" text)
    string(APPEND rows "    BuiltinFile{\"${name}\", R\"wfc~(${text})wfc~\"},\n")
  endforeach()
  set(text "constexpr BuiltinFile ${variable}[] = {\n${rows}};\n" PARENT_SCOPE)
endfunction()

embed(kTemplates "${ROOT}" "*")
set(templates "${text}")
embed(kSites "${ROOT}/sites" "*.toml")
file(WRITE "${OUTPUT}"
     "// The bytes of templates/, made by cmake/WfcEmbed.cmake.\n"
     "#include \"compiler/slurm/builtin_templates.hpp\"\n\n"
     "#include <stdexcept>\n#include <string>\n\nnamespace wfc {\nnamespace {\n\n"
     "// NOLINTBEGIN(modernize-avoid-c-arrays)\n"
     "${templates}\n${text}"
     "// NOLINTEND(modernize-avoid-c-arrays)\n\n}  // namespace\n\n"
     "std::span<const BuiltinFile> builtin_templates() { return kTemplates; }\n"
     "std::span<const BuiltinFile> builtin_sites() { return kSites; }\n"
     "std::string_view builtin_template(std::string_view name) {\n"
     "  for (const BuiltinFile& file : kTemplates) {\n"
     "    if (file.name == name) return file.text;\n"
     "  }\n"
     "  throw std::out_of_range(\"no template \" + std::string(name));\n"
     "}\n\n}  // namespace wfc\n")
