#!/usr/bin/python3
"""Eye samples on the clock of the recording. align_eye.py EYE.csv TRIALS.csv -o GAZE.csv

Both devices saw each trial start. A line through those pairs (least squares) gives the offset and the
drift of the tracker's clock; what is left over is printed, and too much of it is an error."""
import argparse
import csv
import sys

WORST_MS = 5.0


def fit(xs, ys):
    mean_x, mean_y = sum(xs) / len(xs), sum(ys) / len(ys)
    spread = sum((x - mean_x) ** 2 for x in xs)
    slope = sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys)) / spread
    return slope, mean_y - slope * mean_x


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("eye")
    parser.add_argument("trials")
    parser.add_argument("-o", "--output", required=True)
    arguments = parser.parse_args()
    with open(arguments.eye, newline="") as source:
        rows = list(csv.DictReader(source))
    with open(arguments.trials, newline="") as source:
        recorded = [float(row["start_s"]) for row in csv.DictReader(source)]
    seen = [float(row["tracker_ms"]) for row in rows if row["message"].startswith("TRIAL ")]
    if len(seen) != len(recorded) or len(seen) < 2:
        sys.exit(f"{len(seen)} trial starts in the eye record, {len(recorded)} in the markers")
    slope, offset = fit(seen, recorded)
    worst = max(abs(slope * x + offset - y) for x, y in zip(seen, recorded)) * 1000
    print(f"{len(seen)} trials, worst residual {worst:.2f} ms")
    if worst > WORST_MS:
        sys.exit(f"the clocks do not agree: residual {worst:.1f} ms, at most {WORST_MS} ms")
    with open(arguments.output, "w") as out:
        out.write("time_s,x_px,y_px\n")
        for row in rows:
            if row["x_px"]:
                time = slope * float(row["tracker_ms"]) + offset
                out.write(f"{time:.4f},{row['x_px']},{row['y_px']}\n")


if __name__ == "__main__":
    main()
