// The declarations of the nsx kernels; docs/reference/kernels/nsx.md says the same in prose.
#include "runtime/kernels/nsx/declare.hpp"

#include "runtime/kernels/nsx/selection.hpp"

#include <vector>

namespace wfr::nsx {
namespace {

constexpr std::string_view kLibrary = "nsx";
constexpr std::uint32_t kSplitVersion = 2;
constexpr std::uint32_t kVersion = 1;

KernelDecl split() {
  return {.name = "nsx.split",
          .library = kLibrary,
          .version = kSplitVersion,
          .summary = "one HDF5 dataset (raw int16) per channel of Blackrock or Ripple recordings",
          .params = {{.name = "channels",
                      .type = ParamType::StringList,
                      .standard = "[]",
                      .unit = "",
                      .help = R"(channel numbers to make, such as "1-32" or "40"; empty: all)"},
                     {.name = "buffer_mb",
                      .type = ParamType::Int,
                      .standard = "64",
                      .unit = "MB",
                      .help = "most memory for samples in flight, whatever the size of the file",
                      .min = 1,
                      .max = 65536},
                     {.name = "gap",
                      .type = ParamType::Float,
                      .standard = "0",
                      .unit = "s",
                      .help = "packets this much early or late are no pause: for jittered clocks",
                      .min = 0,
                      .max = 3600}},
          .inputs = {1, kUnlimited},
          .outputs = {1, kUnlimited},
          .makes = {"array", "channel"},
          .discover = discover_channels};
}

std::vector<ParamDecl> synthesize_params() {
  return {
      {"seconds", ParamType::Float, "20", "s", "recorded time, without pauses", 0.001, 1e6},
      {"channels", ParamType::Int, "16", "", "number of channels", 1, 10000},
      {"connectors", ParamType::Int, "4", "", "connectors they are spread over, in order", 1, 256},
      {"rate",
       ParamType::Float,
       "30000",
       "Hz",
       "sampling rate: 30000 divided by a whole number",
       1,
       30000},
      {"spike_rate", ParamType::Float, "5", "Hz", "mean rate of spikes on a channel", 0, 400},
      {"noise_uv", ParamType::Float, "10", "uV", "standard deviation of the noise", 0, 1000},
      {"seed", ParamType::Int, "1", "", "the same seed gives the same bytes", 0, 4294967295.0},
      {.name = "label",
       .type = ParamType::String,
       .standard = "\"raw\"",
       .unit = "",
       .help = "text before the number in the labels of channels, at most 9 bytes"},
      {"packets", ParamType::Int, "1", "", "data packets, with a pause between each two", 1, 10000},
      {"pause", ParamType::Float, "0.5", "s", "length of each pause", 0, 3600},
      {.name = "format",
       .type = ParamType::String,
       .standard = "\"2.3\"",
       .unit = "",
       .help = "file specification; 3.0-64 has 64-bit timestamps, 3.0-ptp one sample a packet",
       .choices = {"2.2", "2.3", "3.0", "3.0-64", "3.0-ptp"}}};
}

KernelDecl synthesize() {
  return {.name = "nsx.synthesize",
          .library = kLibrary,
          .version = kVersion,
          .summary = "a valid .ns5 recording: spikes on noise, field oscillations and mains hum",
          .params = synthesize_params(),
          .inputs = {0, 0},
          .outputs = {1, 1}};
}

}  // namespace

std::span<const KernelDecl> declarations() {
  static const std::vector<KernelDecl> all = {split(), synthesize()};
  return all;
}

}  // namespace wfr::nsx
