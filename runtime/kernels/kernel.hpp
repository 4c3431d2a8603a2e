// What a kernel declares about itself: read by wfc to check a workflow and by wfr to run it.
// Light on purpose: no numerical or file-format library may be included from here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace wfr {

enum class ParamType : std::uint8_t { Bool, Int, Float, String, IntList, FloatList, StringList };

// One typed parameter. `standard` is its default as JSON text ("1000", "[1, 150]", "\"auto\"").
struct ParamDecl {
  std::string_view name;
  ParamType type;
  std::string_view standard;
  std::string_view unit;                     // "Hz", "s", "" for a pure number or a name
  std::string_view help;                     // one sentence, lower case
  std::optional<double> min = std::nullopt;  // inclusive; of each element for a list
  std::optional<double> max = std::nullopt;
  std::optional<std::size_t> count = std::nullopt;  // exact length of a list
  std::vector<std::string_view> choices = {};       // of a String; empty: any text
};

// One directory a kernel will make, as a name for each of KernelDecl::makes ("array03",
// "channel009").
using MadeNames = std::vector<std::string>;

// Reads only headers. `params` is a complete, checked JSON object; `inputs` are paths as given.
// Throws KernelError when an input is not what the kernel reads.
using DiscoverFunction = std::vector<MadeNames> (*)(const nlohmann::json& params,
                                                    std::span<const std::string> inputs);

struct CountRange {
  std::size_t min = 1;
  std::size_t max = 1;
};
inline constexpr std::size_t kUnlimited = static_cast<std::size_t>(-1);

struct KernelDecl {
  std::string_view name;     // "nsx.split": FAMILY.VERB
  std::string_view library;  // "nsx": its body lives in libwfr_kernel_nsx.so
  std::uint32_t version;     // part of every task's key; raised when results change
  std::string_view summary;
  std::vector<ParamDecl> params;
  CountRange inputs;
  CountRange outputs;
  std::vector<std::string_view> makes = {};  // names of the levels it makes, coarse to fine
  DiscoverFunction discover = nullptr;       // set if and only if `makes` is not empty
};

// A failure with a reason for a person: what, where (offset, dataset), and why.
class KernelError : public std::exception {
 public:
  explicit KernelError(std::string message) : message_(std::move(message)) {}
  [[nodiscard]] const char* what() const noexcept override { return message_.c_str(); }

 private:
  std::string message_;
};

// Every kernel of this build, sorted by name.
std::span<const KernelDecl> kernels();
// nullptr when there is none of that name.
const KernelDecl* find_kernel(std::string_view name);

// One thing that is wrong with a parameter object: which one (empty: the object itself) and what.
struct ParamProblem {
  std::string param;
  std::string message;  // "is 0, but the least is 1 Hz"
};
// Checks types, ranges, counts, choices and unknown names; fills in every default.
// Afterwards `params` holds each declared parameter in its declared type.
std::vector<ParamProblem> complete_params(const KernelDecl& kernel, nlohmann::json& params);

}  // namespace wfr
