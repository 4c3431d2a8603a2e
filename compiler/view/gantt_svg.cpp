// Draws the Gantt chart: a row for each job array, then the cpus in use, then the legend.
#include "compiler/view/amounts.hpp"
#include "compiler/view/drawing.hpp"
#include "compiler/view/gantt.hpp"
#include "compiler/view/svg_text.hpp"
#include "compiler/view/text_table.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>

#include <fmt/format.h>

namespace wfc {
namespace {

constexpr std::uint32_t kBins = 440;
constexpr std::uint32_t kMostBars = 600;
constexpr std::uint32_t kMostLanes = 24;

// Pixels.
constexpr double kLeft = 214;
constexpr double kPlotWidth = 880;
constexpr double kRight = 36;
constexpr double kTop = 96;
constexpr double kRowGap = 14;
constexpr double kLeastRow = 30;
constexpr double kAreaRow = 54;
constexpr double kLane = 8;
constexpr double kMostRow = 104;
constexpr double kLeastStripe = 4;
// Heights that differ by less are drawn as one.
constexpr double kHair = 0.05;
constexpr double kTotalHeight = 84;
constexpr double kLegendLine = 22;

// Tableau's ten, a little darker where they would be pale on white; grey is the verdict's.
constexpr std::array<const char*, 10> kColours{"#4e79a7",
                                               "#f28e2b",
                                               "#59a14f",
                                               "#e15759",
                                               "#499894",
                                               "#d4a91d",
                                               "#b07aa1",
                                               "#9c755f",
                                               "#d37295",
                                               "#79706e"};

std::string colour(std::uint32_t index) {
  if (index == 0) return "#8a94a0";
  return kColours[(index - 1) % kColours.size()];
}

class Chart {
 public:
  Chart(const PlanReport& report, Gantt gantt) : report_(report), gantt_(std::move(gantt)) {}
  std::string draw();

 private:
  [[nodiscard]] double x_of(double milliseconds) const {
    return kLeft + milliseconds / static_cast<double>(std::max<Milliseconds>(gantt_.makespan, 1)) *
                       kPlotWidth;
  }
  void head();
  void axis(double bottom);
  void row(const GanttRow& row);
  void bars(const GanttRow& row, double height);
  void area(const std::vector<std::vector<double>>& layers,
            const std::vector<std::uint32_t>& colours,
            double height,
            double most);
  [[nodiscard]] std::string outline(const std::vector<double>& high,
                                    const std::vector<double>& low,
                                    wfr::Range bins) const;
  void total();
  void legend();
  void add(const std::string& element) { body_ += "  " + element + "\n"; }

