// Templates to commands: shell source, words, parameters. Every value is quoted.
#include "runtime/plan/any_piece.hpp"
#include "runtime/plan/expand.hpp"
#include "runtime/plan/expand_template.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace wfr {
namespace {

bool safe_in_shell(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("_-./:,@%+=").find(c) != std::string_view::npos;
}

// The words that one piece stands for in one task.
class Expander {
 public:
  Expander(const Plan& plan, Task task, const TaskContext& context)
      : plan_(plan), task_(task), step_(plan.step(task.step)), context_(context) {
    node_ = plan.graph.tasks(task.step).node_at(task.index);
  }

  [[nodiscard]] std::vector<std::string> words(const Piece& piece) const {
    switch (piece.kind) {
      case PieceKind::LevelDir:
        return {level_directory(piece.level)};
      case PieceKind::Need:
      case PieceKind::NeedOutput:
        return needed(piece);
      case PieceKind::NeedList:
        return {context_.need_lists.at(piece.need)};
      case PieceKind::Inputs:
        if (is_input_list(piece)) return {context_.input_list};
        return context_.inputs;
      case PieceKind::Outputs:
        return outputs(piece.output);
      case PieceKind::Cpus:
        return {std::to_string(context_.cpus)};
      case PieceKind::MemMb:
        return {std::to_string(context_.mem_mb)};
      case PieceKind::Scratch:
        return {context_.scratch};
      case PieceKind::Hostfile:
        return {context_.hostfile};
      case PieceKind::WorkflowDir:
        return {context_.workflow_dir};
      default:
        return {std::string(piece_text(plan_.graph.tree, piece, step_.each, node_))};
    }
  }

  [[nodiscard]] std::vector<std::string> needed(const Piece& piece) const {
    return needed_paths(plan_,
                        task_,
                        piece.need,
                        context_,
                        piece.kind == PieceKind::NeedOutput ? &piece.output : nullptr);
  }

  // What to say when the words of a command are too long for the system.
  [[noreturn]] void fail_too_long(const std::vector<Template>& templates, const char* what) const {
    std::string advice = "read the paths from a file instead of the command line";
    for (const Template& value : templates) {
      for (const Piece& piece : value.pieces) {
        if (piece.kind == PieceKind::Inputs && !is_input_list(piece)) {
          advice = "use {inputs.list}: a file that lists the paths of {inputs}";
        }
        if (piece.kind != PieceKind::Need && piece.kind != PieceKind::NeedOutput) continue;
        const std::string& name = step_.needs[piece.need].step_name;
        advice = fmt::format(
            "use {{needs.{}.list}}: a file that lists the paths of {{needs.{}}}", name, name);
      }
    }
    throw ExpandError(std::string(what) + " of " + task_name(plan_, task_) +
                      " is longer than the system takes (128 KiB for one word); " + advice);
  }

 private:
  [[nodiscard]] std::string level_directory(LevelId level) const {
    const Tree& tree = plan_.graph.tree;
    return join_path(context_.root.string(),
                     tree.directory(level, tree.ancestor(step_.each, node_, level)));
  }

  [[nodiscard]] std::vector<std::string> outputs(const std::string& name) const {
    if (name.empty()) return context_.outputs;
    std::vector<std::string> chosen;
    for (std::size_t i = 0; i < context_.outputs.size(); ++i) {
      if (context_.output_names.at(i) == name) chosen.push_back(context_.outputs[i]);
    }
    return chosen;
  }

  const Plan& plan_;
  Task task_;
  const StepSpec& step_;
  const TaskContext& context_;
  Ordinal node_ = 0;
};

bool is_many(const Piece& piece) {
  return piece.kind == PieceKind::Need || piece.kind == PieceKind::NeedOutput ||
         (piece.kind == PieceKind::Inputs && !is_input_list(piece)) ||
         piece.kind == PieceKind::Outputs;
}

// A word of `argv` in which text surrounds a placeholder: exactly one path fits in.
std::string mixed_word(const Expander& expander, const Template& word) {
  std::string text;
  for (const Piece& piece : word.pieces) {
    const std::vector<std::string> parts = expander.words(piece);
    if (is_many(piece) && parts.size() != 1) {
      throw ExpandError("a word of `argv` joins text with a placeholder that stands for " +
                        std::to_string(parts.size()) +
                        " paths; give the placeholder a word of its own");
    }
    text += parts.front();
  }
  return text;
}

}  // namespace

std::string shell_quote(std::string_view word) {
  // As the first word of a command "a=b" would be an assignment; after a dash '=' is only a letter.
  const bool assignment = !word.starts_with('-') && word.find('=') != std::string_view::npos;
  if (!word.empty() && !assignment && std::all_of(word.begin(), word.end(), safe_in_shell)) {
    return std::string(word);
  }
  std::string quoted = "'";
  for (const char c : word) {
    if (c == '\'') {
      quoted += "'\\''";
    } else if (c == '\r') {
      // sbatch refuses a script with a carriage return in it.
      quoted += "'$'\\r''";
    } else {
      quoted += c;
    }
  }
  quoted += '\'';
  return quoted;
}

