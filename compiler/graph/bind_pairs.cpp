// The rows of a file of pairs as tasks of the two steps.
#include "compiler/graph/bind_pairs.hpp"

#include "compiler/graph/pair_circle.hpp"
#include "compiler/tree/pattern.hpp"
#include "compiler/tree/visible.hpp"

#include <algorithm>
#include <bit>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>

#include <fmt/format.h>

namespace wfc {

namespace {

// A file with a wrong column would fill the screen.
constexpr std::size_t kMostReports = 5;
constexpr std::size_t kMostLabels = 8;

// What one field of a row may turn out to be, besides a task.
struct LeftOut {};  // by `where`, `only` or `exclude`
struct Unknown {
  std::string message;
  std::string help;
};
using Found = std::variant<wfr::TaskIndex, LeftOut, Unknown>;

void split_components(std::string_view path, std::vector<std::string_view>& parts) {
  parts.clear();
  while (!path.empty()) {
    const std::string_view part = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(path.size(), part.size() + 1));
    if (!part.empty() && part != ".") parts.push_back(part);
  }
}

// The nodes of a level by parent and name: a hash table of ordinals. A search by halves would miss
// the cache at every half, for each of a million rows.
class ChildIndex {
 public:
  explicit ChildIndex(const wfr::Level& level)
      : level_(&level), slots_(std::bit_ceil(std::size_t{2} * level.size() + 1)) {
    for (wfr::Ordinal node = 0; node < level.size(); ++node) {
      const std::size_t hash = hash_of(level.parent[node], level.names.at(node));
      slots_[slot_of(hash, level.parent[node], level.names.at(node))] = {node, tag_of(hash)};
    }
  }
  // kNone when there is none.
  [[nodiscard]] wfr::Ordinal find(wfr::Ordinal parent, std::string_view name) {
    // Most files name the nodes in their order: again the last one, or the one after it.
    for (wfr::Ordinal near = last_; near < last_ + 2 && near < level_->size(); ++near) {
      if (is(near, parent, name)) return last_ = near;
    }
    const wfr::Ordinal node = slots_[slot_of(hash_of(parent, name), parent, name)].node;
    if (node != wfr::kNone) last_ = node;
    return node;
  }

 private:
  struct Slot {
    wfr::Ordinal node = wfr::kNone;
    std::uint32_t tag =
        0;  // of the hash: a name is fetched only where it is probably the right one
  };

  static std::size_t hash_of(wfr::Ordinal parent, std::string_view name) {
    constexpr std::size_t kSpread = 0x9E3779B97F4A7C15;
    return std::hash<std::string_view>{}(name) ^ (parent * kSpread);
  }
  static std::uint32_t tag_of(std::size_t hash) { return static_cast<std::uint32_t>(hash >> 32U); }

  [[nodiscard]] bool is(wfr::Ordinal node, wfr::Ordinal parent, std::string_view name) const {
    // The root is the only parent of what is right below it.
    const bool below = level_->under == wfr::kRootLevel || level_->parent[node] == parent;
    return below && level_->names.at(node) == name;
  }

  // Where it is, or would be.
  [[nodiscard]] std::size_t slot_of(std::size_t hash,
                                    wfr::Ordinal parent,
                                    std::string_view name) const {
    for (std::size_t at = hash & (slots_.size() - 1);; at = (at + 1) & (slots_.size() - 1)) {
      const Slot& slot = slots_[at];
      if (slot.node == wfr::kNone) return at;
      if (slot.tag == tag_of(hash) && is(slot.node, parent, name)) return at;
    }
  }

  const wfr::Level* level_;
  std::vector<Slot> slots_;
  wfr::Ordinal last_ = 0;  // that was found
};

// Finds the tasks of one step by their directories.
class TaskFinder {
 public:
  TaskFinder(const Workflow& workflow, const wfr::TaskGraph& graph, StepId step)
      : tree_(graph.tree), tasks_(graph.tasks(step)), step_(workflow.step(step).spec.name) {
    for (LevelId level = tasks_.level; level != wfr::kRootLevel;) {
      const LevelDef& def = workflow.level(level);
      path_.push_back({level,
                       make_patterns(def.only),
                       make_patterns(def.exclude),
                       ChildIndex(tree_.level(level))});
      level = def.under;
    }
    std::reverse(path_.begin(), path_.end());
    for (const Step& step_down : path_) {
      form_ += (form_.empty() ? "" : "/") + workflow.level(step_down.level).name;
    }
  }