  const PlanReport& report_;
  Gantt gantt_;
  std::string body_;
  double y_ = kTop;
};

void Chart::head() {
  const Forecast& forecast = *report_.forecast;
  const Site& site = report_.workflow.site;
  add(svg_text({24, 36, "title", "start"},
               report_.workflow.name +
                   (site.local ? ", simulated on this machine" : ", simulated on " + site.name)));
  std::string line = count_text(report_.demand.tasks, "task", "tasks");
  if (!site.local) {
    line += " in " + count_text(report_.demand.jobs, "job", "jobs");
  }
  if (!site.local) line += " on " + count_text(forecast.cluster.nodes, "node", "nodes");
  line += (site.local ? " on " : " of ") + count_text(forecast.cluster.cpus, "cpu", "cpus") +
          ": done in " + span_text(static_cast<double>(forecast.run.makespan) / 1000) + ", " +
          percent_text(forecast.used) + " of the cpus used";
  add(svg_text({24, 58, "sub", "start"}, line));
}

// Behind the rows, so it comes first in the file; its labels are at the top.
void Chart::axis(double bottom) {
  const double step = round_step(static_cast<double>(gantt_.makespan) / 1000);
  const double end = static_cast<double>(gantt_.makespan) / 1000;
  for (std::uint32_t tick = 0; tick * step <= end; ++tick) {
    const double at = tick * step;
    const double x = x_of(at * 1000);
    add(fmt::format(R"(<line class="grid" x1="{0:.1f}" y1="{1:.1f}" x2="{0:.1f}" y2="{2:.1f}"/>)",
                    x,
                    kTop - 6,
                    bottom));
    add(svg_text({x, kTop - 12, "tick", "middle"}, at == 0 ? "0" : axis_text(at, step)));
  }
}

void Chart::bars(const GanttRow& row, double height) {
  const double lane = height / row.lanes;
  const double gap = lane > 6 ? 1.5 : 0.8;
  for (const GanttBar& bar : row.bars) {
    const double thick = (lane - gap) / bar.stripes;
    const double x = x_of(static_cast<double>(bar.begin));
    const double width = std::max(x_of(static_cast<double>(bar.end)) - x - 0.5, 1.0);
    add(fmt::format(
        R"(<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" rx="{}" fill="{}"/>)",
        x,
        y_ + bar.lane * lane + bar.stripe * thick,
        width,
        thick,
        thick > 6 && width > 5 ? 2 : 0,
        colour(bar.colour)));
  }
}

// Layers on top of each other, each in its colour: a closed path of steps for each run of bins
// where there is something.
void Chart::area(const std::vector<std::vector<double>>& layers,
                 const std::vector<std::uint32_t>& colours,
                 double height,
                 double most) {
  std::vector<double> low(gantt_.bins, y_ + height);
  for (std::size_t c = 0; c < colours.size(); ++c) {
    const std::vector<double>& layer = layers[c];
    std::vector<double> high = low;
    for (std::uint32_t b = 0; b < gantt_.bins; ++b) high[b] -= layer[b] / most * height;
    std::string path;
    for (std::uint32_t b = 0; b < gantt_.bins;) {
      std::uint32_t end = b;
      while (end < gantt_.bins && layer[end] > 0) ++end;
      if (end > b) path += outline(high, low, {b, end});
      b = std::max(end, b + 1);
    }
    if (!path.empty()) add(fmt::format(R"(<path fill="{}" d="{}"/>)", colour(colours[c]), path));
    low = std::move(high);
  }
}

// Along the tops to the right, back along the feet.
std::string Chart::outline(const std::vector<double>& high,
                           const std::vector<double>& low,
                           wfr::Range bins) const {
  const double width = kPlotWidth / gantt_.bins;
  std::string path = fmt::format("M{:.1f},{:.1f}", kLeft + bins.begin * width, high[bins.begin]);
  for (std::uint32_t b = bins.begin; b < bins.end; ++b) {
    const bool level = b + 1 < bins.end && std::abs(high[b] - high[b + 1]) < kHair;
    if (!level) fmt::format_to(std::back_inserter(path), "H{:.1f}", kLeft + (b + 1) * width);
    if (!level && b + 1 < bins.end) {
      fmt::format_to(std::back_inserter(path), "V{:.1f}", high[b + 1]);
    }
  }
  fmt::format_to(std::back_inserter(path), "V{:.1f}", low[bins.end - 1]);
  for (std::uint32_t b = bins.end; b-- > bins.begin;) {
    const bool level = b > bins.begin && std::abs(low[b] - low[b - 1]) < kHair;
    if (!level) fmt::format_to(std::back_inserter(path), "H{:.1f}", kLeft + b * width);
    if (!level && b > bins.begin) fmt::format_to(std::back_inserter(path), "V{:.1f}", low[b - 1]);
  }
  return path + "Z";
}

void Chart::row(const GanttRow& row) {
  // Room for each stripe of jobs in which several steps go on at once; too thin, they say nothing.
  std::uint32_t stripes = 1;
  for (const GanttBar& bar : row.bars) stripes = std::max(stripes, bar.stripes);
  const double bars_height = row.lanes * stripes * kLane;
  const bool few = !row.bars.empty() && bars_height <= kMostRow * kLane / kLeastStripe;
  const double height = few ? std::clamp(bars_height, kLeastRow, kMostRow) : kAreaRow;
  add(fmt::format(R"(<rect class="band" x="{}" y="{:.1f}" width="{}" height="{:.1f}"/>)",
                  kLeft,
                  y_,
                  kPlotWidth,
                  height));
  const double ready = x_of(static_cast<double>(row.ready));
  const double begin = x_of(static_cast<double>(row.begin));
  if (begin - ready > 2) {
    add(fmt::format(R"(<line class="wait" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>)",
                    ready,
                    y_ + height / 2,
                    begin - 1,
                    y_ + height / 2));
  }
  if (few) {
    bars(row, height);
  } else {
    area(row.by_colour, row.colours, height, row.peak);
  }
  const double middle = y_ + height / 2;
  add(svg_text({kLeft - 14, middle - 2, "name", "end"}, shortened(row.title, 24)));
  std::string detail = count_text(row.jobs, "job", "jobs");
  if (row.lanes > 1) detail += fmt::format(", at most {} at once", with_commas(row.lanes));
  add(svg_text({kLeft - 14, middle + 12, "small", "end"}, detail));
  y_ += height + kRowGap;
}

void Chart::total() {
  y_ += 10;
  add(fmt::format(R"(<rect class="band" x="{}" y="{:.1f}" width="{}" height="{}"/>)",
                  kLeft,
                  y_,
                  kPlotWidth,
                  kTotalHeight));
  std::vector<std::uint32_t> all(gantt_.names.size());
  for (std::uint32_t c = 0; c < all.size(); ++c) all[c] = c;
  area(gantt_.cpus, all, kTotalHeight, gantt_.capacity);
  add(fmt::format(R"(<line class="full" x1="{0}" y1="{1:.1f}" x2="{2}" y2="{1:.1f}"/>)",
                  kLeft,
                  y_,
                  kLeft + kPlotWidth));
  add(svg_text({kLeft - 14, y_ + kTotalHeight / 2 - 2, "name", "end"}, "cpus given to jobs"));
  add(svg_text({kLeft - 14, y_ + kTotalHeight / 2 + 12, "small", "end"},
               fmt::format("{} of {}",
                           percent_text(report_.forecast->allocated),
                           with_commas(static_cast<std::uint64_t>(gantt_.capacity)))));
  y_ += kTotalHeight + 30;
}

void Chart::legend() {
  constexpr double kCharacter = 7.2;
  constexpr double kSwatch = 26;
  double x = kLeft;
  for (std::uint32_t c = 1; c <= gantt_.names.size(); ++c) {
    // The verdict last.
    const std::uint32_t index = c == gantt_.names.size() ? 0 : c;
    if (index == 0 && report_.workflow.site.local) continue;
    const std::string name = shortened(gantt_.names[index], 40);
    const double width = kSwatch + kCharacter * static_cast<double>(text_width(name)) + 10;
    if (x > kLeft && x + width > kLeft + kPlotWidth) {
      x = kLeft;
      y_ += kLegendLine;
    }
    add(fmt::format(R"(<rect x="{:.1f}" y="{:.1f}" width="13" height="13" rx="2" fill="{}"/>)",
                    x,
                    y_ - 11,
                    colour(index)));
    add(svg_text({x + 19, y_, "label", "start"}, name));
    x += width;
  }
  y_ += kLegendLine;
}

std::string Chart::draw() {
  head();
  const std::string front = std::move(body_);
  body_.clear();
  for (const GanttRow& each : gantt_.rows) row(each);
  total();
  const double bottom = y_ - 30;
  legend();
  const std::string rows = std::move(body_);
  body_.clear();
  axis(bottom);
  return svg_document(kLeft + kPlotWidth + kRight, y_ + 8, front + body_ + rows);
}

}  // namespace

std::string gantt_svg(const PlanReport& report) {
  return Chart(report, make_gantt(report, kBins, kMostBars, kMostLanes)).draw();
}

}  // namespace wfc
