// Reads `[partitions.NAME]`, key by key over all tables of a site.
#include "compiler/workflow/partitions.hpp"

#include "compiler/workflow/values.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace wfc {
namespace {

// What one table says of a partition, only where nothing of higher priority has said it.
class PartitionReader {
 public:
  PartitionReader(Context& context, const ast::Table& table) : context_(context), table_(table) {}

  void read(Partition& partition) {
    take("max_time", partition.max_time_s, seconds_of);
    take("max_mem", partition.max_mem_mb, megabytes_of);
    take("max_cpus", partition.max_cpus, megabytes_of);  // a plain number
    take("max_nodes", partition.max_nodes, megabytes_of);
    if (!partition.gpus) read_gpus(partition);
  }

  [[nodiscard]] std::optional<bool> is_default() const {
    const ast::Entry* entry = table_.find("default");
    const bool* flag = entry == nullptr ? nullptr : as_flag(entry->value);
    return flag == nullptr ? std::nullopt : std::optional<bool>(*flag);
  }

 private:
  template <class Number>
  void take(std::string_view key,
            Number& into,
            std::optional<std::uint64_t> (*value_of)(const ast::Value&)) {
    const ast::Entry* entry = table_.find(key);
    if (entry == nullptr || into != 0) return;
    into = static_cast<Number>(value_of(entry->value).value_or(0));
  }

  void read_gpus(Partition& partition) {
    const ast::Entry* entry = table_.find("gpus");
    if (entry == nullptr) return;
    partition.gpus.emplace();
    for (const ast::Value* value : texts_of(entry->value)) {
      const std::string& text = *as_text(*value);
      const std::size_t colon = text.rfind(':');
      const std::string digits = colon == std::string::npos ? text : text.substr(colon + 1);
      std::uint32_t count = 0;
      const char* end = digits.data() + digits.size();
      const auto read = std::from_chars(digits.data(), end, count);
      if (read.ec != std::errc() || read.ptr != end || count == 0) {
        context_.report(Kind::BadUnit,
                        value->span,
                        fmt::format("`{}` does not say how many GPUs a node has", text),
                        "write a count, or TYPE:COUNT as \"a100:4\"");
        continue;
      }
      partition.gpus->emplace_back(colon == std::string::npos ? "" : text.substr(0, colon), count);
    }
  }

  Context& context_;
  const ast::Table& table_;
};

}  // namespace

std::vector<Partition> read_partitions(Context& context, const Layers& layers) {
  std::vector<Partition> partitions;
  std::vector<std::optional<bool>> defaults;
  for (const ast::Entry* entry : layers.all("partitions")) {
    const ast::Table* tables = as_table(entry->value);
    if (tables == nullptr) continue;
    for (const ast::Entry& named : tables->entries) {
      const ast::Table* table = as_table(named.value);
      if (table == nullptr) continue;
      auto found =
          std::find_if(partitions.begin(), partitions.end(), [&](const Partition& partition) {
            return partition.name == named.key;
          });
      if (found == partitions.end()) {
        Partition partition;
        partition.name = named.key;
        partition.span = named.key_span;
        partitions.push_back(std::move(partition));
        defaults.emplace_back();
        found = partitions.end() - 1;
      }
      PartitionReader reader(context, *table);
      reader.read(*found);
      std::optional<bool>& is_default =
          defaults[static_cast<std::size_t>(found - partitions.begin())];
      if (!is_default) is_default = reader.is_default();
    }
  }
  // A cluster has one default: that of the table with the highest priority.
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    if (defaults[i].value_or(false)) {
      partitions[i].is_default = true;
      break;
    }
  }
  return partitions;
}

}  // namespace wfc
