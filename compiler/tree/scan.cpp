// Workflow -> Tree: levels from coarse to fine, each from the disk, a list, a sheet or a kernel.
#include "compiler/tree/scan.hpp"

#include "compiler/tree/directory.hpp"
#include "compiler/tree/level_builder.hpp"
#include "compiler/tree/listed.hpp"
#include "compiler/tree/made.hpp"
#include "compiler/tree/near_name.hpp"
#include "compiler/tree/visible.hpp"
#include "compiler/tree/walk.hpp"
#include "runtime/plan/expand.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace wfc {

namespace {

constexpr std::size_t kReportedAtMost = 3;

std::string without_digits(std::string_view name) {
  std::string text;
  std::copy_if(name.begin(), name.end(), std::back_inserter(text), [](char byte) {
    return byte < '0' || byte > '9';
  });
  return text;
}

class Scanner {
 public:
  Scanner(const Workflow& workflow,
          const std::filesystem::path& root,
          const std::vector<std::filesystem::path>& outs,
          Sink& sink)
      : state_{workflow, root, sink, {}, {}, 0, {}, known(outs)}, discovery_(state_) {}

  wfr::Tree run() {
    start_root();
    readable_ = check_root();
    std::deque<LevelId> queue{wfr::kRootLevel};
    for (; !queue.empty(); queue.pop_front()) {
      for (const LevelId child : children_of(queue.front())) queue.push_back(child);
      build_below(queue.front());
    }
    check_links(state_);
    return std::move(state_.tree);
  }

 private:
  static std::vector<OutDirectory> known(const std::vector<std::filesystem::path>& outs) {
    std::vector<OutDirectory> found;
    for (const std::filesystem::path& out : outs) {
      const EntryStatus status = follow_entry(-1, out.string());
      if (status.error == 0) {
        found.push_back({out.filename().string(), status.device, status.inode, out});
      } else {
        found.push_back({{}, 0, 0, out});
      }
    }
    return found;
  }

  void start_root() {
    wfr::Tree& tree = state_.tree;
    tree.levels.resize(state_.workflow.levels.size());
    tree.levels[0].names.begin = tree.storage.keep(std::vector<std::uint64_t>{0, 0});
    tree.levels[0].parent = tree.storage.keep(std::vector<wfr::Ordinal>{0});
  }

  bool check_root() {
    const std::string path = state_.path_of(wfr::kRootLevel, 0);
    const EntryStatus status = follow_entry(-1, path);
    if (status.error == 0 && status.is_directory) return true;
    const char* const why =
        status.error != 0 ? std::strerror(status.error) : "it is not a directory";
    const bool missing = status.error == ENOENT;
    const std::string name = visible(path);
    state_.sink.report(
        Kind::RootMissing,
        state_.workflow.root_span,
        missing ? fmt::format("data root `{}` does not exist", name)
                : fmt::format("cannot use the data root `{}`: {}", name, why),
        missing
            ? fmt::format("correct `root`, which is relative to the workflow file, or create it: "
                          "mkdir -p {}",
                          wfr::shell_quote(path))
            : "correct `root`, which is relative to the workflow file");
    return false;
  }

  [[nodiscard]] std::vector<LevelId> children_of(LevelId parent) const {
    std::vector<LevelId> children;
    for (std::size_t i = 1; i < state_.workflow.levels.size(); ++i) {
      if (state_.workflow.levels[i].under == parent) {
        children.push_back(LevelId{static_cast<std::uint16_t>(i)});
      }
    }
    return children;
  }

  // All child levels of a finished level: those on disk share one walk.
  void build_below(LevelId parent) {
    std::vector<LevelBuilder> on_disk;
    for (const LevelId id : children_of(parent)) {
      const LevelDef& level = state_.workflow.level(id);
      LevelBuilder builder(id, level);
      if (readable_ && is_on_disk(state_.workflow, level)) {
        on_disk.push_back(std::move(builder));
        continue;
      }
      const std::size_t errors = state_.sink.errors();
      fill(builder);
      finish(builder, errors);
    }
    if (on_disk.empty()) return;
    const std::size_t errors = state_.sink.errors();
    walk_level(state_, parent, on_disk);
    for (LevelBuilder& builder : on_disk) finish(builder, errors);
  }

  void fill(LevelBuilder& builder) {
    const LevelDef& level = builder.def();
    const std::uint32_t parents = state_.tree.level(level.under).size();
    if (!readable_) {
      for (wfr::Ordinal parent = 0; parent < parents; ++parent) builder.close_parent(parent);
    } else if (level.source == LevelSource::Match) {
      discovery_.offer_made(builder);
    } else {
      offer_listed(state_, builder);
    }
  }

  void finish(LevelBuilder& builder, std::size_t errors_before) {
    report_duplicates(builder);
    const bool reported = state_.sink.errors() > errors_before;
    const std::uint32_t parents = state_.tree.level(builder.def().under).size();
    if (parents > 0 && readable_ && !reported) {
      if (builder.size() == 0) {
        report_empty(builder, parents);
      } else {
        note_childless(builder);
        warn_never_offered(builder);
      }
    }
    builder.finish(state_.tree);
  }

