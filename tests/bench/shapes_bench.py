#!/usr/bin/python3
"""Workflows of unusual shapes: many job arrays, a million pairs, a wide sample sheet, a long forecast.

    shapes_bench.py WFC [--only NAME,...] [--slower FACTOR]

Each shape is compiled in its size and in a tenth or a fifth of it, one after the other, so that the
ratio shows whether the time grows faster than the shape. Prints a Markdown table of wall seconds and
peak MiB; exit status 1 when a bound is missed. The bounds are those of a release build on an idle
machine; `--slower 3` is for a development build, or a busy machine.
"""
import argparse
import os
import pathlib
import random
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
HEAD = """[workflow]
name = "shape"
root = "data"
site = "large"
[site.large]
account = "bench"
"""
LIMITS = """[site.large.limits]
max_array_size = 4000001
max_job_count = 40000000
max_submissions = 100000
"""
STEP = '[[step]]\nname = "{0}"\neach = "s"\nrun = "true > {{outputs}}"\noutputs = ["{0}.txt"]\n'


def write_steps(needs_of, size):
    """A step for each number, in three directories; needs_of(i) are the numbers that it needs."""
    for name in "abc":
        os.makedirs(f"data/{name}")
    with open("workflow.toml", "w") as out:
        out.write(HEAD + LIMITS + '[[level]]\nname = "s"\nmatch = "*"\n')
        for i in range(size):
            needs = ", ".join(f'"t{n}"' for n in needs_of(i))
            out.write(STEP.format(f"t{i}") + f"needs = [{needs}]\n")


def chain(size):
    write_steps(lambda i: [i - 1] if i else [], size)


def random_dag(size):
    """Each step needs two of all that come before it."""
    numbers = random.Random(7)
    write_steps(lambda i: sorted({numbers.randrange(i) for _ in range(2)}) if i else [], size)


def write_pairs(size, steps, rows):
    os.makedirs("data")
    with open("workflow.toml", "w") as out:
        out.write(HEAD + '[[level]]\nname = "s"\nfile = "names.txt"\n' + steps)
    with open("names.txt", "w") as out:
        out.writelines(f"s{i:07}\n" for i in range(size))
    with open("pairs.csv", "w") as out:
        out.write("from,to\n")
        out.writelines(f"s{a:07},s{b:07}\n" for a, b in rows)


def pair_chain(size):
    """Each task of a step waits for the one before it."""
    write_pairs(size, STEP.format("a") + 'pairs = "pairs.csv"\n', ((i - 1, i) for i in range(1, size)))


def random_pairs(size):
    numbers = random.Random(7)
    rows = set()
    while len(rows) < size:
        rows.add((numbers.randrange(size), numbers.randrange(size)))
    needs = 'needs = [{ step = "a", pairs = "pairs.csv" }]\nallow_empty = true\n'
    write_pairs(size, STEP.format("a") + STEP.format("b") + needs, sorted(rows, key=hash))


def wide_sheet(size):
    """60 columns, of which the workflow names one."""
    os.makedirs("data")
    pathlib.Path("workflow.toml").write_text(
        HEAD + '[[level]]\nname = "s"\nfile = "s.csv"\ncolumn = "id"\n' +
        '[[step]]\nname = "a"\neach = "s"\nrun = "echo {s.c7} > {outputs}"\noutputs = ["a.txt"]\n')
    with open("s.csv", "w") as out:
        out.write("id," + ",".join(f"c{c}" for c in range(1, 60)) + "\n")
        for row in range(size):
            out.write(f"s{row:06}," + ",".join(f"v{row * c % 997}" for c in range(1, 60)) + "\n")


COMPILE, FORECAST = ["compile"], ["plan", "--simulate"]
# name, what, how, command, size, smaller size, bound in seconds, bound in MiB (0: none)
SHAPES = [
    ("chain", "a chain of {} arrays", chain, COMPILE, 5000, 1000, 5, 0),
    ("dag", "a random graph of {} arrays", random_dag, COMPILE, 5000, 1000, 5, 0),
    ("forecast", "`plan --simulate` of {} arrays", chain, FORECAST, 2000, 400, 0, 200),
    ("pairs", "{} random pairs", random_pairs, COMPILE, 1_000_000, 100_000, 2.5, 0),
    ("pair_chain", "a chain of {} tasks by pairs", pair_chain, COMPILE, 1_000_000, 100_000, 2.5, 0),
    ("sheet", "a sheet of {} rows and 60 columns", wide_sheet, COMPILE, 200_000, 20_000, 0, 200),
]


class Bench:
    def __init__(self, wfc, work):
        self.wfc, self.work = wfc, work
        self.tool = os.path.join(work, "tool")
        subprocess.run([os.environ.get("CXX", "c++"), "-std=c++20", "-O2", "-o", self.tool,
                        str(HERE / "compile_tool.cpp")], check=True)

    def measure(self, make, command, size):
        """(seconds, MiB), the better of two."""
        place = pathlib.Path(self.work, f"{make.__name__}{size}{command[0]}")
        if not place.exists():
            place.mkdir()
            os.chdir(place)
            make(size)
        os.chdir(place)
        found = []
        for _ in range(2):
            done = subprocess.run([self.tool, "run", self.wfc, *command, "workflow.toml"],
                                  stderr=subprocess.PIPE, text=True, check=False)
            if done.returncode != 0:
                sys.exit(f"{place.name}: {done.stderr[-2000:]}")
            found.append(tuple(map(float, done.stderr.strip().splitlines()[-1].split())))
        return min(found)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("wfc")
    arguments.add_argument("--only", default=",".join(shape[0] for shape in SHAPES))
    arguments.add_argument("--slower", type=float, default=1, help="bounds of time are so many times as large")
    options = arguments.parse_args()
    misses = []
    print("| shape | smaller | time | peak memory | times as long for times as much | bound |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="wfc-shapes.") as work:
        bench = Bench(str(pathlib.Path(options.wfc).resolve()), work)
        for name, what, make, command, size, smaller, seconds, memory in SHAPES:
            if name not in options.only.split(","):
                continue
            small = bench.measure(make, command, smaller)
            large = bench.measure(make, command, size)
            bound = f"{seconds} s" if seconds else f"{memory} MiB"
            print(f"| {what.format(f'{size:,}')} | {small[0]:.2f} s | {large[0]:.2f} s | {large[1]:.0f} MiB "
                  f"| {large[0] / small[0]:.1f} for {size // smaller} | {bound} |", flush=True)
            if seconds and large[0] > seconds * options.slower:
                misses.append(f"{name}: {large[0]:.2f} s, the bound is {seconds * options.slower} s")
            if memory and large[1] > memory:
                misses.append(f"{name}: {large[1]:.0f} MiB, the bound is {memory} MiB")
        os.chdir("/")
    for miss in misses:
        print("missed: " + miss, file=sys.stderr)
    return 1 if misses else 0


if __name__ == "__main__":
    sys.exit(main())