  [[nodiscard]] Found find(std::string_view directory) {
    std::vector<std::string_view>& names = names_;
    split_components(directory, names);
    if (names.size() != path_.size()) return wrong_depth(directory);
    LevelId level = wfr::kRootLevel;
    wfr::Ordinal node = 0;
    for (std::size_t i = 0; i < names.size(); ++i) {
      Step& down = path_[i];
      const wfr::Ordinal child = down.children.find(node, names[i]);
      if (child == wfr::kNone) {
        if (trimmed(down, names[i])) return LeftOut{};
        return no_directory(
            directory, names, i, tree_.descendants(level, {node, node + 1}, down.level));
      }
      level = down.level;
      node = child;
    }
    if (!tasks_.contains(node)) return LeftOut{};
    return tasks_.rank_of(node);
  }

 private:
  // One level further down, and what trims it.
  struct Step {
    LevelId level{};
    std::vector<Pattern> only;
    std::vector<Pattern> exclude;
    ChildIndex children;
  };

  static bool trimmed(const Step& down, std::string_view name) {
    return (!down.only.empty() && !matches_any(down.only, name)) || matches_any(down.exclude, name);
  }

  [[nodiscard]] Found wrong_depth(std::string_view directory) const {
    if (path_.empty()) {
      return Unknown{fmt::format("`{}` is not a task of `{}`", visible(directory), step_),
                     "the step runs once, at the root: write `.`"};
    }
    return Unknown{fmt::format("`{}` is not a task of `{}`", visible(directory), step_),
                   fmt::format("name a task by its directory: `{}`", form_)};
  }

  [[nodiscard]] Found no_directory(std::string_view directory,
                                   const std::vector<std::string_view>& names,
                                   std::size_t wrong,
                                   wfr::Range children) const {
    std::vector<std::string> there;
    for (wfr::Ordinal child = children.begin; child < children.end; ++child) {
      there.emplace_back(tree_.level(path_[wrong].level).names.at(child));
    }
    std::string help = fmt::format("a task of `{}` is named by its directory: `{}`", step_, form_);
    const std::string near = nearest(names[wrong], there);
    if (!near.empty()) {
      std::string path;
      for (std::size_t i = 0; i < names.size(); ++i) {
        path += i > 0 ? "/" : "";
        path += i == wrong ? std::string_view(near) : names[i];
      }
      help = fmt::format("did you mean `{}`?", visible(path));
    }
    return Unknown{fmt::format("there is no directory `{}`", visible(directory)), std::move(help)};
  }

  const wfr::Tree& tree_;
  const wfr::InstanceSet& tasks_;
  std::string step_;
  std::vector<Step> path_;               // from below the root to the step's level
  std::string form_;                     // "session/channel"
  std::vector<std::string_view> names_;  // of the directory that is looked for
};

// Rows whose two tasks are there.
struct Bound {
  wfr::TaskIndex from = 0;
  wfr::TaskIndex to = 0;
  std::uint32_t row = 0;
};

class Binder {
 public:
  Binder(const Workflow& workflow, const PairsDef& pairs, const wfr::Edge& edge, Sink& sink)
      : workflow_(workflow), pairs_(pairs), edge_(edge), sink_(sink) {}

  std::vector<Bound> bind(const wfr::TaskGraph& graph) {
    TaskFinder from(workflow_, graph, edge_.from);
    std::optional<TaskFinder> other;
    if (edge_.from != edge_.to) other.emplace(workflow_, graph, edge_.to);
    TaskFinder& to = other ? *other : from;
    std::vector<Bound> bound;
    bound.reserve(pairs_.rows.size());
    for (std::uint32_t i = 0; i < pairs_.rows.size(); ++i) {
      const PairsDef::Row& row = pairs_.rows[i];
      const Found first = look(from, row.from);
      const Found second = look(to, row.to);
      if (std::holds_alternative<wfr::TaskIndex>(first) &&
          std::holds_alternative<wfr::TaskIndex>(second)) {
        bound.push_back({std::get<wfr::TaskIndex>(first), std::get<wfr::TaskIndex>(second), i});
      } else if (!std::holds_alternative<Unknown>(first) &&
                 !std::holds_alternative<Unknown>(second)) {
        if (left_out_++ == 0) first_left_out_ = i;
      }
    }
    report_more(Kind::UnknownTask, unknown_, more_unknown_, "more fields name no task");
    report_left_out();
    return bound;
  }

  // Removes what comes again.
  void drop_repeated(std::vector<Bound>& bound) {
    std::vector<Bound> sorted = bound;
    const auto key = [](const Bound& b) { return std::tuple(b.to, b.from, b.row); };
    std::sort(sorted.begin(), sorted.end(), [&](const Bound& a, const Bound& b) {
      return key(a) < key(b);
    });
    std::vector<bool> repeated(pairs_.rows.size());
    std::size_t reported = 0;
    for (std::size_t i = 1, first = 0; i < sorted.size(); ++i) {
      if (sorted[i].to != sorted[first].to || sorted[i].from != sorted[first].from) {
        first = i;
        continue;
      }
      repeated[sorted[i].row] = true;
      if (++reported > kMostReports) continue;
      const PairsDef::Row& row = pairs_.rows[sorted[i].row];
      sink_.report({Kind::RepeatedPair,
                    whole(row),
                    fmt::format("`{}` and `{}` are paired twice",
                                visible(row.from.directory),
                                visible(row.to.directory)),
                    "remove one of the two lines",
                    {{whole(pairs_.rows[sorted[first].row]), "the first"}}});
    }
    bound.erase(
        std::remove_if(bound.begin(), bound.end(), [&](const Bound& b) { return repeated[b.row]; }),
        bound.end());
  }

