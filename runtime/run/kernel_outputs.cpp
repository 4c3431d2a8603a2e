// Fan-out of output templates, temporaries, renaming.
#include "runtime/run/kernel_outputs.hpp"

#include "runtime/files/holder.hpp"
#include "runtime/files/safe_open.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <set>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace wfr {
namespace {

namespace fs = std::filesystem;

// The template with each {level} replaced; which levels it names is counted in `named`.
std::string replace_levels(const KernelDecl& kernel,
                           const std::string& path_template,
                           const MadeNames& names,
                           std::set<std::string_view>& named) {
  std::string path;
  std::size_t at = 0;
  while (at < path_template.size()) {
    if (path_template[at] != '{') {
      path += path_template[at++];
      continue;
    }
    const std::size_t end = path_template.find('}', at);
    const std::string name =
        path_template.substr(at + 1, end == std::string::npos ? std::string::npos : end - at - 1);
    const auto level = std::find(kernel.makes.begin(), kernel.makes.end(), name);
    if (end == std::string::npos || level == kernel.makes.end()) {
      throw KernelError(
          fmt::format("`{}`: {} makes no level `{}`", path_template, kernel.name, name));
    }
    named.insert(*level);
    path += names.at(static_cast<std::size_t>(level - kernel.makes.begin()));
    at = end + 1;
  }
  return path;
}

void sync_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) throw KernelError("the kernel has not made " + path + ": " + std::strerror(errno));
  const bool good = ::fsync(fd) == 0;
  const int error = errno;
  ::close(fd);
  if (!good) throw KernelError("cannot write " + path + ": " + std::strerror(error));
}

}  // namespace

std::vector<KernelCallOutput> fan_out(const KernelDecl& kernel,
                                      const std::string& path_template,
                                      const std::vector<MadeNames>& made) {
  if (kernel.makes.empty()) return {{path_template, "", {}}};
  std::vector<KernelCallOutput> outputs;
  for (const MadeNames& names : made) {
    std::set<std::string_view> named;
    outputs.push_back({replace_levels(kernel, path_template, names, named), "", names});
    if (named.size() == kernel.makes.size()) continue;
    std::string levels;
    for (const std::string_view level : kernel.makes) levels += fmt::format("{{{}}}", level);
    throw KernelError(fmt::format("`{}`: the output must name each level that {} makes: {}",
                                  path_template,
                                  kernel.name,
                                  levels));
  }
  return outputs;
}

HandOutputs::HandOutputs(std::vector<KernelCallOutput> outputs) : final_(std::move(outputs)) {
  const std::string directory = std::string(kHolderPrefix) + random_digits();
  std::set<std::string> seen;
  for (const KernelCallOutput& output : final_) {
    const fs::path path(output.path);
    if (!seen.insert(path.lexically_normal().string()).second) {
      throw KernelError("two outputs have the path " + output.path);
    }
    // The same base name: some libraries choose their format by the suffix.
    const fs::path sibling = fs::absolute(path).parent_path() / directory;
    std::error_code error;
    fs::create_directories(sibling.parent_path(), error);
    const Parent parent = open_parent(sibling.string());
    if (!parent || (!make_holder(parent.directory.get(), directory.c_str()) && errno != EEXIST)) {
      throw KernelError("cannot make " + sibling.string() + ": " + std::strerror(errno));
    }
    temporaries_.push_back({(sibling / path.filename()).string(), output.name, output.names});
  }
}

HandOutputs::~HandOutputs() {
  for (const KernelCallOutput& output : temporaries_) {
    remove_holder(fs::path(output.path).parent_path().string());
  }
}

void HandOutputs::rename_in() {
  for (const KernelCallOutput& output : temporaries_) sync_file(output.path);
  for (std::size_t i = 0; i < final_.size(); ++i) {
    std::error_code error;
    fs::rename(temporaries_[i].path, final_[i].path, error);
    if (error) throw KernelError("cannot make " + final_[i].path + ": " + error.message());
  }
}

}  // namespace wfr
