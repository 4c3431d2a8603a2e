// Looks at what lies where an output should be.
#include "runtime/run/missing_output.hpp"

#include "runtime/plan/visible.hpp"

#include <filesystem>

#include <fmt/format.h>
#include <sys/stat.h>

namespace wfr {

std::string missing_output_text(const OutputFiles& files, const std::string& missing) {
  std::string name = visible_text(missing);
  while (name.ends_with('/')) name.pop_back();
  for (std::size_t i = 0; i < files.outputs().size(); ++i) {
    const TaskOutput& output = files.outputs()[i];
    if (output.relative != missing) continue;
    if (output.kind == OutputKind::Glob) {
      return fmt::format("the command succeeded but created no file that matches `{}`", name);
    }
    struct stat info {};
    const bool found = stat(files.targets()[i].c_str(), &info) == 0;
    const bool directory = found && S_ISDIR(info.st_mode);
    if (directory && output.kind == OutputKind::File) {
      return fmt::format(
          "the command made a directory of `{0}`, which `outputs` declares as a file: write `{0}/`",
          name);
    }
    if (found && !directory && output.kind == OutputKind::Directory) {
      return fmt::format(
          "the command made a file of `{0}/`, which `outputs` declares as a directory: write `{0}`",
          name);
    }
  }
  return fmt::format("the command succeeded but did not create `{}`", visible_text(missing));
}

std::string vanished_output_text(const OutputFiles& files, const std::string& missing) {
  const std::string name = visible_text(missing);
  for (const TaskOutput& output : files.outputs()) {
    std::error_code error;
    const bool link = std::filesystem::is_symlink(output.path, error);
    if (output.relative == missing && link) return misleading_link_text(missing, output.path);
  }
  return fmt::format("the command created `{}`, but it was gone before it could be recorded", name);
}

std::string misleading_link_text(const std::string& name, const std::string& file) {
  std::error_code error;
  return fmt::format("the output `{}` is a link to `{}`, which is not there from its place",
                     visible_text(name),
                     visible_text(std::filesystem::read_symlink(file, error).string()));
}

}  // namespace wfr
