// The directories that a kernel will make, as it declares them from its inputs' headers.
#include "compiler/tree/made.hpp"

#include "compiler/tree/instances.hpp"
#include "compiler/tree/paths.hpp"
#include "compiler/tree/visible.hpp"

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace wfc {

namespace {

constexpr std::size_t kReportedAtMost = 3;

bool is_directory_name(const std::string& name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == std::string::npos &&
         name.find('\0') == std::string::npos;
}

// One step's kernel asked for one directory after the other.
class Asking {
 public:
  Asking(ScanState& scan, const StepDef& step, const wfr::KernelDecl& kernel, std::size_t levels)
      : scan_(scan),
        root_(scan.root, scan.outs.empty() ? std::filesystem::path() : scan.outs.front().path),
        step_(step),
        kernel_(kernel),
        levels_(levels) {
    params_ = nlohmann::json::parse(step.spec.params_json.empty() ? "{}" : step.spec.params_json);
  }

  std::vector<wfr::MadeNames> ask(wfr::Ordinal node) {
    const std::string directory = scan_.path_of(step_.spec.each, node);
    std::vector<std::string> inputs;
    for (std::size_t i = 0; i < step_.spec.inputs.size(); ++i) {
      if (!add_input(i, node, directory, inputs)) return {};
    }
    nlohmann::json params = params_;
    for (const auto& [key, text] : step_.spec.param_templates) {
      params[key] = expand_at(scan_.tree, text, step_.spec.each, node);
    }
    std::vector<wfr::MadeNames> names;
    try {
      names = kernel_.discover(params, inputs);
    } catch (const std::exception& error) {
      report(Kind::KernelRefusesInput,
             step_.command_span,
             fmt::format("`{}` cannot say what it will make in `{}`: {}",
                         step_.spec.name,
                         visible(directory),
                         visible(as_given(error.what()))),
             "repair or move away the input: its header names the directories");
      return {};
    }
    if (!check_names(names, directory)) return {};
    std::sort(names.begin(), names.end());
    return names;
  }

  void report_rest() {
    if (reports_ <= kReportedAtMost) return;
    scan_.sink.report(
        last_kind_,
        step_.command_span,
        fmt::format("{} more directories have the same problem", reports_ - kReportedAtMost));
  }

 private:
  bool add_input(std::size_t index,
                 wfr::Ordinal node,
                 const std::string& directory,
                 std::vector<std::string>& inputs) {
    const wfr::InputSpec& input = step_.spec.inputs[index];
    const LevelId each = step_.spec.each;
    const std::string text = expand_at(scan_.tree, input.path, each, node);
    const std::string below_root = scan_.tree.directory(each, node);
    if (input.glob) {
      const std::string pattern =
          path_from(escape_glob(below_root), expand_at(scan_.tree, input.path, each, node, true));
      const std::vector<std::string> found = glob_paths(root_, pattern);
      for (const std::string& path : found) inputs.push_back(at_root(path));
      if (!found.empty()) return true;
    } else {
      inputs.push_back(at_root(path_from(below_root, text)));
      if (::access(inputs.back().c_str(), F_OK) == 0) return true;
    }
    report(Kind::DiscoverInputMissing,
           index < step_.input_spans.size() ? step_.input_spans[index] : step_.command_span,
           fmt::format("there is no `{}` in `{}`, so `{}` cannot say what it will make there",
                       visible(text),
                       visible(directory),
                       step_.spec.name),
           fmt::format("put the file there, or leave the directory out with `where` of `{}`",
                       step_.spec.name));
    return false;
  }

  // Without the links that lead to the root: a kernel follows none of another user's.
  [[nodiscard]] std::string at_root(const std::string& path) const {
    return join_path(root_.physical.string(), path);
  }

  // What a kernel says, with the root as the user has written it.
  [[nodiscard]] std::string as_given(std::string text) const {
    const std::string physical = root_.physical.string() + "/";
    for (std::size_t at = 0; (at = text.find(physical, at)) != std::string::npos;) {
      const std::string given = root_.path.empty() || root_.path == "." ? "" : root_.path + "/";
      text.replace(at, physical.size(), given);
      at += given.size();
    }
    return text;
  }

  bool check_names(const std::vector<wfr::MadeNames>& names, const std::string& directory) {
    const bool good = std::all_of(names.begin(), names.end(), [this](const auto& tuple) {
      return tuple.size() >= levels_ && std::all_of(tuple.begin(), tuple.end(), is_directory_name);
    });
    if (!good) {
      report(Kind::KernelRefusesInput,
             step_.command_span,
             fmt::format("`{}` gives a name for `{}` that no directory can have",
                         kernel_.name,
                         visible(directory)),
             "this is a bug of the kernel: report it to its author");
    }
    return good;
  }

  void report(Kind kind, Span span, std::string message, std::string help) {
    last_kind_ = kind;
    if (++reports_ > kReportedAtMost) return;
    scan_.sink.report(kind, span, std::move(message), std::move(help));
  }

  ScanState& scan_;
  const DataRoot root_;
  const StepDef& step_;
  const wfr::KernelDecl& kernel_;
  std::size_t levels_;
  nlohmann::json params_;
  std::size_t reports_ = 0;
  Kind last_kind_ = Kind::DiscoverInputMissing;
};

}  // namespace

void Discovery::report_unknown(const StepDef& step, const LevelDef& level) {
  scan_.sink.report(
      Kind::MadeNamesUnknown,
      level.source_span,
      fmt::format("`{}` has no `inputs` that tell which directories of level `{}` it will make",
                  step.spec.name,
                  level.name),
      fmt::format("give it `inputs`, or list the names with `values` at level `{}`", level.name));
}

bool Discovery::check_levels(const StepDef& step,
                             const wfr::KernelDecl& kernel,
                             const MadeByStep& made) {
  LevelId above = step.spec.each;
  for (std::size_t i = 0; i < made.levels.size(); ++i) {
    const LevelDef& level = scan_.workflow.level(made.levels[i]);
    if (level.under == above && i < kernel.makes.size()) {
      above = made.levels[i];
      continue;
    }
    std::string makes;
    for (const std::string_view name : kernel.makes) {
      makes += fmt::format("{}`{}`", makes.empty() ? "" : ", ", name);
    }
    scan_.sink.report(
        Kind::KernelLevels,
        level.span,
        fmt::format("`{}` does not make the directories of level `{}` here: {} makes {}, "
                    "one in the other, in the step's own directory",
                    step.spec.name,
                    level.name,
                    kernel.name,
                    makes),
        "let `each`, `under` and `made_by` follow what the kernel makes");
    return false;
  }
  return true;
}

void Discovery::discover(StepId id, const wfr::KernelDecl& kernel, MadeByStep& made) {
  const StepDef& step = scan_.workflow.step(id);
  wfr::Storage storage;
  const wfr::InstanceSet tasks = step_instances(step, scan_.tree, storage);
  Asking asking(scan_, step, kernel, made.levels.size());
  for (wfr::TaskIndex task = 0; task < tasks.count; ++task) {
    const wfr::Ordinal node = tasks.node_at(task);
    made.by_node[node] = asking.ask(node);
  }
  asking.report_rest();
}

const MadeByStep& Discovery::names_of(StepId id, const LevelDef& level) {
  const auto [at, is_new] = made_.try_emplace(id);
  MadeByStep& made = at->second;
  if (!is_new) return made;
  const StepDef& step = scan_.workflow.step(id);
  for (std::size_t i = 1; i < scan_.workflow.levels.size(); ++i) {
    if (scan_.workflow.levels[i].made_by == id) {
      made.levels.push_back(LevelId{static_cast<std::uint16_t>(i)});
    }
  }
  made.by_node.resize(scan_.tree.level(step.spec.each).size());
  const wfr::KernelDecl* const kernel =
      step.spec.command == wfr::CommandKind::Kernel ? wfr::find_kernel(step.spec.kernel) : nullptr;
  const bool declares = kernel != nullptr && kernel->discover != nullptr;
  if (!declares || step.spec.inputs.empty()) {
    report_unknown(step, level);
  } else if (check_levels(step, *kernel, made)) {
    discover(id, *kernel, made);
  }
  return made;
}

void Discovery::offer_made(LevelBuilder& builder) {
  const LevelDef& level = builder.def();
  const StepId id = level.made_by.value();
  const LevelId each = scan_.workflow.step(id).spec.each;
  const MadeByStep& made = names_of(id, level);
  const auto position = static_cast<std::size_t>(
      std::find(made.levels.begin(), made.levels.end(), builder.id()) - made.levels.begin());
  const std::uint32_t parents = scan_.tree.level(level.under).size();
  const bool below = scan_.tree.is_at_or_above(each, level.under);
  wfr::Storage storage;
  const wfr::InstanceSet tasks = step_instances(scan_.workflow.step(id), scan_.tree, storage);
  for (wfr::Ordinal parent = 0; parent < parents; ++parent) {
    if (below) {
      // The names from the step's directory down to this parent.
      wfr::MadeNames prefix;
      wfr::Ordinal node = parent;
      for (LevelId at = level.under; at != each; at = scan_.tree.level(at).under) {
        prefix.emplace_back(scan_.tree.level(at).names.at(node));
        node = scan_.tree.level(at).parent[node];
      }
      std::reverse(prefix.begin(), prefix.end());
      const std::vector<wfr::MadeNames>& names = made.by_node[node];
      auto tuple = std::lower_bound(names.begin(), names.end(), prefix);
      const std::string* last = nullptr;
      for (; tuple != names.end() && std::equal(prefix.begin(), prefix.end(), tuple->begin());
           ++tuple) {
        const std::string& name = (*tuple)[position];
        const bool repeated = last != nullptr && *last == name;
        if (!repeated && builder.filter().matched(name)) builder.offer(name);
        last = &name;
      }
    }
    const bool wanted =
        below && tasks.contains(scan_.tree.ancestor(level.under, parent, tasks.level));
    builder.close_parent(parent, wanted);
  }
}

}  // namespace wfc
