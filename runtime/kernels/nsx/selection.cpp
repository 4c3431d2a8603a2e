// Binds the names of directories to channels of recordings, and finds every clash before any work.
#include "runtime/kernels/nsx/selection.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace wfr::nsx {
namespace {

std::optional<std::uint32_t> parse_number(std::string_view text) {
  std::uint32_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && stop == end && !text.empty() ? std::optional(value) : std::nullopt;
}

// "electrode 9 (label `raw 9`, connector 0) of day/a.ns5"
std::string describe(const Selected& selected, std::span<const Recording> recordings) {
  const Recording& recording = recordings[selected.input];
  const Channel& channel = recording.header.channels[selected.channel];
  return fmt::format("electrode {} (label `{}`, connector {}) of {}",
                     channel.electrode,
                     channel.label,
                     channel.connector,
                     recording.path);
}

void check_unique(std::span<const Selected> sorted, std::span<const Recording> recordings) {
  const auto same =
      std::adjacent_find(sorted.begin(), sorted.end(), [](const Selected& a, const Selected& b) {
        return a.names == b.names;
      });
  if (same != sorted.end()) {
    throw KernelError(fmt::format("two channels have the name {}/{}: {}, and {}",
                                  same->names[0],
                                  same->names[1],
                                  describe(*same, recordings),
                                  describe(*(same + 1), recordings)));
  }
}

}  // namespace

ChannelSet::ChannelSet(const nlohmann::json& list) {
  for (const auto& item : list) {
    const auto text = item.get<std::string>();
    const std::size_t dash = text.find('-');
    const auto first = parse_number(std::string_view(text).substr(0, dash));
    const auto last =
        dash == std::string::npos ? first : parse_number(std::string_view(text).substr(dash + 1));
    if (!first || !last) {
      throw KernelError(
          fmt::format(R"(channels: `{}` is neither a number ("40") nor a range ("1-32"))", text));
    }
    if (*last < *first) {
      throw KernelError(fmt::format("channels: the range `{}` ends before it begins", text));
    }
    entries_.push_back({*first, *last, text});
  }
}

bool ChannelSet::contains(std::uint32_t number) const {
  return entries_.empty() || std::any_of(entries_.begin(), entries_.end(), [&](const Entry& entry) {
           return entry.first <= number && number <= entry.last;
         });
}

std::vector<std::string> ChannelSet::unused(std::span<const std::uint32_t> numbers) const {
  std::vector<std::string> texts;
  for (const Entry& entry : entries_) {
    const bool used = std::any_of(numbers.begin(), numbers.end(), [&](std::uint32_t number) {
      return entry.first <= number && number <= entry.last;
    });
    if (!used) {
      texts.push_back(entry.text);
    }
  }
  return texts;
}

std::vector<Selected> select_channels(const ChannelSet& wanted,
                                      std::span<const Recording> recordings) {
  std::vector<Selected> selected;
  std::vector<std::uint32_t> numbers;
  for (std::size_t input = 0; input < recordings.size(); ++input) {
    const std::vector<Channel>& channels = recordings[input].header.channels;
    for (std::size_t i = 0; i < channels.size(); ++i) {
      numbers.push_back(channels[i].number());
      if (wanted.contains(numbers.back())) {
        selected.push_back({input, i, {channels[i].array_name(), channels[i].channel_name()}});
      }
    }
  }
  const std::vector<std::string> unused = wanted.unused(numbers);
  if (!unused.empty() && !numbers.empty()) {
    const auto [least, most] = std::minmax_element(numbers.begin(), numbers.end());
    throw KernelError(fmt::format(
        "channels: no channel has a number in `{}`; the {} channels are numbered {} to {}",
        unused.front(),
        numbers.size(),
        *least,
        *most));
  }
  // Stable: of two channels of one name, the one earlier in the file is named first.
  std::stable_sort(selected.begin(), selected.end(), [](const Selected& a, const Selected& b) {
    return a.names < b.names;
  });
  check_unique(selected, recordings);
  return selected;
}

std::vector<MadeNames> discover_channels(const nlohmann::json& params,
                                         std::span<const std::string> inputs) {
  std::vector<Recording> recordings;
  recordings.reserve(inputs.size());
  for (const std::string& path : inputs) {
    recordings.push_back({path, read_header(FileSource(path))});
  }
  std::vector<MadeNames> made;
  for (Selected& selected : select_channels(ChannelSet(params.at("channels")), recordings)) {
    made.push_back(std::move(selected.names));
  }
  return made;
}

}  // namespace wfr::nsx
