#!/usr/bin/python3
"""A day in one picture and one table. day_picture.py --sessions F... --spectra LIST --sorted LIST ...

Reads what the steps before it made (a LIST names one file a line) and draws it with svg.py: power
spectra, mean spike waveforms, a raster of the spikes over the trials, and the walls looked at."""
import argparse
import csv
import os

import h5py

import svg

COLOURS = ("#3b6fb6", "#d1662b", "#2f8f6b", "#9a4fa0", "#b8902a", "#5b6470")
WINDOW_S = 20.0  # of the raster
WALLS = ("north", "east", "south", "west")


def listed(path, name):
    """The files called `name` of those that a list names."""
    with open(path) as source:
        return [line for line in source.read().splitlines() if os.path.basename(line) == name]


def rows(path):
    with open(path, newline="") as source:
        return list(csv.DictReader(source))


def place(path):
    """session, array and channel from the folders that hold a file."""
    parts = os.path.abspath(path).split(os.sep)
    return parts[-4], parts[-3], parts[-2]


def colour_of(arrays, array):
    return COLOURS[arrays.index(array) % len(COLOURS)]


def draw_spectra(page, box, paths, arrays):
    axes = svg.Axes(page, box, (1, 150), (1e-3, 1e3), log_x=True, log_y=True)
    curves, top, bottom = [], 0.0, float("inf")
    for path in paths:
        with h5py.File(path, "r") as source:
            frequency, power = source["frequency"][:], source["psd"][:]
        inside = [(f, p) for f, p in zip(frequency, power) if 1 <= f <= 150 and p > 0]
        curves.append((colour_of(arrays, place(path)[1]), inside))
        top, bottom = max(top, *(p for _, p in inside)), min(bottom, *(p for _, p in inside))
    axes.set_y(bottom / 1.5, top * 1.5)
    axes.frame("Field potentials", "frequency (Hz)", "power (µV²/Hz)")
    for colour, points in curves:
        axes.line(points, colour, 1.0, 0.55)


def draw_waveforms(page, box, paths, arrays):
    curves = []
    for path in paths:
        points = [(float(row["time_ms"]), float(row["mean_uv"])) for row in rows(path)]
        if points:
            curves.append((colour_of(arrays, place(path)[1]), points))
    low = min((y for _, points in curves for _, y in points), default=-1.0)
    high = max((y for _, points in curves for _, y in points), default=1.0)
    axes = svg.Axes(page, box, (-0.6, 1.2), (low * 1.1, high * 1.25))
    axes.frame("Mean spike of each channel", "time from the trough (ms)", "µV")
    for colour, points in curves:
        axes.line(points, colour, 1.3, 0.7)


def draw_raster(page, box, session, firings, trials, arrays):
    axes = svg.Axes(page, box, (0, WINDOW_S), (0, len(firings)))
    for trial in trials:
        start, end = float(trial["start_s"]), float(trial["end_s"])
        if start < WINDOW_S:
            axes.shade(start, min(end, WINDOW_S), "#f2e9d8" if int(trial["reached"]) else "#f3dcd8")
    found = 0
    for row, path in enumerate(firings):
        times = [float(entry["time_s"]) for entry in rows(path)]
        found += len(times)
        _, array, _ = place(path)
        axes.ticks([time for time in times if time < WINDOW_S], len(firings) - row - 1, colour_of(arrays, array))
    axes.frame(f"{session}: {found} spikes, {len(trials)} trials (shaded; red: not reached)", "time (s)", None)
    axes.row_labels([(place(path)[1], place(path)[2]) for path in firings])


def draw_view(page, box, path, most):
    """The four walls unrolled; the darker, the longer looked at."""
    x, y, width, height = box
    entries = rows(path)
    columns = 1 + max(int(entry["column"]) for entry in entries)
    levels = 1 + max(int(entry["row"]) for entry in entries)
    gap = 6
    cell_w, cell_h = (width - 3 * gap) / 4 / columns, height / levels
    for entry in entries:
        wall, level, column = WALLS.index(entry["wall"]), int(entry["row"]), int(entry["column"])
        share = (float(entry["seconds"]) / most) ** 0.5 if most > 0 else 0
        left = x + wall * (columns * cell_w + gap) + column * cell_w
        page.rect(left, y + height - (level + 1) * cell_h, cell_w, cell_h, svg.shade(share), stroke="#ffffff")
    for index, wall in enumerate(WALLS):
        middle = x + index * (columns * cell_w + gap) + columns * cell_w / 2
        page.text(middle, y + height + 17, wall, 12, anchor="middle", colour=svg.MUTED)


def draw(arguments):
    spectra, firings = listed(arguments.spectra, "spectrum.h5"), listed(arguments.sorted, "firings.csv")
    arrays = sorted({place(path)[1] for path in firings})
    names = [os.path.basename(os.path.dirname(os.path.abspath(path))) for path in arguments.sessions]
    per_session = {name: [path for path in firings if place(path)[0] == name] for name in names}
    rows_high = max(len(paths) for paths in per_session.values())
    raster = min(640, max(150, 13 * rows_high))
    page = svg.Page(1240, 662 + raster)
    spikes = sum(len(rows(path)) for path in firings)
    page.text(90, 46, f"{arguments.title}", 24, weight="600")
    page.text(90, 70, f"{len(names)} sessions · {len(arrays)} arrays · {rows_high} channels · {spikes} spikes found", 14,
              colour=svg.MUTED)
    for index, array in enumerate(arrays[:len(COLOURS)]):
        left = 1202 - 92 * (min(len(arrays), len(COLOURS)) - index)
        page.rect(left, 60, 12, 12, COLOURS[index])
        page.text(left + 18, 71, array, 13)
    draw_spectra(page, (90, 118, 490, 250), [path for path in spectra if place(path)[0] in names], arrays)
    draw_waveforms(page, (690, 118, 490, 250), listed(arguments.sorted, "waveform.csv"), arrays)
    most = max((float(entry["seconds"]) for path in arguments.views for entry in rows(path)), default=0.0)
    width = (1090 - 110 * (len(names) - 1)) / len(names)
    for index, (name, trials) in enumerate(zip(names, arguments.trials)):
        left = 90 + index * (width + 110)
        draw_raster(page, (left, 460, width, raster), name, per_session[name], rows(trials), arrays)
        page.text(left, 546 + raster, "Walls looked at (darker: longer)", 14, weight="600")
        draw_view(page, (left, 558 + raster, width, 62), arguments.views[index], most)
    return page


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("sessions", "trials", "views"):
        parser.add_argument(f"--{name}", nargs="+", required=True)
    for name in ("spectra", "sorted", "title", "picture", "table"):
        parser.add_argument(f"--{name}", required=True)
    arguments = parser.parse_args()
    with open(arguments.table, "w") as out:
        columns = [row["what"] for row in rows(arguments.sessions[0])]
        out.write(",".join(["session", *columns]) + "\n")
        for path in arguments.sessions:
            name = os.path.basename(os.path.dirname(os.path.abspath(path)))
            out.write(",".join([name, *(row["value"] for row in rows(path))]) + "\n")
    with open(arguments.picture, "w", encoding="utf-8") as out:
        out.write(draw(arguments).render())


if __name__ == "__main__":
    main()
