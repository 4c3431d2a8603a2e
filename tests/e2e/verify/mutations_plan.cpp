// Edits that plan, scripts and submit.sh agree on: as if the compiler had been wrong.
#include "tests/e2e/verify/mutations.hpp"

#include <algorithm>

namespace wfc::test {
namespace {

// In the order of wfr::Dep.
constexpr const char* kKinds[] = {"aftercorr", "afterok", "afterany", "aftercorr-or-afterany"};

constexpr wfr::Dep kAll[] = {
    wfr::Dep::AfterCorr, wfr::Dep::AfterOk, wfr::Dep::AfterAny, wfr::Dep::AfterCorrOrAny};
constexpr wfr::Dep kSeveral[] = {wfr::Dep::AfterCorr, wfr::Dep::AfterOk, wfr::Dep::AfterAny};

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

// Replaces the line of `text` that begins with `begin`.
void replace_line(std::string& text, const std::string& begin, const std::string& line) {
  const std::size_t at = ("\n" + text).find("\n" + begin);
  text.replace(at, text.find('\n', at) - at, line);
}

std::string index_text(const wfr::JobArray& array) {
  std::string text;
  for (const wfr::Range& range : array.indices) {
    if (!text.empty()) text += ',';
    text += std::to_string(range.begin);
    if (range.size() > 1) text += "-" + std::to_string(range.end - 1);
  }
  if (array.limit > 0) text += "%" + std::to_string(array.limit);
  return text;
}

class ConsistentMutants {
 public:
  explicit ConsistentMutants(const Files& files) : files_(files), hash_(plan_hash(files)) {
    bytes_ = files.at("plan/" + hash_ + "/plan.wfp");
    plan_ = wfr::read_plan(bytes_);
  }

  std::vector<Mutant> all() {
    for (std::size_t a = 0; a < plan_.arrays.size(); ++a) {
      for (std::size_t d = 0; d < plan_.arrays[a].after.size(); ++d) dependency(a, d);
      for (std::size_t on = 0; on < a; ++on) further(a, on);
      indices(a);
    }
    return std::move(mutants_);
  }

 private:
  // The files with another plan; the lines of array `a` are written anew.
  void add(const std::string& what, wfr::Plan plan, std::size_t a, bool of_order) {
    std::string bytes = wfr::serialize_plan(plan);
    Files files;
    for (const auto& [place, text] : files_) {
      std::string new_place = place;
      std::string new_text = text;
      replace_all(new_place, hash_, plan.hash);
      if (place.ends_with(".wfp")) {
        new_text = bytes;
      } else if (!place.ends_with(".u32")) {
        replace_all(new_text, hash_, plan.hash);
      }
      files[new_place] = std::move(new_text);
    }
    const wfr::JobArray& array = plan.arrays[a];
    write_call(files, plan, array);
    std::string& script = files.at("jobs/" + array.name + ".sbatch");
    if (script.find("--table") == std::string::npos && !array.plain) {
      replace_line(script, "#SBATCH --array=", "#SBATCH --array=" + index_text(array));
    }
    mutants_.push_back({array.name + ": " + what, std::move(files), of_order});
  }

  static void write_call(Files& files, const wfr::Plan& plan, const wfr::JobArray& array) {
    std::string line = "job " + array.name + " " + std::to_string(array.size()) + " place";
    for (const wfr::Dependency& after : array.after) {
      line += std::string(" ") + kKinds[static_cast<std::size_t>(after.kind)] + ":" +
              plan.arrays[wfr::index_of(after.on)].name;
    }
    replace_line(files.at("submit.sh"), "job " + array.name + " ", line);
  }

