// Lists of records as sets of paths, and the disk compared with them.
#include "runtime/run/ownership.hpp"

#include "runtime/run/file_moves.hpp"
#include "runtime/run/outputs.hpp"
#include "runtime/run/paths.hpp"

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace wfr {
namespace {

// Files that are open elsewhere and have been removed (NFS): they go by themselves.
bool is_passing(const std::string& name) {
  return name.compare(0, 4, ".nfs") == 0;
}

void look_below(const std::string& directory,
                const OwnedFiles& own,
                std::size_t most,
                std::vector<std::string>& foreign) {
  for (const std::string& name : entries(directory)) {
    if (foreign.size() >= most) return;
    if (is_passing(name)) continue;
    const std::string path = directory + "/" + name;
    const bool inner = is_directory(path);
    if (!own.owns(inner ? path + "/" : path)) {
      foreign.push_back(path);
    } else if (inner) {
      look_below(path, own, most, foreign);
    }
  }
}

std::string offer(const std::string& what) {
  return "adopt " + what + " with `wfc touch`, keep " + what +
         " as `NAME.before-wfc` with `--set-aside`, or have " + what + " replaced with `--replace`";
}

std::string occupied_text(const TaskOutput& output, const std::vector<std::string>& foreign) {
  if (output.kind == OutputKind::Glob) {
    return "the result `" + foreign[0] +
           "` is not written over what is there, since no record says " +
           "that this task made it: move it away";
  }
  if (foreign.size() == 1 && foreign[0] == output.path) {
    return "`" + output.path +
           "` is in the place of an output, and no record says that this task " +
           "made it: " + offer("it");
  }
  constexpr std::size_t kShown = 3;
  std::string text = "the output `" + output.path + "` holds what this task has not made: ";
  for (std::size_t i = 0; i < std::min(foreign.size(), kShown); ++i) {
    text += (i > 0 ? ", `" : "`") + foreign[i] + "`";
  }
  if (foreign.size() > kShown) text += " and more";
  return text + ": " + offer("them");
}

}  // namespace

std::vector<std::string> owned_paths(LogReader& records, const Slot& slot) {
  std::optional<Record> record = records.read(slot);
  if (!record) return {};
  return std::move(record->owned);
}

std::string owned_name(const std::string& directory, const std::string& path) {
  const bool inside = path.size() > directory.size() + 1 &&
                      path.compare(0, directory.size(), directory) == 0 &&
                      path[directory.size()] == '/';
  return inside ? path.substr(directory.size() + 1) : path;
}

std::vector<std::string> owned_names(const std::string& directory,
                                     const std::vector<std::string>& paths) {
  std::vector<std::string> names;
  names.reserve(paths.size());
  for (const std::string& path : paths) names.push_back(owned_name(directory, path));
  std::sort(names.begin(), names.end());
  return names;
}

std::set<std::string> input_paths(const std::string& directory,
                                  const std::vector<std::string>& words) {
  std::set<std::string> paths;
  for (const std::string& word : words) {
    // A leading dash has "./" before it.
    const bool dotted = word.compare(0, 2, "./") == 0;
    paths.insert(below(directory, dotted ? word.substr(2) : word));
  }
  return paths;
}

bool OwnedFiles::is_there(const std::string& path) {
  if (path.back() == '/') return is_directory(path.substr(0, path.size() - 1));
  return stands(path) && !is_directory(path);
}

std::vector<std::string> OwnedFiles::names() const {
  std::vector<std::string> standing;
  std::copy_if(paths.begin(), paths.end(), std::back_inserter(standing), is_there);
  return owned_names(directory, standing);
}

OwnedFiles owned_files(LogReader& records, const Slot& slot, const std::string& directory) {
  OwnedFiles own;
  own.directory = directory;
  const std::optional<Record> record = records.read(slot);
  if (!record) return own;
  own.recorded = true;
  own.done = slot.verdict == Verdict::Done;
  own.attempt = record->attempt;
  own.open = record->open;
  const auto absolute = [&](const std::string& name) {
    return name.front() == '/' ? name : directory + "/" + name;
  };
  for (const std::string& name : record->owned) own.paths.insert(absolute(name));
  for (const Standing& file : record->before) own.before.emplace(absolute(file.path), file);
  return own;
}

std::vector<std::string> foreign_below(const std::string& directory,
                                       const OwnedFiles& own,
                                       std::size_t most) {
  std::vector<std::string> foreign;
  look_below(directory, own, most, foreign);
  return foreign;
}

std::string on_the_way_to(const std::string& path, const std::string& directory) {
  const bool inside = !directory.empty() && path.compare(0, directory.size(), directory) == 0;
  for (std::size_t end = path.find('/', inside ? directory.size() : 1); end != std::string::npos;
       end = path.find('/', end + 1)) {
    std::string above = path.substr(0, end);
    struct stat info {};
    if (lstat(above.c_str(), &info) != 0) return {};
    if (S_ISDIR(info.st_mode)) continue;
    const bool own = info.st_uid == geteuid() || info.st_uid == 0;
    // The directory of the task may be a link, and below it a link of others is no offer.
    const bool passed = S_ISLNK(info.st_mode) && (!own || !inside || above == directory);
    if (!passed) return above;
  }
  return {};
}

std::vector<std::string> foreign_at(const TaskOutput& output,
                                    const OwnedFiles& own,
                                    std::size_t most) {
  if (output.kind == OutputKind::Glob || own.everything) return {};
  const std::string way = on_the_way_to(output.path, own.directory);
  if (!way.empty() && !own.owns(way)) return {way};
  struct stat info {};
  if (!way.empty() || lstat(output.path.c_str(), &info) != 0) return {};
  if (!S_ISDIR(info.st_mode)) {
    if (own.owns(output.path)) return {};
    return {output.path};
  }
  if (!own.owns(output.path + "/")) return {output.path};
  return foreign_below(output.path, own, most);
}

OccupiedError::OccupiedError(const TaskOutput& output, const std::vector<std::string>& foreign)
    : std::runtime_error(occupied_text(output, foreign)) {}

}  // namespace wfr
