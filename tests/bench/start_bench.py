#!/usr/bin/python3
"""One array task out of a million: how long until its command runs, and how planning grows.

    start_bench.py WFC [--channels 1000000] [--rounds 21]

A step for each channel of a `values` level, one array element a task. Measured: `wfc compile` with
a tenth of the channels, with all, and with ten times as many; then `wfr job --index I` for indices
all over the array, from exec to the first instruction of the task's command, without what a shell
or Slurm do before.

Prints what it finds; exit status 1 when the median start takes more than 3 ms or wfr 16 MiB, or
when ten times the channels take more than fifteen times as long.
"""
import argparse
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent

WORKFLOW = """[workflow]
name = "start"
root = "data"
site = "large"
[site.large]
account = "bench"
[site.large.limits]
max_array_size = 100000001
max_job_count = 1000000000
[[level]]
name = "channel"
values = "channel{{{first}..{last}}}"
[[step]]
name = "a"
each = "channel"
outputs = ["a.txt"]
argv = ["{tool}", "now", "{{outputs}}"]
[[step]]
name = "b"
each = "channel"
needs = ["a"]
outputs = ["b.txt"]
argv = ["cp", "{{needs.a}}", "{{outputs}}"]
"""


def run(*words, **how):
    return subprocess.run(words, check=True, capture_output=True, text=True, **how)


def measured(tool, *words, **how):
    done = run(tool, "run", *words, **how)
    return tuple(map(float, done.stderr.strip().splitlines()[-1].split()))


def name_of(channel, channels):
    return f"channel{channel:0{len(str(channels - 1))}d}"


def compile_channels(wfc, tool, channels):
    """(seconds, MiB) of the best of three."""
    width = len(str(channels - 1))
    pathlib.Path("workflow.toml").write_text(
        WORKFLOW.format(first="0" * width, last=channels - 1, tool=tool))
    return min(measured(tool, wfc, "compile", "workflow.toml") for _ in range(3))


def starts(wfc, tool, channels, rounds):
    """([milliseconds], [MiB]) of array tasks all over the array."""
    compile_channels(wfc, tool, channels)
    script = pathlib.Path("out/jobs/01-a.sbatch").read_text()
    plan = re.search(r"--plan (\w+)", script)[1]
    variables = {k: v for k, v in os.environ.items() if not k.startswith("SLURM_")}
    times, memory = [], []
    for round_ in range(rounds + 1):
        index = round_ * (channels // (rounds + 1)) + round_
        words = ["bin/wfr", "job", "--plan", plan, "--array", "01-a", "--index", str(index)]
        seen = measured(tool, tool, "start", "../began", *words, cwd="out", env=variables)
        ended = pathlib.Path("data", name_of(index, channels), "a.txt").read_text()
        if round_ == 0:
            continue  # it makes the state's files
        times.append((int(ended) - int(pathlib.Path("began").read_text())) / 1e6)
        memory.append(seen[1])
    return times, memory


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("wfc")
    arguments.add_argument("--channels", type=int, default=1_000_000)
    arguments.add_argument("--rounds", type=int, default=21)
    options = arguments.parse_args()
    wfc = str(pathlib.Path(options.wfc).resolve())
    misses = []
    with tempfile.TemporaryDirectory(prefix="wfc-start.") as work:
        tool = os.path.join(work, "tool")
        run(os.environ.get("CXX", "c++"), "-std=c++20", "-O2", "-o", tool,
            str(HERE / "compile_tool.cpp"))
        os.chdir(work)
        os.mkdir("data")
        sizes = [options.channels // 10, options.channels, options.channels * 10]
        found = [compile_channels(wfc, tool, size) for size in sizes]
        for size, (seconds, mebibytes) in zip(sizes, found):
            print(f"{size:>10,} channels compiled in {seconds:.3f} s, {mebibytes:.0f} MiB")
        growth = found[2][0] / found[1][0]
        print(f"{growth:.1f} times as long for ten times as many")
        times, memory = starts(wfc, tool, options.channels, options.rounds)
        start, most = statistics.median(times), max(memory)
        print(f"one array task of {options.channels:,}: {start:.2f} ms from exec to its command "
              f"(median of {len(times)}, {min(times):.2f} to {max(times):.2f}), {most:.1f} MiB")
        if growth > 15:
            misses.append(f"{growth:.1f} times as long for ten times the channels")
        if start > 3 or most > 16:
            misses.append(f"a start of {start:.2f} ms with {most:.1f} MiB; 3 ms and 16 MiB are the "
                          "bounds")
        os.chdir("/")
    for miss in misses:
        print("missed: " + miss, file=sys.stderr)
    return 1 if misses else 0


if __name__ == "__main__":
    sys.exit(main())
