// What goes into bin/ and lib/, from a build tree and from a copy, and how it is copied.
#include "compiler/driver/bundle.hpp"

#include "runtime/run/kernel_library.hpp"
#include "tests/unit/plan/sample_plan.hpp"

#include <filesystem>

#include <catch2/catch.hpp>
#include <sys/stat.h>

namespace wfc {
namespace {

namespace fs = std::filesystem;
using wfr::test::read_file;
using wfr::test::sample_plan;
using wfr::test::ScratchDirectory;
using wfr::test::write_file;

// A prefix with programs, one kernel library, and manifests that name libraries of the machine.
void make_prefix(const fs::path& prefix) {
  write_file(prefix / "bin/wfr", "the runtime");
  write_file(prefix / "bin/wfc", "the compiler");
  write_file(prefix / "lib/wfc/libwfr_kernel_nsx.so", "a kernel");
  write_file(prefix / "lib/wfc/libwfr_kernel_signal.so", "another kernel");
  write_file(prefix / "machine/libone.so.1", "one");
  write_file(prefix / "machine/libtwo.so.2", "two");
  const std::string one = (prefix / "machine/libone.so.1").string() + "\n";
  const std::string two = (prefix / "machine/libtwo.so.2").string() + "\n";
  write_file(prefix / "share/wfc/bundle/wfr.deps", one);
  write_file(prefix / "share/wfc/bundle/wfc.deps", one);
  write_file(prefix / "share/wfc/bundle/wfr_kernel_nsx.deps", one + two);
  wfr::set_wfr_executable(prefix / "bin/wfr");
}

std::vector<std::string> places(const std::vector<BundleFile>& files) {
  std::vector<std::string> result;
  for (const BundleFile& file : files) result.push_back(file.place);
  return result;
}

}  // namespace

TEST_CASE("only the kernels that are used are bundled, each library once", "[driver]") {
  const ScratchDirectory scratch;
  make_prefix(scratch.path());
  const auto files = bundle_files(sample_plan());
  CHECK(
      places(files) ==
      std::vector<std::string>{
          "bin/wfc", "bin/wfr", "lib/libone.so.1", "lib/libtwo.so.2", "lib/libwfr_kernel_nsx.so"});
  CHECK(files[0].executable);
  CHECK_FALSE(files[2].executable);
}

TEST_CASE("what is missing is named", "[driver]") {
  const ScratchDirectory scratch;
  make_prefix(scratch.path());
  fs::remove(scratch.path() / "machine/libtwo.so.2");
  CHECK_THROWS_WITH(bundle_files(sample_plan()), Catch::Contains("libtwo.so.2"));
  fs::remove(scratch.path() / "share/wfc/bundle/wfr_kernel_nsx.deps");
  CHECK_THROWS_WITH(bundle_files(sample_plan()), Catch::Contains("wfr_kernel_nsx.deps"));
  fs::remove(scratch.path() / "bin/wfc");
  CHECK_THROWS_WITH(bundle_files(sample_plan()), Catch::Contains("bin/wfc"));
}

TEST_CASE("a copy in an out directory bundles itself", "[driver]") {
  const ScratchDirectory scratch;
  make_prefix(scratch.path() / "prefix");
  const fs::path out = scratch.path() / "out";
  const auto files = bundle_files(sample_plan());
  for (const BundleFile& file : files) copy_into(file, out);
  CHECK(read_file(out / "lib/libtwo.so.2") == "two");
  CHECK((fs::status(out / "bin/wfr").permissions() & fs::perms::owner_exec) != fs::perms::none);

  wfr::set_wfr_executable(out / "bin/wfr");
  CHECK(places(bundle_files(sample_plan())) == places(files));
}

TEST_CASE("a copy is made once, and again when its source has changed", "[driver]") {
  const ScratchDirectory scratch;
  write_file(scratch.path() / "tool", "first");
  const BundleFile file{scratch.path() / "tool", "bin/tool", true};
  const fs::path out = scratch.path() / "out";
  const auto inode = [&] {
    struct stat info {};
    REQUIRE(::stat((out / "bin/tool").c_str(), &info) == 0);
    return info.st_ino;
  };
  copy_into(file, out);
  const auto first = inode();
  copy_into(file, out);
  CHECK(inode() == first);
  // Its size and time say nothing of its bytes.
  const auto time = fs::last_write_time(out / "bin/tool");
  write_file(out / "bin/tool", "wrong");
  fs::last_write_time(out / "bin/tool", time);
  copy_into(file, out);
  CHECK(read_file(out / "bin/tool") == "first");
  fs::permissions(out / "bin/tool", fs::perms::others_write, fs::perm_options::add);
  copy_into(file, out);
  CHECK((fs::status(out / "bin/tool").permissions() & fs::perms::others_write) == fs::perms::none);
  write_file(scratch.path() / "tool", "second, longer");
  copy_into(file, out);
  CHECK(read_file(out / "bin/tool") == "second, longer");
  // A running program keeps the file that it was started from.
  CHECK(inode() != first);
  CHECK(std::distance(fs::directory_iterator(out / "bin"), {}) == 1);
  CHECK_THROWS(copy_into({scratch.path() / "none", "bin/none", true}, out));
  CHECK_FALSE(fs::exists(out / "bin/none"));
}

}  // namespace wfc
