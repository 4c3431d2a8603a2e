// Writes the lock with the numbers that it comes from.
#include "compiler/tune/lock_text.hpp"

#include "compiler/syntax/toml_text.hpp"
#include "compiler/tune/table.hpp"
#include "compiler/workflow/units.hpp"
#include "compiler/workflow/values.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace wfc {
namespace {

std::string setting(const char* key, const std::string& value, const std::string& why) {
  const std::string line = fmt::format("{:<8} = {}", key, toml_text(value));
  return why.empty() ? line + "\n" : fmt::format("{:<22}  # {}\n", line, why);
}

std::string tasks_text(std::size_t count) {
  return fmt::format("{} task{}", count, count == 1 ? "" : "s");
}

std::string entry_text(const std::string& name, const LockEntry& entry) {
  std::string text = fmt::format("\n[step.{}]\n", toml_key(name));
  const Proposal& proposal = entry.proposal;
  const StepUsage* usage = entry.usage;
  if (usage == nullptr) text += "# No record of it: as in the lock before.\n";
  if (proposal.mem_mb) {
    std::string why;
    if (usage != nullptr && usage->memory_mb.size() > 0) {
      why = fmt::format("{} used at most {}, half of them at most {}",
                        tasks_text(usage->memory_mb.size()),
                        memory_used_text(usage->memory_mb.max()),
                        memory_used_text(usage->memory_mb.quantile(0.5)));
    }
    text += setting("mem", memory_size_text(*proposal.mem_mb), why);
  }
  if (proposal.time_s) {
    std::string why;
    if (usage != nullptr && usage->wall_s.size() > 0) {
      why = fmt::format("{} took at most {}, 99 % at most {}, 90 % at most {}",
                        tasks_text(usage->wall_s.size()),
                        time_used_text(usage->wall_s.max()),
                        time_used_text(usage->wall_s.quantile(0.99)),
                        time_used_text(usage->wall_s.quantile(0.9)));
    }
    text += setting("time", fmt::format("{}m", *proposal.time_s / 60), why);
  }
  if (proposal.estimate_s) {
    text += setting("estimate",
                    fmt::format("{:.3f}s", std::max(*proposal.estimate_s, 0.001)),
                    usage != nullptr ? "half of them took at most this" : "");
  }
  if (usage != nullptr && usage->oom > 0) {
    text += fmt::format("# Out of memory: {} attempt{}, with up to {}\n",
                        usage->oom,
                        usage->oom == 1 ? "" : "s",
                        memory_used_text(usage->too_small_mb));
  }
  if (usage != nullptr && usage->timeouts > 0) {
    text += fmt::format("# Out of time: {} attempt{}, after up to {}\n",
                        usage->timeouts,
                        usage->timeouts == 1 ? "" : "s",
                        time_used_text(usage->too_short_s));
  }
  return text;
}

std::optional<double> duration_at(const ast::Table& table, std::string_view key) {
  const std::string* text = text_at(table, key);
  return text == nullptr ? std::nullopt : parse_duration(*text);
}

}  // namespace

std::map<std::string, Proposal> read_proposals(const ast::Document& lock) {
  std::map<std::string, Proposal> proposals;
  const ast::Entry* steps = lock.root.find("step");
  const ast::Table* tables = steps == nullptr ? nullptr : as_table(steps->value);
  if (tables == nullptr) return proposals;
  for (const ast::Entry& entry : tables->entries) {
    const ast::Table* table = as_table(entry.value);
    if (table == nullptr) continue;
    Proposal proposal;
    if (const ast::Entry* mem = table->find("mem")) proposal.mem_mb = megabytes_of(mem->value);
    if (const ast::Entry* time = table->find("time")) proposal.time_s = seconds_of(time->value);
    proposal.estimate_s = duration_at(*table, "estimate");
    if (!proposal.empty()) proposals[entry.key] = proposal;
  }
  return proposals;
}

Lock make_lock(const Workflow& workflow,
               const Usage& usage,
               const std::map<std::string, Proposal>& older) {
  Lock lock;
  for (const StepDef& step : workflow.steps) {
    const std::string& name = step.spec.name;
    const auto past = usage.find(name);
    if (past != usage.end()) {
      const Proposal proposal = propose(past->second, step.spec.resources);
      if (!proposal.empty()) {
        lock[name] = {proposal, &past->second};
        continue;
      }
    }
    auto before = older.find(name);
    if (before == older.end() && !step.spec.was.empty()) before = older.find(step.spec.was);
    if (before != older.end()) lock[name] = {before->second, nullptr};
  }
  return lock;
}

std::string lock_text(const Workflow& workflow, const Lock& lock) {
  std::string text =
      "# Written by `wfc tune`: what earlier runs have used. It goes over `mem` and `time` of the "
      "workflow;\n"
      "# --no-lock ignores it, and removing it forgets it.\n"
      "# mem: the largest peak x 1.2 (x 1.3 below 59 tasks, x 1.4 below 10), 1.5 x what was too "
      "little\n"
      "# time: 99 % of the tasks x 1.5 (x 2 below 10 tasks), the longest x 1.1, 2 x what was too "
      "short\n"
      "# estimate: the median\n";
  for (const StepDef& step : workflow.steps) {
    const auto entry = lock.find(step.spec.name);
    if (entry != lock.end()) text += entry_text(entry->first, entry->second);
  }
  return text;
}

}  // namespace wfc
