#!/usr/bin/python3
"""Parallel-port markers -> trials. parse_markers.py MARKERS.csv -o TRIALS.csv

A code is a kind and a poster: 1p cue, 2p start, 3p reached, 4p timed out; 84 begins the session."""
import argparse
import csv
import sys

RATE = 30000  # samples a second of the clock that the markers carry
CUE, START, REACHED, TIMED_OUT = 1, 2, 3, 4


def parse(rows):
    """Yields (poster, cue_s, start_s, end_s, reached); ends with a reason when the order is wrong."""
    expected, trial = {CUE}, []
    for line, (sample, code) in enumerate(rows, start=2):
        if code == 84:
            continue
        kind, poster = divmod(code, 10)
        if kind not in expected or (trial and trial[0] != poster):
            sys.exit(f"line {line}: marker {code} is out of order")
        trial = [poster] if kind == CUE else trial
        trial.append(sample / RATE)
        expected = {CUE: {START}, START: {REACHED, TIMED_OUT}}.get(kind, {CUE})
        if kind in (REACHED, TIMED_OUT):
            yield (*trial, kind == REACHED)
            trial = []


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("markers")
    parser.add_argument("-o", "--output", required=True)
    arguments = parser.parse_args()
    with open(arguments.markers, newline="") as source:
        rows = [(int(row["sample"]), int(row["code"])) for row in csv.DictReader(source)]
    with open(arguments.output, "w") as out:
        out.write("poster,cue_s,start_s,end_s,reached\n")
        for poster, cue, start, end, reached in parse(rows):
            out.write(f"{poster},{cue:.6f},{start:.6f},{end:.6f},{int(reached)}\n")


if __name__ == "__main__":
    main()