  void note_childless(const LevelBuilder& builder) {
    const LevelBuilder::Childless& childless = builder.childless();
    if (childless.count == 0) return;
    const LevelDef& level = builder.def();
    std::string names;
    for (const wfr::Ordinal parent : childless.first) {
      names += fmt::format(
          "{}`{}`", names.empty() ? "" : ", ", visible(state_.tree.directory(level.under, parent)));
    }
    state_.sink.report(Kind::ParentsWithoutChildren,
                       level.source_span,
                       fmt::format("{} of {} directories of level `{}` {} no `{}`: {}{}",
                                   childless.count,
                                   state_.tree.level(level.under).size(),
                                   state_.workflow.level(level.under).name,
                                   childless.count == 1 ? "has" : "have",
                                   level.name,
                                   names,
                                   childless.count > childless.first.size() ? ", ..." : ""));
  }

  // A name in `only` that is not there is data that nobody looks at. One in `exclude` may be there
  // for the future, unless it looks like a name that was meant and is no other number.
  void warn_never_offered(const LevelBuilder& builder) {
    const LevelDef& level = builder.def();
    std::vector<std::string> names = builder.some_trimmed();
    const std::vector<std::string> kept = builder.some_kept();
    for (const std::string& name : builder.never_offered()) {
      const bool asked = std::find(level.only.begin(), level.only.end(), name) != level.only.end();
      if (asked) names.insert(names.end(), kept.begin(), kept.end());
      const std::string near = near_name(name, asked ? names : kept);
      if (!asked && (near.empty() || without_digits(near) == without_digits(name))) continue;
      state_.sink.report(Kind::NameNotThere,
                         level.source_span,
                         fmt::format("`{}` of level `{}` names `{}`, which does not exist",
                                     asked ? "only" : "exclude",
                                     level.name,
                                     visible(name)),
                         near.empty() ? "correct or remove the name"
                                      : fmt::format("did you mean `{}`?", visible(near)));
    }
  }

  void report_duplicates(const LevelBuilder& builder) {
    const auto& duplicates = builder.duplicates();
    for (std::size_t i = 0; i < std::min(duplicates.size(), kReportedAtMost); ++i) {
      state_.sink.report(
          Kind::DuplicateDirectory,
          builder.def().source_span,
          fmt::format("`{}` is named twice in `{}`",
                      visible(duplicates[i].name),
                      visible(state_.path_of(builder.def().under, duplicates[i].parent))),
          "each directory can be named once within the directory above it");
    }
  }

  void report_empty(const LevelBuilder& builder, std::uint32_t parents) {
    const LevelDef& level = builder.def();
    const std::string first = visible(state_.path_of(level.under, 0));
    const std::string where =
        parents == 1 ? fmt::format("in `{}`", first)
                     : fmt::format("in any of {} directories, the first is `{}`", parents, first);
    if (builder.trimmed() > 0) {
      state_.sink.report(
          Kind::LevelEmpty,
          level.span,
          fmt::format("`only` and `exclude` of level `{}` leave none of {} directories",
                      level.name,
                      builder.trimmed()),
          "relax them");
      return;
    }
    if (is_on_disk(state_.workflow, level) && state_.matched_files > 0) {
      report_files(level, where);
      return;
    }
    std::string help = "check the pattern, or make the directories";
    if (is_on_disk(state_.workflow, level) && !state_.unmatched.empty()) {
      std::sort(state_.unmatched.begin(), state_.unmatched.end());
      std::string names;
      for (const std::string& name : state_.unmatched) {
        names += fmt::format("{}`{}`", names.empty() ? "" : ", ", visible(name));
      }
      help = fmt::format("the first has {}", names);
      if (parents == 1) help = fmt::format("there is {}", names);
    }
    state_.sink.report(Kind::LevelEmpty,
                       level.source_span,
                       level.source == LevelSource::Match
                           ? fmt::format("level `{}` matches no directory: there is no `{}` {}",
                                         level.name,
                                         visible(level.match),
                                         where)
                           : fmt::format("level `{}` has no directory {}", level.name, where),
                       help);
  }

  // Files where directories were expected.
  void report_files(const LevelDef& level, const std::string& where) {
    const std::size_t files = state_.matched_files;
    const std::string pattern = visible(level.match);
    const bool regex = level.match.starts_with('/');
    state_.sink.report(
        Kind::LevelEmpty,
        level.source_span,
        fmt::format("level `{}` matches no directory {}; {} `{}`",
                    level.name,
                    where,
                    files == 1 ? "1 file matches" : fmt::format("{} files match", files),
                    pattern),
        fmt::format(
            "a level consists of directories. One task for all the files: name them in a "
            "step, {}; a task for each: give each file a directory of its own",
            regex ? "by a pattern in its `inputs`" : fmt::format("`inputs = [\"{}\"]`", pattern)));
  }

  ScanState state_;
  Discovery discovery_;
  bool readable_ = true;
};

}  // namespace

wfr::Tree scan(const Workflow& workflow,
               const std::filesystem::path& root,
               Sink& sink,
               const std::vector<std::filesystem::path>& outs) {
  return Scanner(workflow, root, outs, sink).run();
}

}  // namespace wfc
