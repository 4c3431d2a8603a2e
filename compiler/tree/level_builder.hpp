// One level under construction: names are offered parent by parent, sorted, and laid end to end.
#pragma once

#include "compiler/tree/pattern.hpp"
#include "compiler/workflow/workflow.hpp"
#include "runtime/plan/tree.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wfc {

// `match` (of a level that has one), `only` and `exclude`.
struct NameFilter {
  explicit NameFilter(const LevelDef& level);
  [[nodiscard]] bool matched(std::string_view name) const {
    return match.empty() || match.front().matches(name);
  }
  [[nodiscard]] bool trimmed(std::string_view name) const {
    return (!only.empty() && !matches_any(only, name)) || matches_any(exclude, name);
  }
  std::vector<Pattern> match;  // none or one
  std::vector<Pattern> only;
  std::vector<Pattern> exclude;
};

// Parents must be closed in ascending order, each once, until finish().
class LevelBuilder {
 public:
  LevelBuilder(LevelId id, const LevelDef& level);

  [[nodiscard]] LevelId id() const { return id_; }
  [[nodiscard]] const LevelDef& def() const { return level_; }
  [[nodiscard]] const NameFilter& filter() const { return filter_; }

  // A name below the parent that is open. Left out (and counted) when only/exclude say so. `row` is
  // the sample sheet's, for the values of its columns.
  void offer(std::string_view name, std::uint32_t row = wfr::kNone);
  // `wanted`: the parent was asked for children, so that having none is worth a note.
  void close_parent(wfr::Ordinal parent, bool wanted = true);

  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(parent_.size()); }
  [[nodiscard]] std::uint64_t trimmed() const { return trimmed_; }

  // A name that one parent was offered twice.
  struct Duplicate {
    std::string name;
    wfr::Ordinal parent = 0;
  };
  [[nodiscard]] const std::vector<Duplicate>& duplicates() const { return duplicates_; }

  // Parents that were offered nothing.
  struct Childless {
    std::uint32_t count = 0;
    std::vector<wfr::Ordinal> first;  // a few of them
  };
  [[nodiscard]] const Childless& childless() const { return childless_; }
  // Names that `only` or `exclude` give in full, and that were never offered.
  [[nodiscard]] const std::vector<std::string>& never_offered() const { return never_offered_; }
  // Some of the names that were left out.
  [[nodiscard]] const std::vector<std::string>& some_trimmed() const { return some_trimmed_; }
  // The names that were kept.
  [[nodiscard]] std::vector<std::string> some_kept() const;

  // The level, its arrays kept alive by `tree`, and the ranges of its parents' level.
  void finish(wfr::Tree& tree);

 private:
  struct Candidate {
    std::uint64_t key = 0;  // the eight bytes after the common prefix, for a fast first comparison
    std::uint32_t offset = 0;
    std::uint32_t length = 0;
    std::uint32_t row = 0;
  };
  [[nodiscard]] std::string_view name_of(const Candidate& candidate) const {
    return std::string_view(scratch_).substr(candidate.offset, candidate.length);
  }
  void sort_candidates();
  wfr::Names column_values(std::size_t column, wfr::Storage& storage) const;

  LevelId id_;
  const LevelDef& level_;
  NameFilter filter_;
  std::string scratch_;
  std::vector<Candidate> candidates_;
  std::vector<Duplicate> duplicates_;
  std::uint64_t trimmed_ = 0;
  std::size_t offered_ = 0;  // below the parent that is open
  Childless childless_;
  std::vector<std::string> never_offered_;
  std::vector<std::string> some_trimmed_;

  std::vector<std::uint64_t> name_begin_{0};
  std::vector<char> name_bytes_;
  std::vector<wfr::Ordinal> parent_;
  std::vector<std::uint32_t> child_begin_{0};
  std::vector<std::uint32_t> row_;  // by node; only for a sheet
};

}  // namespace wfc
