// Blocks of /data as double, checked; and what all signal kernels ask of their task.
#include "runtime/kernels/signal/source.hpp"

#include "runtime/kernels/signal/multiversion.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace wfr::signal {
namespace {

constexpr std::uint64_t kMebibyte = 1U << 20U;

WFR_MULTIVERSION
void to_physical(
    const std::int16_t* raw, double* out, std::size_t count, double scale, double offset) {
  for (std::size_t i = 0; i < count; ++i) {
    out[i] = static_cast<double>(raw[i]) * scale + offset;
  }
}

}  // namespace

Source::Source(const KernelTask& task) : task_(&task), reader_(task.inputs.front()) {
  if (!std::isfinite(info().scale) || !std::isfinite(info().offset)) {
    throw KernelError(
        fmt::format("{}: /data has scale {} and offset {}", path(), info().scale, info().offset));
  }
}

std::uint64_t Source::longest_piece() const {
  std::uint64_t longest = 0;
  for (const hdf5::Segment& piece : segments().pieces) {
    longest = std::max(longest, piece.count);
  }
  return longest;
}

void Source::load(std::uint64_t begin, std::span<double> values) {
  if (reader_.element() == hdf5::Element::Int16) {
    raw_.resize(values.size());
    reader_.read_raw(begin, raw_);
    to_physical(raw_.data(), values.data(), values.size(), info().scale, info().offset);
    return;
  }
  reader_.read(begin, values);
  const auto bad = std::find_if_not(
      values.begin(), values.end(), [](double value) { return std::isfinite(value); });
  if (bad != values.end()) {
    throw KernelError(fmt::format(
        "{}: sample {} of /data is {}, and a filter would spread it over the whole recording: "
        "leave it out and list the pieces around it in /segments",
        path(),
        begin + static_cast<std::uint64_t>(bad - values.begin()),
        *bad));
  }
}

void Source::read(const hdf5::Segment& piece, std::size_t block, const Blocks& take) {
  for (std::uint64_t done = 0; done < piece.count;) {
    if (task_->cancelled()) {
      throw KernelError("stopped before the end");
    }
    const std::uint64_t begin = piece.start + done;
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(block, piece.count - done));
    values_.resize(count);
    load(begin, values_);
    take(values_);
    done += count;
    task_->progress(static_cast<double>(begin + count) / static_cast<double>(size()));
  }
}

void check_budget(const KernelTask& task, std::uint64_t needed, const std::string& reason) {
  const auto allowed = task.params.at("buffer_mb").get<std::uint64_t>();
  const std::uint64_t megabytes = (needed + kMebibyte - 1) / kMebibyte;
  if (megabytes > allowed) {
    throw KernelError(
        fmt::format("{} needs {} MB, but `buffer_mb` is {}", reason, megabytes, allowed));
  }
}

std::string provenance_text(const KernelTask& task) {
  nlohmann::json provenance = task.provenance;
  if (!provenance.is_object()) {
    provenance = nlohmann::json::object();
  }
  provenance["params"] = task.params;
  // A name on disk may be any bytes; JSON text may not.
  return provenance.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace wfr::signal
