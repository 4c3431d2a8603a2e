// The keys that only Slurm needs: read, and checked for their form.
#include "compiler/workflow/slurm_keys.hpp"

#include "compiler/workflow/values.hpp"

#include <algorithm>
#include <cctype>
#include <map>

#include <fmt/format.h>

namespace wfc {
namespace {

// No Slurm name or expression has white space or control characters.
void check_form(Context& context,
                std::string_view key,
                const ast::Value& value,
                const std::string& text) {
  const bool bad = text.empty() || text.front() == '-' ||
                   std::any_of(text.begin(), text.end(), [](unsigned char byte) {
                     return byte <= 0x20U || byte == 0x7FU;
                   });
  if (!bad) return;
  context.report(Kind::BadName,
                 value.span,
                 fmt::format("`{}` cannot be a value of `{}`", text, key),
                 text.empty() ? "leave the key out to request nothing"
                              : "it has no white space and does not begin with `-`");
}

void take(Context& context, const Layers& layers, std::string_view key, std::string& into) {
  const ast::Entry* entry = layers.find(key);
  if (entry == nullptr) return;
  std::vector<std::string> parts;
  for (const ast::Value* value : texts_of(entry->value)) {
    check_form(context, key, *value, *as_text(*value));
    parts.push_back(*as_text(*value));
  }
  into = fmt::format("{}", fmt::join(parts, ","));
}

// Options that wfc writes itself, or that have a key, with what to do instead; by their long names.
const std::map<std::string_view, std::string_view>& own_options() {
  constexpr std::string_view kOwn = "wfc sets it itself";
  constexpr std::string_view kPrints = "sbatch would print something, and submit nothing";
  constexpr std::string_view kUser = "jobs belong to the user who calls submit.sh";
  static const std::map<std::string_view, std::string_view> options = {
      {"array", kOwn},
      {"dependency", kOwn},
      {"output", kOwn},
      {"error", kOwn},
      {"job-name", kOwn},
      {"chdir", kOwn},
      {"comment", kOwn},
      {"parsable", kOwn},
      {"hold", kOwn},
      {"wait", kOwn},
      {"wrap", kOwn},
      {"test-only", kOwn},
      {"open-mode", kOwn},
      {"requeue", kOwn},
      {"no-requeue", kOwn},
      {"kill-on-invalid-dep", kOwn},
      {"signal", kOwn},
      {"uid", kUser},
      {"gid", kUser},
      {"ignore-pbs", "the scripts have no `#PBS` lines"},
      {"help", kPrints},
      {"usage", kPrints},
      {"version", kPrints},
      {"cpus-per-task", "use the key `cpus`"},
      {"cpus-per-gpu", "use the key `cpus`: Slurm takes only one of the two"},
      {"mem", "use the key `mem`"},
      {"mem-per-cpu", "use the key `mem_per_cpu`"},
      {"tmp", "use the key `scratch`"},
      {"time", "use the key `time`"},
      {"time-min", "use the key `time`: Slurm would give jobs less time than their tasks need"},
      {"nodes", "use the key `nodes`"},
      {"ntasks", "use the key `tasks`"},
      {"ntasks-per-node", "use the key `tasks_per_node`"},
      {"partition", "use the key `partition`"},
      {"account", "use the key `account`"},
      {"qos", "use the key `qos`"},
      {"constraint", "use the key `constraint`"},
      {"reservation", "use the key `reservation`"},
      {"exclude", "use the key `exclude`"},
      {"nodelist", "use the key `nodelist`"},
      {"licenses", "use the key `licenses`"},
      {"nice", "use the key `nice`"},
      {"begin", "use the key `begin`"},
      {"gpus", "use the key `gpus`"},
      {"export", "use the key `export` of the site"},
      {"export-file", "use the key `env`"},
  };
  return options;
}

const std::map<char, std::string_view>& long_names() {
  static const std::map<char, std::string_view> names = {
      {'a', "array"},         {'d', "dependency"}, {'o', "output"},        {'e', "error"},
      {'J', "job-name"},      {'D', "chdir"},      {'H', "hold"},          {'W', "wait"},
      {'c', "cpus-per-task"}, {'t', "time"},       {'N', "nodes"},         {'n', "ntasks"},
      {'p', "partition"},     {'A', "account"},    {'q', "qos"},           {'C', "constraint"},
      {'x', "exclude"},       {'w', "nodelist"},   {'L', "licenses"},      {'b', "begin"},
      {'G', "gpus"},          {'M', "clusters"},   {'s', "oversubscribe"}, {'h', "help"},
      {'V', "version"}};
  return names;
}

// The key that a raw option would contradict, where the step or its site has one.
std::string_view contradicted_key(const Layers& layers, const std::string& option) {
  const std::string name = option_name(option);
  const auto has = [&](std::string_view key) { return layers.find(key) != nullptr; };
  if (asks_for_gpus(option) && has("gpus")) return "gpus";
  if (name == "mem-per-gpu") return has("mem") ? "mem" : has("mem_per_cpu") ? "mem_per_cpu" : "";
  const ast::Entry* exclusive = layers.find("exclusive");
  const bool* flag = exclusive == nullptr ? nullptr : as_flag(exclusive->value);
  return name == "oversubscribe" && flag != nullptr && *flag ? "exclusive" : "";
}

void report_refused(Context& context, const ast::Value& value, std::string_view help) {
  const std::string& option = *as_text(value);
  // As it is written: "-p", "--partition".
  const std::string name =
      option.starts_with("--") ? option.substr(0, option.find_first_of("= ")) : option.substr(0, 2);
  context.report(Kind::RawOption,
                 value.span,
                 fmt::format("`{}` cannot be given in `sbatch`", name),
                 std::string(help));
}

// False, with a report, for what wfc writes itself and what would contradict something else.
bool check_raw_option(Context& context,
                      const Layers& layers,
                      const ast::Value& value,
                      const std::map<std::string, const ast::Value*>& before) {
  const std::string& option = *as_text(value);
  const std::string name = option_name(option);
  const auto own = own_options().find(name);
  if (own != own_options().end()) {
    report_refused(context, value, own->second);
    return false;
  }
  // `--exclusive=user` is something else.
  if (name == "exclusive" && option_value(option).empty()) {
    report_refused(context, value, "use the key `exclusive`");
    return false;
  }
  const std::string_view key = contradicted_key(layers, option);
  if (!key.empty()) {
    context.report({Kind::RawOption,
                    value.span,
                    fmt::format("`{}` contradicts the key `{}`", option, key),
                    "keep one of them: the key, or the option in `sbatch`",
                    {{layers.find(key)->key_span, "asked for here"}}});
    return false;
  }
  const auto first = before.find(name);
  if (first == before.end() || name == "gres") return true;
  context.report({Kind::RawOption,
                  value.span,
                  fmt::format("`--{}` is given twice, and Slurm takes only the last", name),
                  "keep one of them",
                  {{first->second->span, "the first"}}});
  return false;
}

// The resources of a list for --gres, without their counts: "gpu:a100" of "gres/gpu:a100:2".
std::vector<std::string> resources_in(std::string list) {
  std::vector<std::string> names;
  while (!list.empty()) {
    std::string name = list.substr(0, list.find(','));
    list.erase(0, name.size() + 1);
    if (name.starts_with("gres/") || name.starts_with("gres:")) name.erase(0, 5);
    const std::size_t colon = std::min(name.find_last_of(":="), name.size());
    const bool counted =
        colon + 1 < name.size() && std::isdigit(static_cast<unsigned char>(name[colon + 1])) != 0;
    names.push_back(counted ? name.substr(0, colon) : name);
  }
  return names;
}

// False, with a report, when the list for --gres names what it or an earlier one has named.
bool check_resources(Context& context,
                     const ast::Value& value,
                     std::map<std::string, const ast::Value*>& seen) {
  for (const std::string& resource : resources_in(option_value(*as_text(value)))) {
    const auto [first, fresh] = seen.emplace(resource, &value);
    if (fresh) continue;
    Diagnostic report{Kind::RawOption,
                      value.span,
                      fmt::format("`--gres` names `{}` twice", resource),
                      "name each resource once, with the count that the job needs",
                      {}};
    if (first->second != &value) report.labels.push_back({first->second->span, "the first"});
    context.report(std::move(report));
    return false;
  }
  return true;
}

void take_raw_options(Context& context, const Layers& layers, std::vector<std::string>& into) {
  const ast::Entry* entry = layers.find("sbatch");
  if (entry == nullptr) return;
  std::map<std::string, const ast::Value*> before;
  std::map<std::string, const ast::Value*> resources;  // of --gres
  std::size_t gres = 0;
  for (const ast::Value* value : texts_of(entry->value)) {
    const std::string& option = *as_text(*value);
    const bool control = std::any_of(option.begin(), option.end(), [](unsigned char byte) {
      return byte < 0x20U || byte == 0x7FU;
    });
    if (option.size() < 2 || option.front() != '-' || control) {
      context.report(Kind::RawOption,
                     value->span,
                     fmt::format("`{}` is not one option of sbatch", option),
                     "write each option as sbatch takes it, as \"--mail-type=END\"");
      continue;
    }
    if (!check_raw_option(context, layers, *value, before)) continue;
    // Of two lines with --gres Slurm takes the last: they become one.
    const bool is_gres = option_name(option) == "gres";
    if (is_gres && !check_resources(context, *value, resources)) continue;
    if (is_gres && before.contains("gres")) {
      into[gres] += "," + option_value(option);
      continue;
    }
    if (is_gres) gres = into.size();
    into.push_back(is_gres ? "--gres=" + option_value(option) : option);
    before.emplace(option_name(option), value);
  }
}

}  // namespace

std::string option_name(const std::string& option) {
  if (option.starts_with("--")) return option.substr(2, option.find_first_of("= ") - 2);
  const auto found = long_names().find(option[1]);
  return found == long_names().end() ? option.substr(0, 2) : std::string(found->second);
}

std::string option_value(const std::string& option) {
  std::size_t begin = 2;
  if (option.starts_with("--")) begin = std::min(option.find_first_of("= "), option.size());
  begin = option.find_first_not_of("= ", begin);
  return begin == std::string::npos ? std::string() : option.substr(begin);
}

bool asks_for_gpus(const std::string& option) {
  const std::string name = option_name(option);
  if (name.starts_with("gpus")) return true;
  if (name != "gres" && !name.starts_with("tres-per-")) return false;
  const std::string values = "," + option_value(option);
  return values.find(",gpu") != std::string::npos || values.find("gres/gpu") != std::string::npos ||
         values.find("gres:gpu") != std::string::npos;
}

SlurmKeys read_slurm_keys(Context& context, const Layers& layers) {
  SlurmKeys keys;
  take(context, layers, "partition", keys.partition);
  take(context, layers, "account", keys.account);
  take(context, layers, "qos", keys.qos);
  take(context, layers, "constraint", keys.constraint);
  take(context, layers, "reservation", keys.reservation);
  take(context, layers, "exclude", keys.exclude);
  take(context, layers, "nodelist", keys.nodelist);
  take(context, layers, "licenses", keys.licenses);
  take(context, layers, "begin", keys.begin);
  if (const ast::Entry* nice = layers.find("nice")) {
    if (const std::int64_t* value = as_integer(nice->value)) keys.nice = *value;
  }
  if (const ast::Entry* exclusive = layers.find("exclusive")) {
    if (const bool* flag = as_flag(exclusive->value)) keys.exclusive = *flag;
  }
  take_raw_options(context, layers, keys.sbatch);
  return keys;
}

void take_scratch(const Layers& layers, SlurmKeys& keys) {
  const ast::Entry* scratch = layers.find("scratch");
  if (scratch == nullptr) return;
  if (const auto size = megabytes_of(scratch->value)) {
    keys.sbatch.push_back(fmt::format("--tmp={}M", *size));
  }
}

}  // namespace wfc
