// A small plan with every kind of step, and names that no shell should ever see bare.
#pragma once

#include "runtime/plan/plan.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace wfr::test {

inline constexpr LevelId kSession{1};
inline constexpr LevelId kArray{2};
inline constexpr LevelId kChannel{3};
inline constexpr StepId kSplit{0};
inline constexpr StepId kHighpass{1};
inline constexpr StepId kSort{2};
inline constexpr StepId kGather{3};
inline constexpr StepId kNeighbours{4};
inline constexpr StepId kSnapshot{5};

// The names of the sample: two sessions, three arrays, five channels.
std::vector<std::string> session_names();
std::vector<std::string> array_names();
std::vector<std::string> channel_names();

// split (session) -> highpass (channel) -> sort (channel, first session only) -> gather (session);
// neighbours (channel) reads the highpass of all channels of its array; snapshot is a finalizer.
Plan sample_plan();

Piece text(std::string value);
Piece value(std::string text);
Piece level_name(LevelId level);
Piece of_kind(PieceKind kind);
Piece of_need(PieceKind kind, std::uint32_t need, std::string output = "");

// A new directory that is removed at the end of the test.
class ScratchDirectory {
 public:
  ScratchDirectory();
  ~ScratchDirectory();
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

void write_file(const std::filesystem::path& file, const std::string& bytes);
std::string read_file(const std::filesystem::path& file);

}  // namespace wfr::test
