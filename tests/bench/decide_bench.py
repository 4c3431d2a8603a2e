#!/usr/bin/python3
"""What is stale among many results, against a bare parallel statx of the same files.

    decide_bench.py BUILD [--tasks 1000000] [--rounds 5]

A step with two inputs and an output for each of many directories, all recorded as done. `wfr resume`
then looks at every file, and finds nothing to run; decide_floor.cpp calls statx for the same files
from as many threads on as few cpus. They take turns.

Prints each round, the median ratio and the memory; exit status 1 when the ratio is above 2.
"""
import argparse
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
WORKFLOW = """[workflow]
name = "decide"
root = "data"
site = "large"
[site.large]
account = "bench"
[site.large.limits]
max_array_size = 100000001
max_job_count = 1000000000
[[level]]
name = "session"
match = "*"
[[level]]
name = "channel"
under = "session"
match = "*"
[[step]]
name = "filter"
each = "channel"
inputs = ["a.bin", "b.bin"]
outputs = ["c.bin"]
argv = ["cp", "{inputs}", "{outputs}"]
"""


def make_files(root, tasks):
    paths = []
    for task in range(tasks):
        place = root / "data" / f"session{task // 1000:04}" / f"channel{task % 1000:03}"
        place.mkdir(parents=True)
        for name in ("a.bin", "b.bin", "c.bin"):
            (place / name).touch()
            paths.append(str(place / name))
    return paths


def main():
    options = argparse.ArgumentParser()
    options.add_argument("build", type=pathlib.Path)
    options.add_argument("--tasks", type=int, default=1_000_000)
    options.add_argument("--rounds", type=int, default=5)
    given = options.parse_args()
    programs = given.build.resolve() / "bin"
    with tempfile.TemporaryDirectory() as name:
        root = pathlib.Path(name)
        paths = "\n".join(make_files(root, given.tasks)) + "\n"
        (root / "workflow.toml").write_text(WORKFLOW)
        floor = root / "floor"
        subprocess.run(["c++", "-O2", "-std=c++20", "-pthread", HERE / "decide_floor.cpp", "-o", floor],
                       check=True)
        for words in (["compile"], ["touch"]):
            subprocess.run([programs / "wfc", *words, "workflow.toml"], cwd=root, check=True,
                           stdout=subprocess.DEVNULL)
        out = root / "out"
        plan = (out / "state" / "last").read_text().strip()
        (root / "tables").mkdir()
        (root / "live").touch()
        ratios = []
        for turn in range(given.rounds):
            bare = float(subprocess.run([floor], input=paths, text=True, capture_output=True,
                                        check=True).stdout)
            begun = time.monotonic()
            answer = subprocess.run(
                [out / "bin" / "wfr", "resume", "--plan", plan, "--live", root / "live",
                 "--dir", root / "tables"], cwd=out, text=True, capture_output=True, check=True).stdout
            took = time.monotonic() - begun
            if answer.split()[:2] != ["0", "0"]:
                sys.exit(f"not everything was found up to date: {answer[:200]}")
            ratios.append(took / bare)
            print(f"round {turn + 1}: statx {bare:.3f} s, wfr resume {took:.3f} s, {ratios[-1]:.2f} x",
                  flush=True)
        memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        ratio = statistics.median(ratios)
        print(f"{given.tasks} tasks, {3 * given.tasks} files: {ratio:.2f} x a bare statx; "
              f"largest child {memory // 1024} MiB")
        return 0 if ratio <= 2 else 1


if __name__ == "__main__":
    sys.exit(main())