std::string command_path(const Plan& plan,
                         Task task,
                         const TaskContext& context,
                         const std::string& path) {
  const std::string directory = task_directory(plan, task);
  const std::string inside = directory == "." ? "" : directory + "/";
  // Only downwards: from a directory that is a symbolic link, ".." leads elsewhere.
  const bool below = path.starts_with(inside) && !path.starts_with('/') &&
                     !path.starts_with("../") && path != ".." && path != ".";
  if (plan.step(task.step).scratch_cwd || !below) {
    return path == directory && !plan.step(task.step).scratch_cwd
               ? "."
               : join_path(context.root.string(), path);
  }
  std::string relative = path.substr(inside.size());
  return relative.starts_with('-') ? "./" + relative : relative;
}

namespace {

// The paths of {needs.STEP}, one after the other.
void visit_needed_paths(const Plan& plan,
                        Task task,
                        std::uint32_t need,
                        const TaskContext& context,
                        const std::string* output,
                        const std::function<void(const std::string&)>& use) {
  const NeedSpec& spec = plan.step(task.step).needs.at(need);
  if (spec.edge == kNone) return;
  const std::vector<OutputSpec>& specs = plan.step(spec.step).outputs;
  const bool in_scratch = plan.step(spec.step).in_scratch;
  const std::string root = in_scratch ? context.job_scratch : context.root.string();
  const auto seen = [&](const std::string& path) {
    return command_path(plan, task, context, in_scratch ? join_path(root, path) : path);
  };
  visit_needed_outputs(plan, spec, task, [&](const OutputPath& made) {
    if (output != nullptr && specs[made.spec].name != *output) return true;
    if (specs[made.spec].kind != OutputKind::Glob) {
      use(seen(made.path));
      return true;
    }
    std::optional<std::vector<std::string>> files;
    if (context.made) files = context.made(made);
    if (!files) files = resolve_glob(root, made.path);
    for (const std::string& file : *files) use(seen(file));
    return true;
  });
}

}  // namespace

std::vector<std::string> needed_paths(const Plan& plan,
                                      Task task,
                                      std::uint32_t need,
                                      const TaskContext& context,
                                      const std::string* output) {
  std::vector<std::string> paths;
  visit_needed_paths(plan, task, need, context, output, [&paths](const std::string& path) {
    paths.push_back(path);
  });
  return paths;
}

bool asks_for_list(const StepSpec& step, std::uint32_t need) {
  return any_piece(step, [&](const Piece& piece) {
    return piece.kind == PieceKind::NeedList && piece.need == need;
  });
}

bool is_input_list(const Piece& piece) {
  return piece.kind == PieceKind::Inputs && piece.output == "list";
}

std::string path_list(const std::vector<std::string>& paths) {
  const bool newline = std::any_of(paths.begin(), paths.end(), [](const std::string& path) {
    return path.find('\n') != std::string::npos;
  });
  std::string text;
  for (const std::string& path : paths) (text += path) += newline ? '\0' : '\n';
  return text;
}

std::string need_list(const Plan& plan, Task task, std::uint32_t need, const TaskContext& context) {
  // Paths with a newline are rare: only then they are all asked for once more.
  for (const char end : {'\n', '\0'}) {
    std::string text;
    bool newline = false;
    visit_needed_paths(plan, task, need, context, nullptr, [&](const std::string& path) {
      newline = newline || path.find('\n') != std::string::npos;
      text += path;
      text += end;
    });
    if (!newline || end == '\0') return text;
  }
  return {};
}

std::string expand_run(const Plan& plan, Task task, const TaskContext& context) {
  const Expander expander(plan, task, context);
  const StepSpec& step = plan.step(task.step);
  std::string source;
  for (const Piece& piece : step.run.pieces) {
    if (piece.kind == PieceKind::Text) {
      source += piece.text;
      continue;
    }
    bool first = true;
    for (const std::string& word : expander.words(piece)) {
      if (!first) source += ' ';
      first = false;
      source += shell_quote(word);
    }
  }
  if (source.size() > kLongestRun) {
    expander.fail_too_long({step.run}, "the command");
  }
  return source;
}

std::vector<std::string> expand_argv(const Plan& plan, Task task, const TaskContext& context) {
  const Expander expander(plan, task, context);
  const StepSpec& step = plan.step(task.step);
  std::vector<std::string> words;
  for (const Template& word : step.argv) {
    if (word.pieces.size() == 1 && is_many(word.pieces[0])) {
      for (std::string& path : expander.words(word.pieces[0])) words.push_back(std::move(path));
    } else {
      words.push_back(mixed_word(expander, word));
    }
  }
  // Half of what the system takes for words and environment together, pointers included.
  const long limit = ::sysconf(_SC_ARG_MAX);
  const std::size_t most = limit > 0 ? static_cast<std::size_t>(limit) / 2 : kLongestWord;
  std::size_t total = 0;
  for (const std::string& word : words) {
    if (word.size() > kLongestWord) expander.fail_too_long(step.argv, "a word of the command");
    total += word.size() + 1 + sizeof(char*);
  }
  if (total > most) expander.fail_too_long(step.argv, "the command");
  return words;
}

std::string expand_params(const Plan& plan, Task task, const TaskContext& context) {
  const StepSpec& step = plan.step(task.step);
  if (step.param_templates.empty()) return step.params_json;
  const Expander expander(plan, task, context);
  try {
    nlohmann::json params = nlohmann::json::parse(step.params_json);
    for (const auto& [key, value] : step.param_templates) params[key] = mixed_word(expander, value);
    return params.dump();
  } catch (const nlohmann::json::exception& error) {
    throw ExpandError("the parameters of " + task_name(plan, task) +
                      " cannot be given to a kernel: " + error.what());
  }
}

}  // namespace wfr
