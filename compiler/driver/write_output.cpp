// The out directory: plan, programs, scripts, in an order in which every moment is a good one to be
// killed.
#include "compiler/driver/write_output.hpp"

#include "compiler/driver/bundle.hpp"
#include "compiler/driver/out_owner.hpp"
#include "compiler/driver/own_scripts.hpp"
#include "compiler/driver/write_file.hpp"
#include "runtime/kernels/kernel.hpp"

#include <algorithm>
#include <cerrno>
#include <fstream>
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
  if (executable != wanted.executable) return false;
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
    const bool script = entry.path().extension() == ".sbatch";
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

void write_tree(const OutputTree& tree,
                const std::vector<BundleFile>& bundle,
                const fs::path& out) {
  write_turn(tree, out, 0);
  for (const BundleFile& file : bundle) copy_into(file, out);
  const auto submit = tree.files.find("submit.sh");
  // Slurm writes the jobs' output there, and fails a job rather than making the directory.
  if (submit != tree.files.end()) fs::create_directories(out / "logs");
  // Between old and new scripts there is no submit.sh that would mix them.
  if (submit != tree.files.end() && !has_bytes(out / "submit.sh", submit->second)) {
    fs::remove(out / "submit.sh");
  }
  remove_old_scripts(tree, out);
  write_turn(tree, out, 1);
  write_turn(tree, out, 2);
}

bool cannot_write(const fs::path& out,
                  const std::string& reason,
                  const std::string& help,
                  Sink& sink) {
  sink.report(Kind::CannotWrite, {}, "cannot write `" + out.string() + "`: " + reason, help);
  return false;
}

// Runs `write` and reports what it throws.
template <class Write>
bool reporting(const fs::path& workflow, const fs::path& out, Sink& sink, const Write& write) {
  if (!out_is_ours(workflow, out, sink)) return false;
  const char* help = "check permissions and free space, or choose another place with `--out`";
  try {
    make_out_directory(out);
    take_out(workflow, out);
    write();
    return true;
  } catch (const fs::filesystem_error& error) {
    const std::string place = error.path1() == out ? "" : error.path1().string() + ": ";
    return cannot_write(out, place + error.code().message(), help, sink);
  } catch (const std::exception& error) {
    return cannot_write(out, error.what(), help, sink);
  }
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
  return reporting(
      compiled.front.workflow.file, out, sink, [&] { write_tree(compiled.files, bundle, out); });
}

bool write_plan(const Compiled& compiled, const std::filesystem::path& out, Sink& sink) {
  return reporting(
      compiled.front.workflow.file, out, sink, [&] { write_turn(compiled.files, out, 0); });
}

}  // namespace wfc
