// The rows of a level's sheet by the directories above, where it has columns for them.
#pragma once

#include "compiler/tree/walk.hpp"
#include "compiler/workflow/workflow.hpp"

#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace wfc {

class SheetIndex {
 public:
  SheetIndex(const Workflow& workflow, const LevelDef& level);

  // The rows that belong below a parent.
  const std::vector<std::uint32_t>& rows_at(const wfr::Tree& tree, wfr::Ordinal parent);
  // Call it when all parents have been asked for. Reports the rows that belong below none, but for
  // those whose directories `only` and `exclude` have left out.
  void report_unused(ScanState& scan) const;

 private:
  struct Above {
    LevelId level{};
    std::size_t cell = 0;  // of a row
  };
  // What is wrong with a row that belongs below no parent: the cell; nullptr when nothing is.
  const Above* wrong_cell(const ScanState& scan, const std::vector<std::string>& row) const;

  const LevelDef& level_;
  std::vector<Above> above_;  // fine to coarse
  struct Rows {
    std::vector<std::uint32_t> rows;
    bool used = false;
  };
  std::unordered_map<std::string, Rows> rows_;
  std::vector<std::uint32_t> none_;
};

}  // namespace wfc
