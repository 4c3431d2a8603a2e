#!/usr/bin/python3
"""One session in a few numbers. session_summary.py --units F... --trials F --view F -o SESSION.csv"""
import argparse
import csv


def rows(path):
    with open(path, newline="") as source:
        return list(csv.DictReader(source))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--units", nargs="+", required=True)
    parser.add_argument("--trials", required=True)
    parser.add_argument("--view", required=True)
    parser.add_argument("-o", "--output", required=True)
    arguments = parser.parse_args()
    units = [row for path in arguments.units for row in rows(path)]
    trials, view = rows(arguments.trials), rows(arguments.view)
    seconds = {}
    for row in view:
        seconds[row["wall"]] = seconds.get(row["wall"], 0.0) + float(row["seconds"])
    favourite = max(seconds, key=lambda wall: (seconds[wall], wall))
    table = {
        "arrays": len(arguments.units),
        "channels": len(units),
        "spikes": sum(int(unit["spikes"]) for unit in units),
        "mean_rate_hz": f"{sum(float(unit['rate_hz']) for unit in units) / len(units):.2f}",
        "trials": len(trials),
        "reached": sum(int(trial["reached"]) for trial in trials),
        "wall_seconds": f"{sum(seconds.values()):.1f}",
        "most_seen_wall": favourite,
    }
    with open(arguments.output, "w") as out:
        out.write("what,value\n")
        out.writelines(f"{key},{value}\n" for key, value in table.items())


if __name__ == "__main__":
    main()
