// The out directory: plan, programs, scripts, in an order in which every moment is a good one to be
// killed.
#include "compiler/driver/write_output.hpp"

#include "compiler/driver/bundle.hpp"
#include "compiler/driver/manifest.hpp"
#include "compiler/driver/out_owner.hpp"
#include "compiler/driver/out_place.hpp"
#include "compiler/driver/own_scripts.hpp"
#include "compiler/driver/write_file.hpp"
#include "runtime/kernels/kernel.hpp"
#include "runtime/plan/own_out.hpp"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <set>
#include <sstream>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace wfc {
namespace {

namespace fs = std::filesystem;

bool has_bytes(const fs::path& file, const OutputFile& wanted) {
  std::error_code error;
  const auto status = fs::status(file, error);
  if (!fs::is_regular_file(status) || fs::file_size(file, error) != wanted.bytes.size())
    return false;
  const bool executable = (status.permissions() & fs::perms::owner_exec) != fs::perms::none;
  constexpr fs::perms kOthersWrite = fs::perms::group_write | fs::perms::others_write;
  const bool shared = (status.permissions() & kOthersWrite) != fs::perms::none;
  if (executable != wanted.executable || shared) return false;
  std::ostringstream bytes;
  bytes << std::ifstream(file, std::ios::binary).rdbuf();
  return bytes.str() == wanted.bytes;
}

void write_file(const fs::path& file, const OutputFile& wanted) {
  if (!has_bytes(file, wanted)) write_whole_file(file, wanted.bytes, wanted.executable);
}

// Scripts of an earlier plan would be submitted by a careless `sbatch jobs/*`.
void remove_old_scripts(const OutputTree& tree, const fs::path& out) {
  if (!tree.files.contains("submit.sh") && is_own_script(out, "submit.sh")) {
    fs::remove(out / "submit.sh");
  }
  if (!fs::exists(out / "jobs")) return;
  for (const fs::directory_entry& entry : fs::directory_iterator(out / "jobs")) {
    const std::string place = "jobs/" + entry.path().filename().string();
    const fs::path extension = entry.path().extension();
    const bool script = extension == ".sbatch" || extension == ".tasks";
    if (script && !tree.files.contains(place) && is_own_script(out, place)) {
      fs::remove(entry.path());
    }
  }
}

// plan/ first: a script that names a plan finds it. submit.sh last: with it there, all is there.
int turn_of(const std::string& place) {
  if (place.starts_with("plan/")) return 0;
  return place == "submit.sh" ? 2 : 1;
}

void write_turn(const OutputTree& tree, const fs::path& out, int turn) {
  for (const auto& [place, file] : tree.files) {
    if (turn_of(place) == turn) write_file(out / place, file);
  }
}

void write_missing_plan(const OutputTree& tree, const fs::path& out) {
  for (const auto& [place, file] : tree.files) {
    if (turn_of(place) == 0 && !fs::exists(out / place)) write_file(out / place, file);
  }
}

// What Slurm writes of jobs with secrets only the owner may reach, from the first byte.
void make_logs(const OutputTree& tree, const fs::path& out) {
  wfr::make_own_directories(out / "logs");
  const bool hidden = std::any_of(tree.files.begin(), tree.files.end(), [](const auto& file) {
    return file.first.starts_with("jobs/") &&
           file.second.bytes.find("\n#SBATCH --output=logs/private/") != std::string::npos;
  });
  if (!hidden) return;
  fs::create_directory(out / "logs" / "private");
  fs::permissions(out / "logs" / "private", fs::perms::owner_all);
}

void write_tree(const OutputTree& tree,
                const std::vector<BundleFile>& bundle,
                const fs::path& out) {
  write_turn(tree, out, 0);
  const fs::path manifest = out / manifest_place(tree);
  const OutputFile digests = manifest_of(tree, bundle);
  const auto submit = tree.files.find("submit.sh");
  // Between old and new programs and scripts there is no submit.sh that would mix them.
  if (submit != tree.files.end() &&
      !(has_bytes(out / "submit.sh", submit->second) && has_bytes(manifest, digests))) {
    fs::remove(out / "submit.sh");
  }
  for (const BundleFile& file : bundle) copy_into(file, out);
  // Slurm writes the jobs' output there, and fails a job rather than making the directory.
  if (submit != tree.files.end()) make_logs(tree, out);
  remove_old_scripts(tree, out);
  write_turn(tree, out, 1);
  write_file(manifest, digests);
  write_turn(tree, out, 2);
  // From here on submit.sh names the plan. Before, who removes old plans may have taken it for one.
  write_missing_plan(tree, out);
  write_file(manifest, digests);
}

// Where a plan was compiled with its scripts, the manifest of those stays.
void write_missing_manifest(const OutputTree& tree, const fs::path& out) {
  const fs::path manifest = out / manifest_place(tree);
  if (fs::exists(manifest)) return;
  OutputTree plan;
  for (const auto& [place, file] : tree.files) {
    if (turn_of(place) == 0) plan.files.emplace(place, file);
  }
  write_file(manifest, manifest_of(plan, {}));
}

bool cannot_write(const fs::path& out,
                  const std::string& reason,
                  const std::string& help,
                  Sink& sink) {
  sink.report(Kind::CannotWrite, {}, "cannot write `" + out.string() + "`: " + reason, help);
  return false;
}

// What to do about an error of the system.
const char* help_for(const std::error_code& error) {
  if (error == std::errc::permission_denied || error == std::errc::read_only_file_system ||
      error == std::errc::operation_not_permitted) {
    return "choose a place that you may write to with `--out`";
  }
  if (error == std::errc::filename_too_long) return "choose a shorter path with `--out`";
  if (error == std::errc::no_space_on_device || error.value() == EDQUOT) {
    return "make room, or choose another place with `--out`";
  }
  return "check the path, or choose another place with `--out`";
}

// Files that are to be written, and the directories above them, as far as they are not there.
std::set<fs::path> not_there(const fs::path& out, const std::vector<std::string>& places) {
  std::set<fs::path> missing;
  std::error_code ignored;
  for (const std::string& place : places) {
    for (fs::path path = out / place; !path.empty(); path = path.parent_path()) {
      // What cannot be looked at may be there.
      if (fs::symlink_status(path, ignored).type() != fs::file_type::not_found) break;
      missing.insert(path);
    }
  }
  return missing;
}

// Takes back what has been begun: a file goes, a directory if it is empty then.
void take_back(const std::set<fs::path>& begun) {
  std::error_code ignored;
  for (auto path = begun.rbegin(); path != begun.rend(); ++path) fs::remove(*path, ignored);
}

// Runs `write`, which writes `places`, and reports what it throws.
template <class Write>
bool reporting(const Compiled& compiled,
               const fs::path& out,
               const std::vector<std::string>& places,
               Sink& sink,
               const Write& write) {
  const fs::path& workflow = compiled.front.workflow.file;
  if (!out_is_ours(workflow, out, sink) || !may_be_out(compiled, out, sink)) return false;
  if (const auto problem = wfr::out_problem(out, ::geteuid())) {
    return cannot_write(out, problem->what, problem->help, sink);
  }
  const std::set<fs::path> begun = not_there(out, places);
  try {
    wfr::make_own_directories(out);
    take_out(workflow, out);
    write();
    return true;
  } catch (const std::exception& error) {
    take_back(begun);
    const auto* system = dynamic_cast<const std::system_error*>(&error);
    const auto* file = dynamic_cast<const fs::filesystem_error*>(&error);
    std::string reason = error.what();
    if (file != nullptr) {
      reason = (file->path1() == out ? "" : file->path1().string() + ": ") + file->code().message();
    }
    const std::error_code code = system != nullptr ? system->code() : std::error_code();
    return cannot_write(out, reason, help_for(code), sink);
  }
}

// By place: the owner's mark, the plan, or all.
std::vector<std::string> places_of(const Compiled& compiled, bool all) {
  std::vector<std::string> places{"workflow", manifest_place(compiled.files)};
  if (all) places.emplace_back("logs");
  for (const auto& [place, file] : compiled.files.files) {
    if (all || turn_of(place) == 0) places.push_back(place);
  }
  return places;
}

}  // namespace

