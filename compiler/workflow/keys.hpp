// Every key of the language with its type: read by `resolve`, which refuses what is not here, and
// by `wfc schema`, so that the two cannot differ.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace wfc {

enum class Shape : std::uint8_t {
  Text,
  Flag,
  Natural,  // 0, 1, 2 ...
  Count,    // 1, 2 ...
  Integer,
  Amount,   // a number, not negative
  Time,     // minutes, or "90s", "1h30m", "1-12:00:00"
  Seconds,  // seconds, or a text as a Time
  Memory,   // megabytes, or "4G"
  Growth,   // "x2"
  Gpus,     // a count, or "a100:2"
  TextList,
  TextOrList,
  Paths,         // a list of texts and tables
  NamedPaths,    // the same, or a table name -> text or table
  Condition,     // a bool, "{params.X}" or "!{params.X}"
  Needs,         // a list of texts and tables
  Where,         // a table LEVEL -> text or list, also LEVEL.COLUMN
  Variables,     // a table name -> text, number or bool
  Params,        // a table name -> bool, number or text
  KernelParams,  // a table of anything
  Table,         // of the keys in `table`
  TableList,     // [[...]]
  TableMap,      // a table of such tables, by any name
};

struct TableSpec;

struct KeySpec {
  std::string_view name;
  Shape shape = Shape::Text;
  std::string_view help;                       // one line, for editors
  std::vector<std::string_view> choices = {};  // of a Text or the texts of a list; empty: any
  const TableSpec* table = nullptr;  // Table, TableList, TableMap, Needs, Paths, NamedPaths
  bool required = false;
  std::string_view instead = {};  // not empty: not supported yet, and what to do instead
};

struct TableSpec {
  std::string_view title;  // "a step"
  std::vector<KeySpec> keys;
  [[nodiscard]] const KeySpec* find(std::string_view key) const;
};

const TableSpec& document_keys();
const TableSpec& workflow_keys();
const TableSpec& level_keys();
const TableSpec& step_keys();
const TableSpec& defaults_keys();
const TableSpec& jobs_keys();
const TableSpec& site_keys();
const TableSpec& need_keys();
const TableSpec& path_keys();
const TableSpec& retry_keys();
const TableSpec& limits_keys();
const TableSpec& partition_keys();
const TableSpec& verdict_keys();
const TableSpec& mail_keys();
// Of resources.lock.toml.
const TableSpec& lock_keys();

// What resources and environments a step, [defaults] and a site may say.
std::vector<KeySpec> common_keys();
// Those of them that become options of sbatch.
std::vector<KeySpec> slurm_keys();

}  // namespace wfc
