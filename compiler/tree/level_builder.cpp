// One level under construction.
#include "compiler/tree/level_builder.hpp"

#include <algorithm>
#include <utility>

namespace wfc {

namespace {

// Names that are kept for suggestions.
constexpr std::size_t kSome = 1000;

// The first eight bytes at `from` as a big-endian number, zeros past the end: ordered like the
// bytes.
std::uint64_t key_of(std::string_view name, std::size_t from) {
  std::uint64_t key = 0;
  for (std::size_t i = from; i < from + sizeof key; ++i) {
    key = (key << 8U) | (i < name.size() ? static_cast<std::uint8_t>(name[i]) : 0U);
  }
  return key;
}

std::size_t common_prefix(std::string_view a, std::string_view b) {
  const auto [end, other] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  return static_cast<std::size_t>(end - a.begin());
}

}  // namespace

NameFilter::NameFilter(const LevelDef& level)
    : only(make_patterns(level.only)), exclude(make_patterns(level.exclude)) {
  if (level.source == LevelSource::Match) match.emplace_back(level.match);
}

LevelBuilder::LevelBuilder(LevelId id, const LevelDef& level)
    : id_(id), level_(level), filter_(level) {
  for (const std::vector<Pattern>* patterns : {&filter_.only, &filter_.exclude}) {
    for (const Pattern& pattern : *patterns) {
      if (pattern.only_name() != nullptr) never_offered_.push_back(*pattern.only_name());
    }
  }
}

void LevelBuilder::offer(std::string_view name, std::uint32_t row) {
  ++offered_;
  if (!never_offered_.empty()) {
    never_offered_.erase(std::remove(never_offered_.begin(), never_offered_.end(), name),
                         never_offered_.end());
  }
  if (filter_.trimmed(name)) {
    ++trimmed_;
    if (some_trimmed_.size() < kSome) some_trimmed_.emplace_back(name);
    return;
  }
  Candidate candidate;
  candidate.offset = static_cast<std::uint32_t>(scratch_.size());
  candidate.length = static_cast<std::uint32_t>(name.size());
  candidate.row = row;
  scratch_ += name;
  candidates_.push_back(candidate);
}

void LevelBuilder::sort_candidates() {
  if (candidates_.size() < 2) return;
  const std::string_view first = name_of(candidates_.front());
  std::size_t prefix = first.size();
  for (const Candidate& candidate : candidates_) {
    prefix = common_prefix(first.substr(0, prefix), name_of(candidate));
  }
  for (Candidate& candidate : candidates_) candidate.key = key_of(name_of(candidate), prefix);
  std::sort(candidates_.begin(), candidates_.end(), [this](const Candidate& a, const Candidate& b) {
    if (a.key != b.key) return a.key < b.key;
    const int order = name_of(a).compare(name_of(b));
    return order != 0 ? order < 0 : a.row < b.row;
  });
}

void LevelBuilder::close_parent(wfr::Ordinal parent, bool wanted) {
  constexpr std::size_t kFirst = 3;
  if (wanted && offered_ == 0) {
    ++childless_.count;
    if (childless_.first.size() < kFirst) childless_.first.push_back(parent);
  }
  offered_ = 0;
  sort_candidates();
  std::string_view last;
  bool any = false;
  for (const Candidate& candidate : candidates_) {
    const std::string_view name = name_of(candidate);
    if (any && name == last) {
      duplicates_.push_back({std::string(name), parent});
      continue;
    }
    name_bytes_.insert(name_bytes_.end(), name.begin(), name.end());
    name_begin_.push_back(name_bytes_.size());
    parent_.push_back(parent);
    if (candidate.row != wfr::kNone) row_.push_back(candidate.row);
    last = name;
    any = true;
  }
  child_begin_.push_back(size());
  candidates_.clear();
  scratch_.clear();
}

std::vector<std::string> LevelBuilder::some_kept() const {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < std::min<std::size_t>(size(), kSome); ++i) {
    names.emplace_back(&name_bytes_[name_begin_[i]], name_begin_[i + 1] - name_begin_[i]);
  }
  return names;
}

wfr::Names LevelBuilder::column_values(std::size_t column, wfr::Storage& storage) const {
  std::vector<std::uint64_t> begin{0};
  std::vector<char> bytes;
  begin.reserve(row_.size() + 1);
  for (const std::uint32_t row : row_) {
    const std::vector<std::string>& cells = level_.rows[row];
    if (column + 1 < cells.size()) {
      bytes.insert(bytes.end(), cells[column + 1].begin(), cells[column + 1].end());
    }
    begin.push_back(bytes.size());
  }
  wfr::Names values;
  values.begin = storage.keep(std::move(begin));
  values.bytes = storage.keep(std::move(bytes));
  return values;
}

void LevelBuilder::finish(wfr::Tree& tree) {
  wfr::Level& level = tree.levels[wfr::index_of(id_)];
  level.name = level_.name;
  level.under = level_.under;
  level.names.begin = tree.storage.keep(std::move(name_begin_));
  level.names.bytes = tree.storage.keep(std::move(name_bytes_));
  level.parent = tree.storage.keep(std::move(parent_));
  for (std::size_t i = 0; i < level_.columns.size(); ++i) {
    level.columns.push_back({level_.columns[i], column_values(i, tree.storage)});
  }
  wfr::Level& above = tree.levels[wfr::index_of(level_.under)];
  above.children.push_back({id_, tree.storage.keep(std::move(child_begin_))});
}

}  // namespace wfc
