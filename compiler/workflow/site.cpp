// Chooses the site, merges its files and its [site.NAME], and reads what is the site's own.
#include "compiler/workflow/context.hpp"
#include "compiler/workflow/environment.hpp"
#include "compiler/workflow/keys.hpp"
#include "compiler/workflow/layers.hpp"
#include "compiler/workflow/partitions.hpp"
#include "compiler/workflow/shape.hpp"
#include "compiler/workflow/slurm_keys.hpp"
#include "compiler/workflow/values.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

namespace wfc {
namespace {

// The machine itself, and a cluster that nothing more is said of.
constexpr std::string_view kLocal = "local";
constexpr std::string_view kPlain = "slurm";

std::string file_site(const ast::Document& document) {
  return std::filesystem::path(document.source->name).stem().string();
}

const ast::Table* site_tables(const Context& context) {
  const ast::Entry* entry = context.document.root.find("site");
  return entry == nullptr ? nullptr : as_table(entry->value);
}

std::vector<std::string> written_sites(const Context& context) {
  std::vector<std::string> names;
  if (const ast::Table* sites = site_tables(context)) {
    for (const ast::Entry& entry : sites->entries) names.push_back(entry.key);
  }
  return names;
}

std::string choose(Context& context, Span& span) {
  if (!context.options.site.empty()) return context.options.site;
  if (const ast::Entry* workflow = context.document.root.find("workflow")) {
    const ast::Table* table = as_table(workflow->value);
    const std::string* site = table == nullptr ? nullptr : text_at(*table, "site");
    if (site != nullptr) {
      span = span_at(*table, "site", span);
      return *site;
    }
  }
  if (!context.options.sbatch_found) return std::string(kLocal);
  std::vector<std::string> names = written_sites(context);
  names.erase(std::remove(names.begin(), names.end(), kLocal), names.end());
  if (names.size() == 1) return names.front();
  if (names.size() > 1) {
    context.report(Kind::SiteNotChosen,
                   context.document.root.find("site")->key_span,
                   fmt::format("none of the sites `{}` is chosen: compiling for a plain Slurm",
                               fmt::join(names, "`, `")),
                   "choose one with --site NAME, or with [workflow] site = \"NAME\"");
  }
  return std::string(kPlain);
}

// Fills in context.site_tables. False when nothing says what the site is.
bool gather(Context& context, const std::string& name) {
  if (const ast::Table* sites = site_tables(context)) {
    if (const ast::Entry* entry = sites->find(name)) {
      if (const ast::Table* table = as_table(entry->value)) {
        context.site_tables.push_back(table);
        context.workflow.site.span = entry->key_span;
      }
    }
  }
  const auto& given = context.options.site_files;
  const std::vector<const ast::Document*> files(given.rbegin(), given.rend());
  for (const ast::Document* file : files) {
    if (file_site(*file) != name) continue;
    if (context.site_tables.empty()) {
      context.workflow.site.span = Span{file->source.get(), 1, 1, 1, 2};
    }
    context.site_tables.push_back(&file->root);
    check_table(file->root, context.workflow.site.span, site_keys(), context.sink);
  }
  return !context.site_tables.empty() || name == kLocal || name == kPlain;
}

void report_unknown(Context& context, const std::string& name, const Span& span) {
  std::vector<std::string> names = written_sites(context);
  for (const ast::Document* file : context.options.site_files) names.push_back(file_site(*file));
  names.emplace_back(kLocal);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::string help = did_you_mean(name, names);
  if (help.empty()) help = fmt::format("there are: {}", fmt::join(names, ", "));
  context.report(Kind::UnknownSite,
                 span,
                 span.known() ? fmt::format("there is no site `{}`", name)
                              : fmt::format("--site {}: there is no site `{}`", name, name),
                 std::move(help));
}

template <class Number>
void take_limit(const Layers& layers, std::string_view key, Number& into) {
  for (const ast::Entry* entry : layers.all("limits")) {
    const ast::Table* table = as_table(entry->value);
    const ast::Entry* limit = table == nullptr ? nullptr : table->find(key);
    if (limit == nullptr) continue;
    std::optional<std::uint64_t> value;
    if (key == "max_time") {
      value = seconds_of(limit->value);
    } else {
      value = megabytes_of(limit->value);  // also a plain number
    }
    if (value) into = static_cast<Number>(*value);
    return;
  }
}

void read_limits(const Layers& layers, Site& site) {
  take_limit(layers, "max_array_size", site.max_array_size);
  take_limit(layers, "max_job_count", site.max_job_count);
  take_limit(layers, "max_submit_jobs", site.max_submit_jobs);
  take_limit(layers, "max_submissions", site.max_submissions);
  take_limit(layers, "max_time", site.max_time_s);
  take_limit(layers, "max_mem", site.max_mem_mb);
  take_limit(layers, "max_cpus", site.max_cpus);
  take_limit(layers, "max_nodes", site.max_nodes);
  take_limit(layers, "correspond_after_task_cnt", site.correspond_after_task_cnt);
  take_limit(layers, "batch_sched_delay", site.batch_sched_delay_s);
  take_limit(layers, "bf_interval", site.bf_interval_s);
  take_limit(layers, "max_script_size", site.max_script_size);
}

// `gpus` and `mem_per_cpu` mean the site's own thing: Layers leaves them out.
const ast::Entry* own_entry(const Context& context, std::string_view key) {
  for (const ast::Table* table : context.site_tables) {
    if (const ast::Entry* entry = table->find(key)) return entry;
  }
  return nullptr;
}

const std::string* own_text(const Context& context, std::string_view key) {
  const ast::Entry* entry = own_entry(context, key);
  return entry == nullptr ? nullptr : as_text(entry->value);
}

void read_memory(Context& context, Site& site) {
  if (const ast::Entry* entry = own_entry(context, "mem_per_cpu")) {
    site.mem_per_cpu_mb = megabytes_of(entry->value).value_or(0);
  }
  const std::string* policy = own_text(context, "memory");
  if (policy == nullptr) return;
  if (*policy == "per_cpu") site.memory = MemoryPolicy::PerCpu;
  if (*policy == "cpus") site.memory = MemoryPolicy::Cpus;
  if (*policy == "none") site.memory = MemoryPolicy::None;
  if (site.memory == MemoryPolicy::Cpus && own_entry(context, "mem_per_cpu") == nullptr) {
    context.report(
        Kind::MemoryByCpus,
        own_entry(context, "memory")->value.span,
        fmt::format("site `{}` requests memory by cpus, but does not say how much comes with one",
                    site.name),
        R"(give the memory of one cpu, as mem_per_cpu = "4G": `sinfo -o "%n %c %m"` shows it)");
  }
}

}  // namespace

void resolve_site(Context& context) {
  Site& site = context.workflow.site;
  Span chosen_at;
  site.name = choose(context, chosen_at);
  if (!gather(context, site.name)) report_unknown(context, site.name, chosen_at);
  site.local = site.name == kLocal;
  for (const ast::Table* table : context.site_tables) {
    const ast::Entry* verdict = table->find("verdict");
    if (verdict == nullptr || as_table(verdict->value) == nullptr) continue;
    context.verdict_tables.push_back(as_table(verdict->value));
  }
  const Layers layers(context, nullptr);
  read_memory(context, site);
  if (const std::string* gpus = own_text(context, "gpus")) site.gpus = *gpus;
  if (const std::string* policy = own_text(context, "export")) site.export_policy = *policy;
  if (const ast::Entry* settle = own_entry(context, "settle")) {
    const std::int64_t* seconds = as_integer(settle->value);
    site.settle_s = seconds != nullptr
                        ? static_cast<std::uint64_t>(std::max<std::int64_t>(*seconds, 0))
                        : seconds_of(settle->value).value_or(site.settle_s);
  }
  if (const ast::Entry* price = own_entry(context, "price")) {
    site.price = amount_of(price->value).value_or(0);
  }
  read_limits(layers, site);
  site.partitions = read_partitions(context, layers);
  site.slurm = read_slurm_keys(context, layers);
  site.environment = read_environment(context, layers);
}

}  // namespace wfc
