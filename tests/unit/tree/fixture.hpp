// A directory to make things in, and workflows written in C++ for passes after resolve.
#pragma once

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/workflow/workflow.hpp"
#include "runtime/plan/tree.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <stdlib.h>
#include <unistd.h>

namespace wfc::test {

// Removed with all that is in it.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "wfc-test-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
    std::filesystem::permissions(path_, std::filesystem::perms(0755));
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  void make(std::string_view directory) const {
    std::filesystem::create_directories(path_ / directory);
  }
  void write(std::string_view file, std::string_view text = "") const {
    std::filesystem::create_directories((path_ / file).parent_path());
    std::ofstream(path_ / file, std::ios::binary) << text;
  }

 private:
  std::filesystem::path path_;
};

// Root reads what it likes: while this lives, root is an ordinary user. Others stay who they are.
class AsOrdinaryUser {
 public:
  AsOrdinaryUser() : before_(::geteuid()) {
    constexpr uid_t kNobody = 65534;
    if (before_ == 0) REQUIRE(::seteuid(kNobody) == 0);
  }
  ~AsOrdinaryUser() {
    if (before_ == 0 && ::seteuid(before_) != 0) std::abort();
  }
  AsOrdinaryUser(const AsOrdinaryUser&) = delete;
  AsOrdinaryUser& operator=(const AsOrdinaryUser&) = delete;

 private:
  uid_t before_;
};

inline LevelId level_id(std::size_t i) {
  return LevelId{static_cast<std::uint16_t>(i)};
}

inline Workflow empty_workflow() {
  Workflow workflow;
  workflow.name = "test";
  workflow.levels.resize(1);
  return workflow;
}

// A level under the one before it, or under `under`.
inline LevelDef& add_match(Workflow& workflow,
                           std::string name,
                           std::string match,
                           std::optional<LevelId> under = std::nullopt) {
  LevelDef level;
  level.name = std::move(name);
  level.match = std::move(match);
  level.under = under.value_or(level_id(workflow.levels.size() - 1));
  workflow.levels.push_back(std::move(level));
  return workflow.levels.back();
}

inline LevelDef& add_values(Workflow& workflow, std::string name, std::vector<std::string> values) {
  LevelDef& level = add_match(workflow, std::move(name), "");
  level.source = LevelSource::Values;
  level.values = std::move(values);
  return level;
}

// Every directory of a level, in order.
inline std::vector<std::string> directories(const wfr::Tree& tree, LevelId level) {
  std::vector<std::string> paths;
  for (wfr::Ordinal node = 0; node < tree.level(level).size(); ++node) {
    paths.push_back(tree.directory(level, node));
  }
  return paths;
}

// "WFC2501: message" of everything reported. Trees of tests are ragged on purpose: the note that
// counts the directories without children is only for the test that asks for it.
inline std::vector<std::string> reports(const Sink& sink, bool with_childless = false) {
  std::vector<std::string> lines;
  for (const Diagnostic& diagnostic : sink.all()) {
    if (diagnostic.kind == Kind::ParentsWithoutChildren && !with_childless) continue;
    lines.push_back(kind_code(diagnostic.kind) + ": " + diagnostic.message);
  }
  return lines;
}

using Lines = std::vector<std::string>;

}  // namespace wfc::test
