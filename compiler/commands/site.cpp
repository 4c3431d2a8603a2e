// wfc site probe: describes the cluster that Slurm's commands here talk to, as a site file.
#include "compiler/commands/command.hpp"
#include "compiler/driver/write_file.hpp"
#include "compiler/probe/ask.hpp"
#include "compiler/probe/site_text.hpp"
#include "runtime/plan/visible.hpp"
#include "runtime/run/posix_processes.hpp"

#include <array>
#include <ctime>
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

namespace wfc {
namespace {

namespace fs = std::filesystem;

struct ProbeOptions {
  std::string action;
  std::string name;
  fs::path output;
  bool force = false;
};

Asker this_user() {
  Asker asker;
  const passwd* entry = getpwuid(geteuid());
  if (entry == nullptr) return asker;
  asker.user = entry->pw_name;
  std::array<gid_t, 1024> ids{};
  int count = static_cast<int>(ids.size());
  if (getgrouplist(entry->pw_name, entry->pw_gid, ids.data(), &count) < 0) return asker;
  for (int i = 0; i < count; ++i) {
    const group* one = getgrgid(ids[static_cast<std::size_t>(i)]);
    if (one != nullptr) asker.groups.emplace_back(one->gr_name);
  }
  return asker;
}

std::string today() {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%d", &local);
  return text.data();
}

int fail(const std::string& message) {
  std::cerr << "wfc site probe: error: " << wfr::visible_text(message) << '\n';
  return 1;
}

int probe(const ProbeOptions& options) {
  // What is certain to be refused is refused before Slurm is asked.
  const auto exists = [&](const fs::path& file) { return !options.force && fs::exists(file); };
  const char* const refused = "`{}` exists; use --force to replace it";
  if (!options.output.empty() && exists(options.output)) {
    return fail(fmt::format(fmt::runtime(refused), options.output.string()));
  }
  const Asker asker = this_user();
  std::string error;
  wfr::PosixProcesses processes;
  const std::optional<SlurmAnswers> answers = ask_slurm(processes, asker.user, error);
  if (!answers) return fail(error);
  const SiteProbe found = make_probe(*answers, asker);

  // A site has the name of its file.
  fs::path file = options.output;
  if (file.empty()) {
    const std::string name = options.name.empty() ? found.value("ClusterName") : options.name;
    if (name.empty() || name.find('/') != std::string::npos || name.front() == '.') {
      return fail(fmt::format("`{}` cannot be the name of a file: choose one with --name", name));
    }
    file = fs::path("sites") / (name + ".toml");
  }
  const std::string site = file.stem().string();
  if (site == "local") return fail("`local` is this machine without Slurm: choose another --name");
  if (!options.name.empty() && options.name != site) {
    return fail(fmt::format("a site has the name of its file: `{}` is site `{}`, not `{}`",
                            file.string(),
                            site,
                            options.name));
  }
  if (file.extension() != ".toml") return fail("a site file ends in .toml");
  if (exists(file)) return fail(fmt::format(fmt::runtime(refused), file.string()));
  write_whole_file(file, site_text(found, site, today()), false);
  std::cout << fmt::format("wrote {}: read it, then compile with --site {}\n",
                           wfr::visible_text(file.string()),
                           wfr::visible_text(site));
  return 0;
}

}  // namespace

void add_site(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand(
      "site", "describe a cluster: `wfc site probe` asks its Slurm and writes a site file");
  auto options = std::make_shared<ProbeOptions>();
  command->add_option("action", options->action, "probe")->required()->check(one_of({"probe"}));
  command->add_option("--name", options->name, "name of the site; the cluster's when left out");
  command->add_option(
      "-o,--output", options->output, "the file to write; sites/NAME.toml when left out");
  command->add_flag("-f,--force", options->force, "replace a file that is there");
  command->callback([options, &action] { action = [options] { return probe(*options); }; });
}

}  // namespace wfc
