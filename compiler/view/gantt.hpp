// A forecast as rows and colours, before it is drawn: a row for each family's arrays, few jobs as
// bars, many as how many of them run.
#pragma once

#include "compiler/view/plan_report.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace wfc {

// Colour 0 is the verdict's; a step's is its place in Gantt::names.
struct GanttBar {
  Milliseconds begin = 0;
  Milliseconds end = 0;
  std::uint32_t lane = 0;
  std::uint32_t stripe = 0;  // of `stripes` in the lane: the steps of a job
  std::uint32_t stripes = 1;
  std::uint32_t colour = 0;
};

struct GanttRow {
  std::string title;  // "02-highpass"
  std::uint64_t jobs = 0;
  std::uint32_t cores = 0;                     // of one job
  Milliseconds ready = 0;                      // the first of them waits for nothing but room
  Milliseconds begin = 0;                      // the first begins
  Milliseconds end = 0;                        // the last ends
  std::uint32_t lanes = 0;                     // jobs at once, at most; of `bars`
  std::vector<GanttBar> bars;                  // empty when there are too many
  double peak = 0;                             // the most of `running`
  std::vector<double> running;                 // by bin: jobs that run, on average
  std::vector<double> waiting;                 // by bin: jobs that wait for room
  std::vector<std::uint32_t> colours;          // that occur, in order
  std::vector<std::vector<double>> by_colour;  // of those, by bin: `running` shared out among steps
};

struct Gantt {
  std::vector<std::string> names;  // by colour: "verdict", then steps
  std::vector<GanttRow> rows;
  Milliseconds makespan = 0;
  std::uint32_t bins = 0;
  std::vector<std::vector<double>> cpus;  // colour, bin: cpus that jobs have, on average
  double capacity = 0;                    // cpus of the cluster
};

// `bins` over the makespan. A family is drawn as bars up to `most_bars` jobs and `most_lanes` at
// once.
Gantt make_gantt(const PlanReport& report,
                 std::uint32_t bins,
                 std::uint32_t most_bars,
                 std::uint32_t most_lanes);

// Self-contained, on a light background; no script, no font but the reader's.
std::string gantt_svg(const PlanReport& report);
// Bars of characters, 100 columns wide.
std::string gantt_text(const PlanReport& report);

}  // namespace wfc
