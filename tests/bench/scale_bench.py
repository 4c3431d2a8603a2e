#!/usr/bin/python3
"""Planning a large workflow: `wfc compile` against its floor and against other tools, in one run.

    scale_bench.py WFC [--sizes 10000,100000,1000000] [--limit SECONDS] [--write FILE]

The workload W(N): 10 days of 10 sessions of N/100 channels with one 64-byte file each. Step a runs
for each channel, b and c for each channel after a, d for each session over its b and c, e once:
3 N + 101 tasks. wfc compiles for a site with Slurm's default limits, so it packs, and verifies
what it writes. The others only plan: `make -n`, `ninja -n`, `snakemake -n`, `makeflow` in its dry
mode, each if it is installed. The floor walks the same directories with getdents64 and writes as
many bytes as wfc does.

Prints a Markdown table of wall seconds and peak MiB. Exit status 1 when wfc misses a bound: 0.2 s
at 100,000; twice the floor and 150 MiB at 1,000,000; at most 10 sbatch calls for the arrays.
"""
import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROUNDS = 3  # the best one counts; tools that need more than SLOW seconds run once
SLOW = 5.0

WORKFLOW = """[workflow]
name = "scale"
root = "data"
site = "default"
[site.default]
account = "bench"
[[level]]
name = "day"
match = "session*"
[[level]]
name = "session"
match = "array*"
[[level]]
name = "channel"
match = "channel*"
[defaults]
time = "1m"
[[step]]
name = "a"
each = "channel"
inputs = ["in.txt"]
outputs = ["a.txt"]
argv = ["cp", "{inputs}", "{outputs}"]
[[step]]
name = "b"
each = "channel"
needs = ["a"]
outputs = ["b.txt"]
argv = ["cp", "{needs.a}", "{outputs}"]
[[step]]
name = "c"
each = "channel"
needs = ["a"]
outputs = ["c.txt"]
argv = ["cp", "{needs.a}", "{outputs}"]
[[step]]
name = "d"
each = "session"
needs = ["b", "c"]
outputs = ["d.txt"]
run = "cat {needs.b.list} {needs.c.list} > {outputs}"
[[step]]
name = "e"
needs = ["d"]
outputs = ["e.txt"]
run = "cat {needs.d.list} > {outputs}"
"""


