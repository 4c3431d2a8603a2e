// A checked workflow: names bound to ids, values typed, units parsed, site applied.
#pragma once

#include "compiler/diagnostics/source.hpp"
#include "compiler/workflow/site.hpp"
#include "runtime/plan/step.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace wfc {

using wfr::LevelId;
using wfr::StepId;

using ParamValue = std::variant<bool, std::int64_t, double, std::string>;
struct Param {
  std::string name;
  ParamValue value;
  Span span;
};

enum class LevelSource : std::uint8_t { Match, Values, File };

struct LevelDef {  // [0] is the root, with no source
  std::string name;
  LevelId under{};
  LevelSource source = LevelSource::Match;
  std::string match;                 // glob, or /regex/ with its slashes
  std::vector<std::string> values;   // ranges expanded, in the order written
  std::string file;                  // sample sheet, relative to the workflow file
  std::string column;                // of a CSV; "" for lines
  std::vector<std::string> header;   // of a CSV: the names of all its columns
  std::vector<std::string> columns;  // those but `column` that the workflow names anywhere: a sheet
                                     // may have many that nobody uses
  std::vector<std::vector<std::string>>
      rows;  // file: row[0] is the name, then `columns`; parents' names if given in a column named
             // as the parent level
  std::shared_ptr<const SourceFile> sheet;  // file: what was read; null for the other sources
  std::vector<std::uint32_t> lines;         // parallel to `rows`: 1-based, where each begins
  std::vector<std::size_t> fields;          // of a CSV: which field of a record each cell is
  std::vector<std::string> only;            // globs or /regex/
  std::vector<std::string> exclude;
  std::optional<StepId> made_by;
  Span span;
  Span source_span;  // of match/values/file
};

// How tasks are put into Slurm jobs: `[jobs]`. A step's own keys go over it.
struct JobsDef {
  std::optional<LevelId> per;       // one job runs every task below one directory of this level
  std::optional<LevelId> split;     // one job array for each directory of this level
  std::uint32_t pack = 0;           // directories in one job; 0: not asked for
  std::uint64_t target_time_s = 0;  // pack until a job is expected to take this long; 0: not asked
  bool fuse = false;                // chains of steps of one level become one job
  std::uint32_t cpus = 0;           // of one job, as are the next two; 0: computed
  std::uint64_t mem_mb = 0;
  std::uint64_t time_s = 0;
  Span span;
  Span per_span;
  Span split_span;
  Span pack_span;  // of pack or target_time: at most one of the two is set
  Span fuse_span;
  Span cpus_span;
};

// The bytes of one field of a sheet: lines and columns as in Span.
struct FieldPlace {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::uint32_t end_line = 0;
  std::uint32_t end_column = 0;
};

// `pairs = FILE` of a need: which task needs which, as directories relative to the root.
struct PairsDef {
  struct Field {
    std::string directory;
    FieldPlace place;
  };
  struct Row {
    Field from;  // a task of the needed step
    Field to;    // the task that needs it
  };
  std::string file;  // as written
  std::shared_ptr<const SourceFile> source;
  std::vector<Row> rows;
  Span span;  // of the file's name in the workflow

  [[nodiscard]] Span span_of(const FieldPlace& place) const {
    return {source.get(), place.line, place.column, place.end_line, place.end_column};
  }
};

// One need or after entry.
struct NeedDef {
  StepId step{};
  std::string name;
  std::optional<LevelId> via;
  std::shared_ptr<const PairsDef> pairs;  // not null: only these tasks are related
  bool data = true;                       // `needs`; false: `after`
  bool optional = false;                  // "sort?"
  bool implied = false;                   // from an input equal to another step's output
  bool by_path = false;                   // from the paths of single tasks, found by expand
  Span span;
};

// Keep the tasks whose directory at `level` has a name that matches one of `patterns`.
struct WhereDef {
  LevelId level{};
  std::string column;  // "" for the name
  std::vector<std::string> patterns;
  Span span;
};

struct StepDef {
  wfr::StepSpec
      spec;  // what the plan carries; `needs[].edge` and `inputs[].made_by_edge` are set by expand
  std::vector<NeedDef> needs;  // explicit and implied, in this order; parallel to spec.needs
  std::vector<WhereDef> where;
  SlurmKeys
      slurm;  // the step's own over its site's over [defaults]; so are resources and environment
  std::optional<LevelId> job_level;   // `job = LEVEL`, over `[jobs] per`; at or above spec.each
  std::optional<std::uint32_t> pack;  // this or the next, over those of `[jobs]`
  std::optional<std::uint64_t> target_time_s;
  std::optional<bool> fuse;
  bool temp = false;  // asked for; whether it is so: spec.in_scratch
  Span temp_span;
  double estimate_s = 0;            // expected time of one task; 0: not known
  double rate_mb_s = 0;             // megabytes of inputs that a task gets through in a second, for
                                    // a step without an estimate; 0: not given
  Span rate_span;                   // unknown: not the step's own
  Span job_span, pack_span;         // of `job`, of `pack` or `target_time`; unknown: not given
  std::vector<std::string> locked;  // keys whose value is that of resources.lock.toml: "mem", ...
  bool dropped =
      false;  // `when` is false, or it needs a dropped step; stays in the list to keep ids
  Span span;  // of the [[step]] header
  Span name_span, command_span, each_span;
  std::vector<Span> input_spans, output_spans;  // parallel to spec.inputs, spec.outputs
  // Parallel to spec.inputs: the entry of `needs` that makes it (its template equals one of that
  // step's outputs), else kNone.
  std::vector<std::uint32_t> input_needs;
};

// What the verdict's job asks for, and a finalizer where its step says nothing: `[site.X.verdict]`,
// then the site, [defaults], and what all steps share. Sizes are only those of `[site.X.verdict]`.
struct ClosingDef {
  SlurmKeys slurm;
  wfr::ResourceSpec asked;
};

// `[workflow] mail`: one message when a run of the workflow has ended.
struct MailDef {
  std::string to;             // "": none
  bool only_failure = false;  // `on` names nothing but "failure"
};

struct Workflow {
  std::string name;
  std::string root;            // as written, relative to the workflow file's directory, or absolute
  std::filesystem::path file;  // the workflow file, as given
  std::vector<Param> params;
  std::vector<LevelDef> levels;  // [0] is the root
  std::vector<StepDef> steps;    // by StepId, in file order
  std::vector<StepId> order;     // topological, without dropped steps; finalizers last
  JobsDef jobs;
  Site site;
  ClosingDef closing;
  MailDef mail;
  bool content = false;  // compare = "content" for all files that do not say otherwise
  Span span;
  Span root_span;  // of the value of `root`; of the table where there is none

  [[nodiscard]] const LevelDef& level(LevelId id) const { return levels[wfr::index_of(id)]; }
  [[nodiscard]] const StepDef& step(StepId id) const { return steps[wfr::index_of(id)]; }
};

}  // namespace wfc
