// nsx.split: reads each recording once, from its first byte to its last, and writes every channel's
// samples in big pieces.
#include "runtime/kernels/hdf5/signal.hpp"
#include "runtime/kernels/nsx/bodies.hpp"
#include "runtime/kernels/nsx/channel_files.hpp"
#include "runtime/kernels/nsx/header.hpp"
#include "runtime/kernels/nsx/packets.hpp"
#include "runtime/kernels/nsx/selection.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <map>
#include <optional>

#include <fmt/format.h>

namespace wfr::nsx {
namespace {

constexpr std::size_t kMegabyte = 1048576;

// A channel of one recording and where it goes.
struct Route {
  std::size_t channel;
  std::string path;
};

// As asked for, but well below a limit on the task's memory: the result does not depend on it.
std::size_t buffer_bytes(const KernelTask& task) {
  const std::size_t asked = task.params.at("buffer_mb").get<std::size_t>() * kMegabyte;
  return task.memory_bytes == 0 ? asked : std::min<std::size_t>(asked, task.memory_bytes / 2);
}

using SelectedList = std::vector<Selected>;

SelectedList::const_iterator find_names(const SelectedList& selected, const MadeNames& names) {
  const auto found = std::lower_bound(
      selected.begin(), selected.end(), names, [](const Selected& s, const MadeNames& n) {
        return s.names < n;
      });
  return found != selected.end() && found->names == names ? found : selected.end();
}

// The channel of an output by the names that the workflow gives it; in a run by hand by the path's
// own directories, as in "day/array01/channel009/raw.h5", the last such pair.
SelectedList::const_iterator find_channel(const SelectedList& selected,
                                          const KernelOutput& output) {
  if (!output.names.empty()) {
    return find_names(selected, output.names);
  }
  auto found = selected.end();
  std::string before;
  for (const std::filesystem::path& part : std::filesystem::path(output.path)) {
    const auto here = find_names(selected, {before, part.string()});
    found = here == selected.end() ? found : here;
    before = part.string();
  }
  return found;
}

// One output for one channel needs no names at all.
bool is_single(const KernelTask& task, std::span<const Selected> selected) {
  return task.outputs.size() == 1 && selected.size() == 1 && task.outputs[0].names.empty();
}

// Per recording: which channels are asked for. Outputs nobody asks for are not made.
std::vector<std::vector<Route>> route_outputs(const KernelTask& task,
                                              std::span<const Recording> recordings) {
  const SelectedList selected = select_channels(ChannelSet(task.params.at("channels")), recordings);
  std::vector<std::vector<Route>> routes(recordings.size());
  if (is_single(task, selected)) {
    routes[selected[0].input].push_back({selected[0].channel, task.outputs[0].path});
    return routes;
  }
  std::map<MadeNames, const KernelOutput*> seen;
  for (const KernelOutput& output : task.outputs) {
    const auto found = find_channel(selected, output);
    if (found == selected.end()) {
      throw KernelError(
          output.names.empty()
              ? fmt::format("output {}: its path names no selected channel of the recordings, as "
                            "{}/{} would",
                            output.path,
                            selected.front().names[0],
                            selected.front().names[1])
              : fmt::format("output {}: the recordings have no selected channel {}",
                            output.path,
                            fmt::join(output.names, "/")));
    }
    if (const auto [other, fresh] = seen.emplace(found->names, &output); !fresh) {
      throw KernelError(fmt::format("outputs {} and {} are both channel {}",
                                    other->second->path,
                                    output.path,
                                    fmt::join(found->names, "/")));
    }
    routes[found->input].push_back({found->channel, output.path});
  }
  for (std::vector<Route>& list : routes) {
    std::sort(list.begin(), list.end(), [](const Route& a, const Route& b) {
      return a.channel < b.channel;
    });
  }
  return routes;
}

// Splits one recording; made anew if its layout turns out to be another.
class Splitter {
 public:
  Splitter(const KernelTask& task,
           const ByteSource& source,
           const Header& header,
           const std::vector<Route>& routes)
      : task_(task), source_(source), header_(header), routes_(routes) {}

  void run(const Layout& layout);

 private:
  [[nodiscard]] hdf5::SignalInfo info_of(const Channel& channel, const Layout& layout) const;
  void create_files(const Layout& layout, std::size_t usable);
  void copy_samples(PacketReader& reader, const Layout& layout, std::size_t block);
  void take(std::span<const std::byte* const> frames);
  void write_rows();
  void finish_files(const PieceList& pieces);