  // A cycle among the tasks of one step, with the lines that make it.
  void report_circle(const wfr::TaskGraph& graph,
                     const std::vector<Bound>& bound,
                     const std::vector<wfr::TaskIndex>& circle) {
    const auto name = [&](wfr::TaskIndex task) {
      const wfr::InstanceSet& tasks = graph.tasks(edge_.from);
      return visible(graph.tree.directory(tasks.level, tasks.node_at(task)));
    };
    std::string path;
    std::vector<Label> labels;
    for (std::size_t i = 0; i < circle.size(); ++i) {
      const wfr::TaskIndex needed = circle[(i + 1) % circle.size()];
      path += fmt::format("{} -> ", name(circle[i]));
      if (labels.size() == kMostLabels) continue;
      const auto pair = std::find_if(bound.begin(), bound.end(), [&](const Bound& one) {
        return one.to == circle[i] && one.from == needed;
      });
      labels.push_back({whole(pairs_.rows[pair->row]),
                        fmt::format("`{}` waits for `{}`", name(circle[i]), name(needed))});
    }
    const Span first = labels.front().span;
    sink_.report({Kind::TaskCycle,
                  first,
                  fmt::format("tasks of `{}` wait for each other: {}{}",
                              workflow_.step(edge_.from).spec.name,
                              path,
                              name(circle.front())),
                  "remove one of these pairs",
                  std::move(labels)});
  }

 private:
  Found look(TaskFinder& finder, const PairsDef::Field& field) {
    Found found = finder.find(field.directory);
    const auto* unknown = std::get_if<Unknown>(&found);
    if (unknown == nullptr) return found;
    if (unknown_++ < kMostReports) {
      sink_.report(Kind::UnknownTask, pairs_.span_of(field.place), unknown->message, unknown->help);
    } else if (unknown_ == kMostReports + 1) {
      more_unknown_ = pairs_.span_of(field.place);
    }
    return found;
  }

  void report_more(Kind kind, std::size_t count, const Span& first, std::string_view what) {
    if (count <= kMostReports) return;
    sink_.report(kind, first, fmt::format("{} {}", count - kMostReports, what));
  }

  void report_left_out() {
    if (left_out_ == 0) return;
    sink_.report({Kind::PairsLeftOut,
                  pairs_.span,
                  fmt::format("{} of {} pairs are left out, since `where`, `only` or `exclude` "
                              "leave out one of the tasks",
                              left_out_,
                              pairs_.rows.size()),
                  "",
                  {{whole(pairs_.rows[first_left_out_]), "the first"}}});
  }

  // From the one field to the other, whichever comes first.
  [[nodiscard]] Span whole(const PairsDef::Row& row) const {
    const FieldPlace& a = row.from.place;
    const FieldPlace& b = row.to.place;
    const bool a_first = std::tie(a.line, a.column) < std::tie(b.line, b.column);
    const FieldPlace& begin = a_first ? a : b;
    const FieldPlace& end = a_first ? b : a;
    return pairs_.span_of({begin.line, begin.column, end.end_line, end.end_column});
  }

  const Workflow& workflow_;
  const PairsDef& pairs_;
  const wfr::Edge& edge_;
  Sink& sink_;
  std::size_t unknown_ = 0;
  Span more_unknown_;
  std::size_t left_out_ = 0;
  std::uint32_t first_left_out_ = 0;
};

}  // namespace

void bind_pairs(const Workflow& workflow,
                const NeedDef& need,
                wfr::TaskGraph& graph,
                wfr::Edge& edge,
                Sink& sink) {
  Binder binder(workflow, *need.pairs, edge, sink);
  std::vector<Bound> bound = binder.bind(graph);
  binder.drop_repeated(bound);
  std::vector<std::pair<wfr::TaskIndex, wfr::TaskIndex>> pairs;
  pairs.reserve(bound.size());
  for (const Bound& one : bound) pairs.emplace_back(one.from, one.to);
  wfr::set_pairs(graph, edge, pairs);
  if (edge.from != edge.to) return;
  const std::vector<wfr::TaskIndex> circle = pair_circle(graph, edge);
  if (!circle.empty()) binder.report_circle(graph, bound, circle);
}

}  // namespace wfc
