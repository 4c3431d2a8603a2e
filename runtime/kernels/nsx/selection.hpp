// Which channels of which recordings a split makes, and under which names.
#pragma once

#include "runtime/kernels/kernel.hpp"
#include "runtime/kernels/nsx/header.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace wfr::nsx {

// Channel numbers from "1-32" and "40"; none given: every channel.
class ChannelSet {
 public:
  // Throws KernelError on a text that is neither a number nor a range.
  explicit ChannelSet(const nlohmann::json& list);
  [[nodiscard]] bool contains(std::uint32_t number) const;
  // Ranges that hold none of the numbers: most likely a slip. As written.
  [[nodiscard]] std::vector<std::string> unused(std::span<const std::uint32_t> numbers) const;

 private:
  struct Entry {
    std::uint32_t first;
    std::uint32_t last;
    std::string text;
  };
  std::vector<Entry> entries_;
};

// One channel to make: where it comes from and its directories.
struct Selected {
  std::size_t input;    // which recording
  std::size_t channel;  // its position in the recording's frames
  MadeNames names;      // {"array01", "channel009"}
};

struct Recording {
  std::string path;
  Header header;
};

// Sorted by names. Throws KernelError when two channels have the same names, when a part of the
// selection matches nothing, or when nothing is left.
std::vector<Selected> select_channels(const ChannelSet& wanted,
                                      std::span<const Recording> recordings);

// KernelDecl::discover of nsx.split.
std::vector<MadeNames> discover_channels(const nlohmann::json& params,
                                         std::span<const std::string> inputs);

}  // namespace wfr::nsx