  const KernelTask& task_;
  const ByteSource& source_;
  const Header& header_;
  const std::vector<Route>& routes_;
  std::vector<ChannelFile> files_;
  std::vector<std::int16_t> rows_;  // one row a route, `row_length_` samples each
  std::size_t row_length_ = 0;
  std::size_t filled_ = 0;  // in every row
};

hdf5::SignalInfo Splitter::info_of(const Channel& channel, const Layout& layout) const {
  hdf5::SignalInfo info;
  info.rate = header_.rate();
  info.units = channel.units;
  info.channel = channel.number();
  info.label = channel.label;
  info.scale = channel.scale();
  info.offset = channel.offset();
  info.start_sample = std::llround(
      std::min(static_cast<double>(layout.first_timestamp) / header_.ticks_per_sample(), 9.0e15));
  info.provenance = task_.provenance.dump();
  return info;
}

void Splitter::create_files(const Layout& layout, std::size_t usable) {
  files_.reserve(routes_.size());
  for (const Route& route : routes_) {
    files_.emplace_back(
        route.path, layout.samples, info_of(header_.channels[route.channel], layout));
    files_.back().share_places(files_.front());
    if (files_.size() <= usable) {
      files_.back().keep_open();
    }
    if (task_.cancelled()) {
      throw KernelError("cancelled");
    }
  }
}

// Frames to rows, a few frames at a time: one line of cache of every row, while the frames stay in
// the nearest cache.
void Splitter::take(std::span<const std::byte* const> frames) {
  for (std::size_t r = 0; r < routes_.size(); ++r) {
    const std::size_t offset = routes_[r].channel * sizeof(std::int16_t);
    std::int16_t* row = rows_.data() + r * row_length_ + filled_;
    for (std::size_t f = 0; f < frames.size(); ++f) {
      std::memcpy(row + f, frames[f] + offset, sizeof(std::int16_t));
    }
  }
  filled_ += frames.size();
  if (filled_ == row_length_) {
    write_rows();
  }
}

void Splitter::write_rows() {
  for (std::size_t r = 0; r < files_.size() && filled_ > 0; ++r) {
    files_[r].write(std::span(rows_).subspan(r * row_length_, filled_));
  }
  filled_ = 0;
}

void Splitter::copy_samples(PacketReader& reader, const Layout& layout, std::size_t block) {
  constexpr std::size_t kTile = 64;
  // A multiple of the tile: rows are then written when they are exactly full.
  row_length_ = std::max<std::size_t>(block / (routes_.size() * sizeof(std::int16_t)) / kTile, 1);
  row_length_ *= kTile;
  rows_.resize(row_length_ * routes_.size());
  while (true) {
    const auto& frames = reader.frames(std::min(kTile, row_length_ - filled_));
    if (frames.empty()) {
      break;
    }
    take(frames);
    if (filled_ == 0) {
      task_.progress(static_cast<double>(reader.samples_read()) /
                     static_cast<double>(layout.samples));
      if (task_.cancelled()) {
        throw KernelError("cancelled");
      }
    }
  }
  write_rows();
}

void Splitter::finish_files(const PieceList& pieces) {
  hdf5::Segments segments;
  segments.timestamp_rate = header_.timestamp_resolution;
  for (const Piece& piece : pieces.pieces()) {
    segments.pieces.push_back({piece.start, piece.timestamp, piece.count});
  }
  for (ChannelFile& file : files_) {
    file.finish(segments);
  }
}

void Splitter::run(const Layout& layout) {
  const OpenFileLimit limit(routes_.size());
  // Half for the bytes as they are read, half for the rows they become.
  const std::size_t half = buffer_bytes(task_) / 2;
  create_files(layout, limit.usable());
  PacketReader reader(source_, header_, layout, half, task_.params.at("gap").get<double>());
  copy_samples(reader, layout, half);
  finish_files(reader.pieces());
  for (const std::string& warning : layout.warnings) {
    task_.warn(warning);
  }
  if (const std::string warning = reader.pieces().overlap_warning(); !warning.empty()) {
    task_.warn(warning);
  }
}

void split_recording(const KernelTask& task,
                     const Recording& recording,
                     const std::vector<Route>& routes) {
  const FileSource source(recording.path);
  try {
    Splitter(task, source, recording.header, routes).run(scan_packets(source, recording.header));
  } catch (const NotSingle&) {
    Splitter(task, source, recording.header, routes)
        .run(scan_packets(source, recording.header, false));
  }
}

}  // namespace

void split(const KernelTask& task) {
  std::vector<Recording> recordings;
  recordings.reserve(task.inputs.size());
  for (const std::string& path : task.inputs) {
    recordings.push_back({path, read_header(FileSource(path))});
  }
  const std::vector<std::vector<Route>> routes = route_outputs(task, recordings);
  for (std::size_t i = 0; i < recordings.size(); ++i) {
    if (!routes[i].empty()) {
      split_recording(task, recordings[i], routes[i]);
    }
  }
}

}  // namespace wfr::nsx
