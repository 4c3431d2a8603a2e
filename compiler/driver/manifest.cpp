// A line is a digest, two blanks and a place; `#` begins a comment.
#include "compiler/driver/manifest.hpp"

#include "compiler/driver/read_source.hpp"
#include "runtime/plan/plan_seal.hpp"
#include "runtime/plan/sha256.hpp"

#include <exception>
#include <map>
#include <optional>
#include <set>
#include <string_view>

#include <fmt/format.h>

namespace wfc {
namespace {

namespace fs = std::filesystem;

using Digests = std::map<std::string, std::string>;  // by place

constexpr std::size_t kDigits = 64;
constexpr std::string_view kBetween = "  ";
constexpr const char* kHelp =
    "find out who has changed it; `wfc compile` then writes everything again";

const std::string* plan_place(const OutputTree& tree) {
  for (const auto& [place, file] : tree.files) {
    if (place.starts_with("plan/") && place.ends_with("/plan.wfp")) return &place;
  }
  return nullptr;
}

// nullopt for what is no manifest.
std::optional<Digests> digests_in(std::string_view text) {
  Digests digests;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (line.starts_with('#')) continue;
    const bool good = line.size() > kDigits + kBetween.size() &&
                      line.find_first_not_of("0123456789abcdef") == kDigits &&
                      line.substr(kDigits, kBetween.size()) == kBetween;
    if (!good) return std::nullopt;
    digests.emplace(line.substr(kDigits + kBetween.size()), line.substr(0, kDigits));
  }
  return digests;
}

std::optional<Digests> read_manifest(const fs::path& out, const std::string& plan) {
  const std::optional<std::string> text = read_text(out / "plan" / plan / wfr::kManifestName);
  return text ? digests_in(*text) : std::nullopt;
}

// Of all plans that are kept: jobs in the queue may need what an earlier compile has put there.
std::set<std::string> known_places(const fs::path& out) {
  std::set<std::string> places;
  std::error_code error;
  for (fs::directory_iterator entry(out / "plan", error), end; !error && entry != end;
       entry.increment(error)) {
    const auto digests = read_manifest(out, entry->path().filename().string());
    if (!digests) continue;
    for (const auto& [place, digest] : *digests) places.insert(place);
  }
  return places;
}

// What the programs would find there, although no compile has written it; "" for nothing.
std::string unknown_file(const fs::path& out) {
  const std::set<std::string> known = known_places(out);
  for (const char* directory : {"bin", "lib"}) {
    std::error_code error;
    for (fs::recursive_directory_iterator entry(out / directory, error), end;
         !error && entry != end;
         entry.increment(error)) {
      std::string place = entry->path().lexically_relative(out).string();
      std::error_code ignored;
      if (!entry->is_directory(ignored) && !known.contains(place)) return place;
    }
  }
  return {};
}

}  // namespace

std::string manifest_place(const OutputTree& tree) {
  const std::string* plan = plan_place(tree);
  if (plan == nullptr) return {};
  return (fs::path(*plan).parent_path() / wfr::kManifestName).string();
}

OutputFile manifest_of(const OutputTree& tree, const std::vector<BundleFile>& bundle) {
  Digests digests;
  for (const auto& [place, file] : tree.files) {
    if (!place.ends_with(".tasks")) digests.emplace(place, wfr::sha256(file.bytes));
  }
  for (const BundleFile& file : bundle) {
    digests.emplace(file.place, wfr::sha256_of_file(file.source));
  }
  std::string text = fmt::format(
      "# Made by wfc: what is executed or read as a plan. To check it, in the directory of "
      "submit.sh:\n"
      "# sha256sum --check {}\n",
      manifest_place(tree));
  if (const std::string* plan = plan_place(tree))
    text += wfr::head_line(tree.files.at(*plan).bytes);
  for (const auto& [place, digest] : digests) {
    text += fmt::format("{}{}{}\n", digest, kBetween, place);
  }
  return {std::move(text), false};
}

bool check_manifest(const fs::path& out, const std::string& plan, Sink& sink) {
  const auto fail = [&](const std::string& place, const std::string& what) {
    sink.report(Kind::WrongPlan, {}, fmt::format("`{}` {}", (out / place).string(), what), kHelp);
    return false;
  };
  const std::string manifest = fmt::format("plan/{}/{}", plan, wfr::kManifestName);
  const std::optional<Digests> digests = read_manifest(out, plan);
  if (!digests) return fail(manifest, "is not there, or is no manifest");
  for (const auto& [place, digest] : *digests) {
    try {
      if (wfr::sha256_of_file(out / place) != digest) {
        return fail(place, "was changed after it was compiled");
      }
    } catch (const std::exception& error) {
      return fail(place, fmt::format("cannot be compared with the manifest: {}", error.what()));
    }
  }
  if (!digests->contains("submit.sh")) return fail(manifest, "has no line for submit.sh");
  const std::string unknown = unknown_file(out);
  if (!unknown.empty()) return fail(unknown, "was not written by `wfc compile`");
  return true;
}

}  // namespace wfc
