// The keys that only Slurm needs: read, and checked for their form.
#include "compiler/workflow/slurm_keys.hpp"

#include "compiler/workflow/values.hpp"

#include <algorithm>
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
                 text.empty() ? "leave the key out to ask for nothing"
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

// Options that wfc writes itself, with what to do instead.
const std::map<std::string_view, std::string_view>& own_options() {
  constexpr std::string_view kOwn = "wfc sets it itself";
  static const std::map<std::string_view, std::string_view> options = {
      {"--array", kOwn},
      {"-a", kOwn},
      {"--dependency", kOwn},
      {"-d", kOwn},
      {"--output", kOwn},
      {"-o", kOwn},
      {"--error", kOwn},
      {"-e", kOwn},
      {"--job-name", kOwn},
      {"-J", kOwn},
      {"--chdir", kOwn},
      {"-D", kOwn},
      {"--comment", kOwn},
      {"--parsable", kOwn},
      {"--hold", kOwn},
      {"-H", kOwn},
      {"--wait", kOwn},
      {"-W", kOwn},
      {"--wrap", kOwn},
      {"--test-only", kOwn},
      {"--open-mode", kOwn},
      {"--requeue", kOwn},
      {"--no-requeue", kOwn},
      {"--kill-on-invalid-dep", kOwn},
      {"--signal", kOwn},
      {"--cpus-per-task", "use the key `cpus`"},
      {"-c", "use the key `cpus`"},
      {"--mem", "use the key `mem`"},
      {"--mem-per-cpu", "use the key `mem_per_cpu`"},
      {"--time", "use the key `time`"},
      {"-t", "use the key `time`"},
      {"--nodes", "use the key `nodes`"},
      {"-N", "use the key `nodes`"},
      {"--ntasks", "use the key `tasks`"},
      {"-n", "use the key `tasks`"},
      {"--ntasks-per-node", "use the key `tasks_per_node`"},
      {"--partition", "use the key `partition`"},
      {"-p", "use the key `partition`"},
      {"--account", "use the key `account`"},
      {"-A", "use the key `account`"},
      {"--qos", "use the key `qos`"},
      {"-q", "use the key `qos`"},
      {"--gpus", "use the key `gpus`"},
      {"-G", "use the key `gpus`"},
      {"--export", "use the key `export` of the site"},
  };
  return options;
}

void take_raw_options(Context& context, const Layers& layers, std::vector<std::string>& into) {
  const ast::Entry* entry = layers.find("sbatch");
  if (entry == nullptr) return;
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
    // "--name=value", "--name value", "-X value" or "-Xvalue".
    const bool is_long = option.substr(0, 2) == "--";
    const std::string name = option.substr(0, is_long ? option.find_first_of("= ") : 2);
    const auto own = own_options().find(name);
    if (own != own_options().end()) {
      context.report(Kind::RawOption,
                     value->span,
                     fmt::format("`{}` cannot be given in `sbatch`", name),
                     std::string(own->second));
      continue;
    }
    into.push_back(option);
  }
}

}  // namespace

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
  if (const ast::Entry* scratch = layers.find("scratch")) {
    if (const auto size = megabytes_of(scratch->value)) {
      keys.sbatch.push_back(fmt::format("--tmp={}M", *size));
    }
  }
  return keys;
}

}  // namespace wfc
