// wfc verify OUT: reads back what `wfc compile` has written and proves that it does the workflow's
// work.
#include "compiler/slurm/verify.hpp"

#include "compiler/commands/command.hpp"
#include "compiler/driver/manifest.hpp"
#include "compiler/driver/out_owner.hpp"
#include "compiler/driver/read_source.hpp"
#include "runtime/plan/own_out.hpp"

#include <iostream>
#include <map>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <sys/stat.h>

namespace wfc {
namespace {

namespace fs = std::filesystem;

// The files of an out directory that verify looks at, by place. Plans of earlier compiles are there
// too: only that of submit.sh is read.
class OutFiles {
 public:
  explicit OutFiles(fs::path out) : out_(std::move(out)) {}

  // False, with a report, when something that is there cannot be read.
  bool read(Sink& sink) {
    std::error_code error;
    bool good = read_file("submit.sh", sink) && read_file("bin/submit", sink);
    for (const fs::path& folder : {fs::path("jobs"), fs::path("plan") / plan_folder()}) {
      for (fs::recursive_directory_iterator entry(out_ / folder, error), end; entry != end;
           entry.increment(error)) {
        const fs::path place = entry->path().lexically_relative(out_);
        if (is_read(place)) good = read_file(place.string(), sink) && good;
      }
    }
    return good;
  }
  // The hash after `readonly plan=`; verify itself reads the line again, and strictly.
  [[nodiscard]] std::string plan_folder() const {
    constexpr std::string_view kBegin = "\nreadonly plan=";
    const auto submit = texts_.find("submit.sh");
    if (submit == texts_.end()) return "none";
    const std::size_t at = submit->second.find(kBegin);
    if (at == std::string::npos) return "none";
    const std::size_t begin = at + kBegin.size();
    const std::size_t end = submit->second.find_first_not_of("0123456789abcdef", begin);
    return end == begin ? "none" : submit->second.substr(begin, end - begin);
  }
  [[nodiscard]] EmittedFiles files() const {
    EmittedFiles views;
    for (const auto& [place, text] : texts_) views.emplace(place, text);
    return views;
  }

 private:
  static bool is_read(const fs::path& place) {
    const fs::path extension = place.extension();
    return extension == ".sbatch" || extension == ".wfp" || extension == ".u32";
  }

  bool read_file(const std::string& place, Sink& sink) {
    std::error_code error;
    const fs::path file = out_ / place;
    if (!fs::exists(file, error) && !error) return true;
    std::string why;
    std::optional<std::string> text = read_text(file, &why, wfr::kAnySize);
    if (!text) {
      sink.report(Kind::CannotRead,
                  {},
                  fmt::format("cannot read `{}`: {}", file.string(), why),
                  "check its permissions");
      return false;
    }
    texts_.emplace(place, std::move(*text));
    return true;
  }

  fs::path out_;
  std::map<std::string, std::string> texts_;
};

// What the manifest says of the files holds only where nobody else can write to it.
bool is_as_compiled(const fs::path& out, const std::string& plan, Sink& sink) {
  struct stat info {};
  if (::stat(out.c_str(), &info) == 0) {
    if (const auto problem = wfr::out_problem(out, info.st_uid)) {
      sink.report(Kind::WrongPlan, {}, problem->what, problem->help);
      return false;
    }
  }
  return check_manifest(out, plan, sink);
}

// `workflow`: whose the out directory must be; "": anybody's.
int run(const fs::path& out, const fs::path& workflow, bool all) {
  Sink sink;
  OutFiles files(out);
  std::optional<Verified> verified;
  if ((workflow.empty() || out_is_ours(workflow, out, sink)) && files.read(sink)) {
    // "out/" and "out" are one directory.
    const fs::path shown = out.has_filename() ? out : out.parent_path();
    verified = verify(files.files(), shown.string(), VerifyWhen::Later, sink);
    if (verified && !is_as_compiled(shown, files.plan_folder(), sink)) verified.reset();
  }
  if (finish(sink) != 0 || !verified) return 1;
  std::cout << summary(*verified) << '\n';
  constexpr std::size_t kShown = 20;
  const std::size_t shown = all ? verified->extra.size() : std::min(kShown, verified->extra.size());
  for (std::size_t i = 0; i < shown; ++i) {
    const ExtraOrder& extra = verified->extra[i];
    std::cout << fmt::format("  {} after {}: {}\n", extra.later, extra.earlier, extra.why);
  }
  if (shown < verified->extra.size()) {
    std::cout << fmt::format("  and {} more (--all)\n", verified->extra.size() - shown);
  }
  std::cout << "the programs, the scripts and the plan are as they were compiled\n";
  return 0;
}

}  // namespace

void add_verify(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand(
      "verify", "check the written scripts: every task runs once, after what it needs");
  auto subject = std::make_shared<fs::path>();
  auto out = std::make_shared<fs::path>("out");
  auto all = std::make_shared<bool>(false);
  command->add_option("out",
                      *subject,
                      "the directory that `wfc compile` has written, or a workflow file: the "
                      "directory of --out");
  command->add_option("-o,--out", *out, "where scripts and plan are kept")->capture_default_str();
  command->add_flag("--all", *all, "list every extra wait, not only the first 20");
  command->callback([subject, out, all, &action] {
    action = [subject, out, all] {
      const bool workflow = subject->empty() || subject->extension() == ".toml";
      return run(workflow ? *out : *subject, workflow ? *subject : fs::path(), *all);
    };
  });
}

}  // namespace wfc
