// The paths of declared outputs, written out for every task, and found by the directories above.
#pragma once

#include "compiler/graph/checks.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wfc {

// From the data root, without "", "." and "..". An absolute path has "/" as its first component.
struct ConcretePath {
  std::vector<std::string> components;
  std::size_t literal = 0;  // so many are names, from there on they are globs
  bool file = false;        // nothing lies in it
  [[nodiscard]] bool is_literal() const { return literal == components.size(); }
  [[nodiscard]] std::string text() const;
};

// The path at a node of level `at`, which is at or below every level that it names.
ConcretePath concrete_path(
    const wfr::Tree& tree, const SymbolicPath& path, LevelId at, wfr::Ordinal node, bool glob);

// Adds what stands between the slashes of `text`, taking "." and ".." out.
void add_components(std::string_view text, bool glob, ConcretePath& path);

// True if the components of the shorter may be the first of the longer. A component `**` of a glob
// is any number of names.
bool may_begin_alike(const ConcretePath& a, const ConcretePath& b);
// Whether an input may be the output, lie in it or hold it. Nothing lies in a file; and where a
// pattern of inputs goes on below a directory, a pattern of outputs for that name means files.
bool may_be_read(const ConcretePath& made, const ConcretePath& read);

// One output at one node of its `fan`.
struct MadePath {
  std::uint64_t hash = 0;    // of the names before its first glob
  std::uint32_t output = 0;  // into the list of templates
  wfr::Ordinal node = 0;
};

// 16 bytes a path of the outputs that were asked for.
class MadePaths {
 public:
  MadePaths(const Workflow& workflow,
            const wfr::TaskGraph& graph,
            const std::vector<OutputTemplate>& outputs)
      : workflow_(workflow), graph_(graph), outputs_(outputs), added_(outputs.size()) {}

  // Whatever was added before is kept; what is there is sorted again. O(tasks log tasks).
  void add(const std::vector<std::uint32_t>& outputs);

  [[nodiscard]] const std::vector<MadePath>& all() const { return made_; }
  [[nodiscard]] ConcretePath path(const MadePath& made) const;
  // The task that makes it.
  [[nodiscard]] wfr::Task task(const MadePath& made) const;
  // The hashes of the first 0, 1, ... names of a path.
  static std::vector<std::uint64_t> hashes(const ConcretePath& path);
  // What has these names before its first glob.
  [[nodiscard]] std::span<const MadePath> with(std::uint64_t hash, std::uint32_t output) const;
  [[nodiscard]] std::span<const MadePath> with(std::uint64_t hash) const;

 private:
  const Workflow& workflow_;
  const wfr::TaskGraph& graph_;
  const std::vector<OutputTemplate>& outputs_;
  std::vector<bool> added_;  // by output
  std::vector<MadePath> made_;
};

}  // namespace wfc
