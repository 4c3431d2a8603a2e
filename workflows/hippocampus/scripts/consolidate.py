#!/usr/bin/python3
"""The firings of one array's channels -> one table. consolidate.py LIST -o UNITS.csv

LIST names one file a line; the folder that holds a firings.csv is its channel."""
import argparse
import csv
import os


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("list")
    parser.add_argument("-o", "--output", required=True)
    arguments = parser.parse_args()
    with open(arguments.list) as source:
        paths = [path for path in source.read().splitlines() if os.path.basename(path) == "firings.csv"]
    with open(arguments.output, "w") as out:
        out.write("channel,spikes,rate_hz,mean_depth_uv\n")
        for path in paths:
            with open(path, newline="") as source:
                rows = [(float(row["time_s"]), float(row["depth_uv"])) for row in csv.DictReader(source)]
            span = rows[-1][0] - rows[0][0] if len(rows) > 1 else 0.0
            rate = (len(rows) - 1) / span if span > 0 else 0.0
            depth = sum(depth for _, depth in rows) / len(rows) if rows else 0.0
            channel = os.path.basename(os.path.dirname(os.path.abspath(path)))
            out.write(f"{channel},{len(rows)},{rate:.3f},{depth:.2f}\n")


if __name__ == "__main__":
    main()