bool write_output(const Compiled& compiled, const std::filesystem::path& out, Sink& sink) {
  std::vector<BundleFile> bundle;
  try {
    // On one machine everything is where it was built or installed.
    if (!compiled.front.workflow.site.local) bundle = bundle_files(compiled.plan);
  } catch (const std::exception& error) {
    return cannot_write(out,
                        error.what(),
                        "wfr, wfc and the kernel libraries belong together: install all of them",
                        sink);
  }
  if (const std::string taken = taken_place(compiled.files, out); !taken.empty()) {
    return cannot_write(out / taken,
                        "it is there, and wfc has not written it",
                        "rename it, or choose another place with `--out`",
                        sink);
  }
  std::vector<std::string> places = places_of(compiled, true);
  for (const BundleFile& file : bundle) places.push_back(file.place);
  return reporting(compiled, out, places, sink, [&] { write_tree(compiled.files, bundle, out); });
}

bool write_plan(const Compiled& compiled, const std::filesystem::path& out, Sink& sink) {
  return reporting(compiled, out, places_of(compiled, false), sink, [&] {
    write_turn(compiled.files, out, 0);
    write_missing_manifest(compiled.files, out);
  });
}

bool keep_plan(const Compiled& compiled, const std::filesystem::path& out, Sink& sink) {
  return reporting(compiled, out, places_of(compiled, false), sink, [&] {
    write_missing_plan(compiled.files, out);
    write_missing_manifest(compiled.files, out);
  });
}

}  // namespace wfc