def channels_of(root, size):
    """(session directory, [its channel directories]) in order."""
    for day in range(10):
        for session in range(10):
            place = f"{root}/session{day:04d}/array{session:04d}"
            yield place, [f"{place}/channel{c:04d}" for c in range(size // 100)]


def write_make(size):
    with open("Makefile", "w") as out:
        out.write("all: data/e.txt\n")
        sessions = []
        for session, channels in channels_of("data", size):
            for place in channels:
                out.write(f"{place}/a.txt: {place}/in.txt\n\tcp $< $@\n")
                out.write(f"{place}/b.txt: {place}/a.txt\n\tcp $< $@\n")
                out.write(f"{place}/c.txt: {place}/a.txt\n\tcp $< $@\n")
            inputs = " ".join(f"{place}/{x}.txt" for x in "bc" for place in channels)
            out.write(f"{session}/d.txt: {inputs}\n\tcat list > $@\n")
            sessions.append(f"{session}/d.txt")
        out.write(f"data/e.txt: {' '.join(sessions)}\n\tcat $^ > $@\n")
    return ["make", "-n"]


def write_ninja(size):
    with open("build.ninja", "w") as out:
        out.write("rule copy\n  command = cp $in $out\nrule gather\n  command = cat list > $out\n")
        sessions = []
        for session, channels in channels_of("data", size):
            for place in channels:
                out.write(f"build {place}/a.txt: copy {place}/in.txt\n")
                out.write(f"build {place}/b.txt: copy {place}/a.txt\n")
                out.write(f"build {place}/c.txt: copy {place}/a.txt\n")
            inputs = " ".join(f"{place}/{x}.txt" for x in "bc" for place in channels)
            out.write(f"build {session}/d.txt: gather {inputs}\n")
            sessions.append(f"{session}/d.txt")
        out.write(f"build data/e.txt: gather {' '.join(sessions)}\n")
    return ["ninja", "-n"]


def write_makeflow(size):
    with open("flow.makeflow", "w") as out:
        sessions = []
        for session, channels in channels_of("data", size):
            for place in channels:
                for before, after in (("in", "a"), ("a", "b"), ("a", "c")):
                    out.write(f"{place}/{after}.txt: {place}/{before}.txt\n"
                              f"\tcp {place}/{before}.txt {place}/{after}.txt\n")
            inputs = " ".join(f"{place}/{x}.txt" for x in "bc" for place in channels)
            out.write(f"{session}/d.txt: {inputs}\n\ttouch {session}/d.txt\n")
            sessions.append(f"{session}/d.txt")
        out.write(f"data/e.txt: {' '.join(sessions)}\n\ttouch data/e.txt\n")
    return ["makeflow", "-T", "dryrun", "flow.makeflow"]


def write_snakemake(size):
    with open("Snakefile", "w") as out:
        out.write(f"""
CHANNELS = [f"channel{{c:04d}}" for c in range({size // 100})]
SESSIONS = [f"data/session{{d:04d}}/array{{s:04d}}" for d in range(10) for s in range(10)]
rule e:
    input: expand("{{s}}/d.txt", s=SESSIONS)
    output: "data/e.txt"
    shell: "cat list > {{output}}"
rule d:
    input: lambda w: [f"{{w.s}}/{{c}}/{{x}}.txt" for x in "bc" for c in CHANNELS]
    output: "{{s}}/d.txt"
    wildcard_constraints: s="data/session[0-9]+/array[0-9]+"
    shell: "cat list > {{output}}"
rule bc:
    input: "{{p}}/a.txt"
    output: "{{p}}/{{x,[bc]}}.txt"
    shell: "cp {{input}} {{output}}"
rule a:
    input: "{{p}}/in.txt"
    output: "{{p}}/a.txt"
    shell: "cp {{input}} {{output}}"
""")
    return ["snakemake", "-n", "-q", "-s", "Snakefile"]


PEERS = [("ninja -n", write_ninja), ("make -n", write_make), ("makeflow, dry run", write_makeflow),
         ("snakemake -n", write_snakemake)]


class Bench:
    def __init__(self, wfc, limit, work):
        self.wfc, self.limit, self.work = wfc, limit, work
        self.tool = os.path.join(work, "tool")
        subprocess.run([os.environ.get("CXX", "c++"), "-std=c++20", "-O2", "-o", self.tool,
                        str(HERE / "compile_tool.cpp")], check=True)

    def measure(self, command):
        """(best seconds, MiB), or None when it fails or needs longer than the limit."""
        best = None
        for _ in range(ROUNDS):
            timed = [self.tool, "run", "timeout", str(self.limit)] + command
            done = subprocess.run(timed, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            if done.returncode != 0:
                return None
            seconds, memory = map(float, done.stderr.strip().splitlines()[-1].split())
            if best is None or seconds < best[0]:
                best = (seconds, memory)
            if seconds > SLOW:
                break
        return best

    def size(self, size):
        place = pathlib.Path(self.work, f"w{size}")
        place.mkdir()
        os.chdir(place)
        subprocess.run([self.tool, "make", "data", "10", "10", str(size // 100), "64"], check=True)
        pathlib.Path("workflow.toml").write_text(WORKFLOW)
        subprocess.run([self.wfc, "compile", "workflow.toml"], check=True,
                       stdout=subprocess.DEVNULL)
        found = {"wfc compile, packed and verified":
                 self.measure([self.wfc, "compile", "workflow.toml"])}
        written = sum(f.stat().st_size for f in pathlib.Path("out").rglob("*")
                      if f.is_file() and f.parts[1] not in ("bin", "lib"))
        summary = json.loads(next(pathlib.Path("out/plan").glob("*/plan.json")).read_text())
        found["the floor: the bare walk, the same bytes written"] = self.measure(
            [self.tool, "floor", "data", "3", str(written), "floor.bin"])
        for name, write in PEERS:
            if shutil.which(name.split()[0].rstrip(",")):
                found[name] = self.measure(write(size))
        os.chdir(self.work)
        return found, summary


def cell(found, limit):
    return f"over {limit} s or failed" if found is None else f"{found[0]:.3f} s / {found[1]:.0f}"


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("wfc")
    arguments.add_argument("--sizes", default="10000,100000,1000000")
    arguments.add_argument("--limit", type=int, default=180)
    arguments.add_argument("--write", help="put the table into this file, between its two markers")
    options = arguments.parse_args()
    sizes = [int(s) for s in options.sizes.split(",")]
    results, misses = {}, []
    target = pathlib.Path(options.write).resolve() if options.write else None
    with tempfile.TemporaryDirectory(prefix="wfc-scale.") as work:
        bench = Bench(str(pathlib.Path(options.wfc).resolve()), options.limit, work)
        for size in sizes:
            found, summary = bench.size(size)
            results[size] = found
            own, floor = list(found.values())[:2]
            print(f"{size}: wfc {cell(own, options.limit)}, floor {cell(floor, options.limit)}, "
                  f"{len(summary['arrays'])} job arrays", file=sys.stderr)
            if len(summary["arrays"]) > 10:
                misses.append(f"{len(summary['arrays'])} job arrays at {size}, the bound is 10")
            if size == 100000 and own[0] > 0.2:
                misses.append(f"{own[0]:.2f} s at 100,000, the bound is 0.2 s")
            if size == 1000000 and (own[0] > 2 * floor[0] or own[1] > 150):
                misses.append(f"{own[0]:.2f} s and {own[1]:.0f} MiB at 1,000,000, the bounds are "
                              f"{2 * floor[0]:.2f} s and 150 MiB")
        os.chdir("/")
    lines = ["| tool | " + " | ".join(f"{s:,}" for s in sizes) + " |", "|---|" + "---|" * len(sizes)]
    for name in results[sizes[0]]:
        row = [cell(results[s].get(name), options.limit) for s in sizes]
        lines.append(f"| {name} | " + " | ".join(row) + " |")
    table = "\n".join(lines)
    print(table)
    if target:
        begin, end = "<!-- scale_bench.py -->\n", "<!-- end -->"
        before, rest = target.read_text().split(begin)
        target.write_text(before + begin + table + "\n" + end + rest.split(end, 1)[1])
    for miss in misses:
        print("missed: " + miss, file=sys.stderr)
    return 1 if misses else 0


if __name__ == "__main__":
    sys.exit(main())
