// The paths of declared outputs, written out for every task, and found by the directories above.
#include "compiler/graph/made_paths.hpp"

#include "compiler/graph/name_pattern.hpp"
#include "compiler/tree/paths.hpp"

#include <algorithm>
#include <string_view>
#include <tuple>
#include <utility>

#include <fmt/format.h>
#include <xxhash.h>

namespace wfc {

namespace {

using wfr::Ordinal;
using wfr::PieceKind;

void add_piece(const wfr::Tree& tree,
               const wfr::Piece& piece,
               std::pair<LevelId, Ordinal> at,
               bool glob,
               std::string& text) {
  if (piece.kind == PieceKind::Text) {
    text += piece.text;
    return;
  }
  const wfr::Level& level = tree.level(piece.level);
  const Ordinal there = tree.ancestor(at.first, at.second, piece.level);
  const std::string_view value = piece.kind == PieceKind::LevelName
                                     ? level.names.at(there)
                                     : level.columns[piece.column].values.at(there);
  if (glob) {
    text += escape_glob(value);
  } else {
    text += value;
  }
}

void add_name(std::string_view name, bool glob, ConcretePath& path) {
  if (name.empty() || name == ".") return;
  if (name == "..") {
    if (!path.components.empty()) path.components.pop_back();
    path.literal = std::min(path.literal, path.components.size());
    return;
  }
  const bool plain = path.is_literal() && !(glob && has_glob_sign(name));
  path.components.push_back(glob && plain ? without_escapes(name) : std::string(name));
  if (plain) path.literal = path.components.size();
}

bool may_be_one_name(const ConcretePath& a, std::size_t i, const ConcretePath& b, std::size_t j) {
  if (i < a.literal && j < b.literal) return a.components[i] == b.components[j];
  const auto pattern = [](const ConcretePath& path, std::size_t at) {
    return at < path.literal ? NamePattern::of_name(path.components[at])
                             : NamePattern::of_glob(path.components[at]);
  };
  return pattern(a, i).overlaps(pattern(b, j));
}

bool is_any_depth(const ConcretePath& path, std::size_t i) {
  return i >= path.literal && path.components[i] == "**";
}

bool has_any_depth(const ConcretePath& path) {
  for (std::size_t i = path.literal; i < path.components.size(); ++i) {
    if (is_any_depth(path, i)) return true;
  }
  return false;
}

// may_begin_alike() from component i of `a` and j of `b` on. `**` takes no name or one more.
bool may_go_on_alike(const ConcretePath& a, std::size_t i, const ConcretePath& b, std::size_t j) {
  const bool a_ends = i == a.components.size();
  const bool b_ends = j == b.components.size();
  if (a_ends && b_ends) return true;
  if (a_ends && !is_any_depth(b, j)) return !a.file;
  if (b_ends && !is_any_depth(a, i)) return !b.file;
  if (!a_ends && is_any_depth(a, i)) {
    return may_go_on_alike(a, i + 1, b, j) || (!b_ends && may_go_on_alike(a, i, b, j + 1));
  }
  if (!b_ends && is_any_depth(b, j)) {
    return may_go_on_alike(a, i, b, j + 1) || (!a_ends && may_go_on_alike(a, i + 1, b, j));
  }
  return may_be_one_name(a, i, b, j) && may_go_on_alike(a, i + 1, b, j + 1);
}

}  // namespace

std::string ConcretePath::text() const {
  std::string text = fmt::format("{}", fmt::join(components, "/"));
  if (text.starts_with("//")) text.erase(0, 1);
  return text.empty() ? "." : text;
}

void add_components(std::string_view text, bool glob, ConcretePath& path) {
  for (std::size_t slash = text.find('/'); slash != std::string_view::npos;
       slash = text.find('/')) {
    add_name(text.substr(0, slash), glob, path);
    text.remove_prefix(slash + 1);
  }
  add_name(text, glob, path);
}

ConcretePath concrete_path(
    const wfr::Tree& tree, const SymbolicPath& path, LevelId at, Ordinal node, bool glob) {
  ConcretePath result;
  if (path.absolute) {
    result.components.emplace_back("/");
    result.literal = 1;
  }
  std::string text;
  for (const PathComponent& component : path.components) {
    text.clear();
    for (const wfr::Piece& piece : component) add_piece(tree, piece, {at, node}, glob, text);
    // A value from a sample sheet may hold slashes.
    add_components(text, glob, result);
  }
  return result;
}

bool may_begin_alike(const ConcretePath& a, const ConcretePath& b) {
  if (has_any_depth(a) || has_any_depth(b)) return may_go_on_alike(a, 0, b, 0);
  const std::size_t common = std::min(a.components.size(), b.components.size());
  // The last differ most often.
  for (std::size_t i = common; i-- > 0;) {
    if (!may_be_one_name(a, i, b, i)) return false;
  }
  return true;
}

bool may_be_read(const ConcretePath& made, const ConcretePath& read) {
  if (!may_begin_alike(made, read)) return false;
  const std::size_t length = made.components.size();
  const bool deep = has_any_depth(made) || has_any_depth(read);
  if (deep || length >= read.components.size()) return true;
  const bool two_patterns = made.literal < length && read.literal < length;
  return !made.file && !two_patterns;
}

void MadePaths::add(const std::vector<std::uint32_t>& outputs) {
  bool changed = false;
  for (const std::uint32_t output : outputs) {
    if (added_[output]) continue;
    added_[output] = true;
    changed = true;
    const OutputTemplate& made = outputs_[output];
    const LevelId fan = workflow_.step(made.step).spec.outputs[made.index].fan;
    const wfr::InstanceSet& tasks = graph_.tasks(made.step);
    const std::uint32_t nodes = graph_.tree.level(fan).size();
    for (Ordinal node = 0; node < nodes; ++node) {
      if (!tasks.contains(graph_.tree.ancestor(fan, node, tasks.level))) continue;
      MadePath entry{0, output, node};
      const ConcretePath at = path(entry);
      entry.hash = hashes(at)[at.literal];
      made_.push_back(entry);
    }
  }
  if (!changed) return;
  std::sort(made_.begin(), made_.end(), [](const MadePath& a, const MadePath& b) {
    return std::tie(a.hash, a.output, a.node) < std::tie(b.hash, b.output, b.node);
  });
}

ConcretePath MadePaths::path(const MadePath& made) const {
  const OutputTemplate& output = outputs_[made.output];
  const wfr::OutputSpec& spec = workflow_.step(output.step).spec.outputs[output.index];
  ConcretePath path = concrete_path(
      graph_.tree, output.path, spec.fan, made.node, spec.kind == wfr::OutputKind::Glob);
  path.file = spec.kind == wfr::OutputKind::File;
  return path;
}

wfr::Task MadePaths::task(const MadePath& made) const {
  const OutputTemplate& output = outputs_[made.output];
  const LevelId fan = workflow_.step(output.step).spec.outputs[output.index].fan;
  const wfr::InstanceSet& tasks = graph_.tasks(output.step);
  return {output.step, tasks.rank_of(graph_.tree.ancestor(fan, made.node, tasks.level))};
}

std::vector<std::uint64_t> MadePaths::hashes(const ConcretePath& path) {
  std::vector<std::uint64_t> hashes{0};
  for (std::size_t i = 0; i < path.literal; ++i) {
    const std::string& name = path.components[i];
    hashes.push_back(XXH3_64bits_withSeed(name.data(), name.size(), hashes.back() + 1));
  }
  return hashes;
}

std::span<const MadePath> MadePaths::with(std::uint64_t hash, std::uint32_t output) const {
  const auto less = [](const MadePath& a, const MadePath& b) {
    return std::tie(a.hash, a.output) < std::tie(b.hash, b.output);
  };
  const auto [begin, end] =
      std::equal_range(made_.begin(), made_.end(), MadePath{hash, output, 0}, less);
  return {begin, end};
}

std::span<const MadePath> MadePaths::with(std::uint64_t hash) const {
  const auto less = [](const MadePath& a, const MadePath& b) { return a.hash < b.hash; };
  const auto [begin, end] =
      std::equal_range(made_.begin(), made_.end(), MadePath{hash, 0, 0}, less);
  return {begin, end};
}

}  // namespace wfc