  void dependency(std::size_t a, std::size_t d) {
    const wfr::Dependency& after = plan_.arrays[a].after[d];
    const std::string on = plan_.arrays[wfr::index_of(after.on)].name;
    wfr::Plan plan = plan_;
    const bool between_arrays =
        !plan_.arrays[a].plain && !plan_.arrays[wfr::index_of(after.on)].plain;
    plan.arrays[a].after.erase(plan.arrays[a].after.begin() + static_cast<std::ptrdiff_t>(d));
    add("does not wait for " + on, plan, a, true);
    for (const wfr::Dep kind : kAll) {
      if (plan_.arrays[a].pass > 1) continue;  // waits for ends only, whatever else would do
      if (kind == after.kind || (kind == wfr::Dep::AfterCorrOrAny && !between_arrays)) continue;
      plan = plan_;
      plan.arrays[a].after[d].kind = kind;
      add(std::string(kKinds[static_cast<std::size_t>(kind)]) + " for " + on, plan, a, true);
    }
  }

  void further(std::size_t a, std::size_t on) {
    for (const wfr::Dependency& after : plan_.arrays[a].after) {
      if (wfr::index_of(after.on) == on) return;
    }
    for (const wfr::Dep kind : kSeveral) {
      if (plan_.arrays[a].pass > 1 && kind != wfr::Dep::AfterAny) continue;
      wfr::Plan plan = plan_;
      plan.arrays[a].after.push_back({kind, wfr::ArrayId{static_cast<std::uint32_t>(on)}});
      add(std::string("further ") + kKinds[static_cast<std::size_t>(kind)] + ":" +
              plan_.arrays[on].name,
          plan,
          a,
          true);
    }
  }

  bool has_tasks(const wfr::JobArray& array, std::uint32_t index) const {
    const wfr::Family& family = plan_.families[wfr::index_of(array.family)];
    const std::uint32_t block = array.first_block + index;
    if (block >= plan_.maps[family.block_map].blocks()) return false;
    const wfr::StepRanges tasks = wfr::tasks_of_block(plan_, family, block);
    return std::any_of(
        tasks.begin(), tasks.end(), [](const auto& entry) { return !entry.second.empty(); });
  }

  void indices(std::size_t a) {
    const wfr::JobArray& array = plan_.arrays[a];
    // A later pass shares out all blocks over as many jobs as there are.
    if (array.pass > 1) return;
    if (files_.at("jobs/" + array.name + ".sbatch").find("--table") != std::string::npos) return;
    const auto edit = [&](const std::string& what, const auto& change) {
      wfr::Plan plan = plan_;
      change(plan.arrays[a]);
      if (!plan.arrays[a].indices.empty()) add(what, plan, a, false);
    };
    const wfr::BlockMap& map = plan_.maps[plan_.families[wfr::index_of(array.family)].block_map];
    // The runtime takes a plain job's block from the plan alone, and there is only one.
    if (array.first_block > 0) {
      edit("one block to the left", [](wfr::JobArray& changed) { --changed.first_block; });
    }
    if (array.plain) return;
    if (array.first_block + array.indices.back().end < map.blocks()) {
      edit("one block to the right", [](wfr::JobArray& changed) { ++changed.first_block; });
    }
    // A job without a task does no harm; one with a task does it a second time.
    if (has_tasks(array, array.indices.back().end)) {
      edit("one more index", [](wfr::JobArray& changed) { ++changed.indices.back().end; });
    }
    edit("without its last index", [](wfr::JobArray& changed) {
      if (--changed.indices.back().end == changed.indices.back().begin) changed.indices.pop_back();
    });
    edit("without its first index", [](wfr::JobArray& changed) {
      if (++changed.indices.front().begin == changed.indices.front().end) {
        changed.indices.erase(changed.indices.begin());
      }
    });
  }

  const Files& files_;
  std::string hash_;
  std::string bytes_;
  wfr::Plan plan_;
  std::vector<Mutant> mutants_;
};

}  // namespace

std::vector<Mutant> consistent_mutants(const Files& files) {
  return ConsistentMutants(files).all();
}

}  // namespace wfc::test
