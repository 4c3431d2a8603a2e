#!/usr/bin/python3
"""What wfc, wfr and the records are like under load.

    load_bench.py BUILD_DIR [--parts cluster,local,records,job] [--nodes 100] [--tasks 20000] [--pack 5]
                  [--local 100000] [--records 1000000]

cluster  TASKS tasks of two steps through job arrays on a Slurm of NODES real slurmd, PACK tasks an array element;
         every task is run exactly once (root, and what tests/slurm needs)
local    LOCAL tasks, and a tenth of them, by `wfc run -j2`: memory is that of the plan, not of what was done
records  the records of RECORDS tasks, ten failed and some not ended: how long to read them, and in what memory
job      `wfr job` of one element of an array of RECORDS, and of one that runs LOCAL / 10 tasks

Trees are on /dev/shm where there is one. Prints a table; exit status 1 when a task is missing or was run twice, or
when a bound is missed.
"""
import argparse
import contextlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
BASE = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
LARGE = """site = "large"
[site.large]
account = "bench"
[site.large.limits]
max_array_size = 100000001
max_job_count = 1000000000
"""
HEAD = """[workflow]
name = "load"
root = "data"
{site}
[defaults]
time = "1h"
mem = "50M"
[jobs]
pack = {pack}
"""
LEVELS = """[[level]]
name = "session"
match = "session*"
[[level]]
name = "array"
match = "array*"
[[level]]
name = "channel"
match = "channel*"
"""
# `touch` alone would be run without a shell; the ledger says how often each was run.
STEP = """[[step]]
name = "{name}"
each = "channel"
{needs}outputs = ["{name}.txt"]
run = "echo x >>ran.{name}; touch {{outputs}}"
"""
TOUCH = """[[step]]
name = "a"
each = "channel"
outputs = ["a.txt"]
argv = ["touch", "{outputs}"]
"""

rows, misses = [], []


def run(*words, **how):
    done = subprocess.run(words, capture_output=True, text=True, check=False, **how)
    if done.returncode not in (0, 1):
        sys.exit(f"{words}: {done.returncode}\n{done.stdout}{done.stderr}")
    return done


def row(what, seconds, megabytes="", bound="", missed=False):
    rows.append((what, f"{seconds:.2f} s", megabytes and f"{megabytes:.1f} MB", bound))
    print("  ".join(str(cell) for cell in rows[-1]), flush=True)
    if missed:
        misses.append(what)


def require(condition, what):
    if not condition:
        misses.append(what)
        print(f"missed: {what}", flush=True)


class Bench:
    def __init__(self, options):
        self.options = options
        self.bin = pathlib.Path(options.build).resolve() / "bin"
        self.record_tool = pathlib.Path(options.build).resolve() / "tests/e2e/record_tool"
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="wfc-load-bench-", dir=BASE))
        self.tool = str(self.dir / "tool")
        run(os.environ.get("CXX", "c++"), "-std=c++20", "-O2", "-o", self.tool, str(HERE / "compile_tool.cpp"))

    @contextlib.contextmanager
    def place(self, workflow, tree=None):
        """A directory with a workflow; `tree`: sessions, arrays, channels."""
        where = pathlib.Path(tempfile.mkdtemp(dir=self.dir))
        (where / "workflow.toml").write_text(workflow)
        if tree:
            run(self.tool, "make", str(where / "data"), *map(str, tree))
        else:
            (where / "data").mkdir()
        yield where
        shutil.rmtree(where)

    def measured(self, *words, **how):
        """(seconds, MB) of the process itself."""
        done = run(self.tool, "run", *map(str, words), **how)
        return tuple(float(word) for word in done.stderr.strip().splitlines()[-1].split())

    def compile(self, where):
        """The plan's hash."""
        run(self.bin / "wfc", "compile", "workflow.toml", cwd=where)
        (plan,) = os.listdir(where / "out/plan")
        return plan

    def cluster(self):
        nodes, tasks, pack = self.options.nodes, self.options.tasks, self.options.pack
        workflow = HEAD.format(site='site = "test"\n[site.test]\naccount = "x"', pack=pack) + LEVELS + \
            STEP.format(name="a", needs="") + STEP.format(name="b", needs='needs = ["a"]\n')
        cluster = [str(HERE / "../slurm/cluster.sh")]
        state = ["--state", str(self.dir / "cluster")]
        env = {name: value for name, value in os.environ.items() if not name.startswith(("SLURM_", "SBATCH_"))}
        env["SLURM_CONF"] = str(self.dir / "cluster/etc/slurm.conf")
        env["XDG_CONFIG_HOME"] = str(self.dir / "config")
        with self.place(workflow, (10, 10, tasks // 200)) as where:
            plan = self.compile(where)
            begun = time.time()
            run(*cluster, "up", *state, "--nodes", str(nodes), "--cpus", "2", "--mem", "2000")
            row(f"{nodes} slurmd are up", time.time() - begun)
            try:
                self.submit(where, plan, env)
            finally:
                run(*cluster, "down", *state)

    def submit(self, where, plan, env):
        begun = time.time()
        done = run(where / "out/submit.sh", env=env)
        require(done.returncode == 0, f"submitted: {done.stderr}")
        calls = len(re.findall("^job ", (where / "out/submit.sh").read_text(), re.M))
        elements = len(run("squeue", "-h", "-r", "-o", "%i", env=env).stdout.split())
        row(f"submitted: {calls} calls of sbatch, {elements} jobs in the queue", time.time() - begun)
        require(elements > 1001, "more than 1001 elements of job arrays")
        while run("squeue", "-h", env=env).stdout:
            time.sleep(0.5)
        verdict = run(where / "out/bin/wfr", "verdict", "--plan", plan, cwd=where / "out")
        require("every task is done" in verdict.stdout, f"every task is done: {verdict.stdout}")
        sizes = [(path / f"ran.{step}").stat().st_size for path in (where / "data").glob("*/*/*") for step in "ab"]
        once = sizes.count(2)
        ended = (self.dir / "cluster/log/jobcomp.txt").read_text()
        nodes = len(set(re.findall(r"NodeList=(n\d+)", ended)))
        row(f"{len(sizes)} tasks, {once} of them run once", time.time() - begun,
            bound="each once", missed=once != len(sizes))
        print(f"nodes that have worked: {nodes}", flush=True)

    def local(self):
        peaks = []
        for count in (self.options.local // 10, self.options.local):
            with self.place(HEAD.format(site="", pack=1) + LEVELS + TOUCH, (10, 10, count // 100)) as where:
                seconds, peak = self.measured(self.bin / "wfc", "run", "workflow.toml", "-j2", cwd=where)
                made = sum(1 for _ in (where / "data").glob("*/*/*/a.txt"))
                require(made == count, f"{made} of {count} tasks done")
                peaks.append(peak)
                row(f"wfc run -j2, {count} tasks", seconds, peak)
                again, peak = self.measured(self.bin / "wfc", "run", "workflow.toml", "-j2", cwd=where)
                row(f"the same again, all up to date ({count})", again, peak)
        each = (peaks[1] - peaks[0]) * 1024 * 1024 / (self.options.local * 0.9)
        print(f"{each:.0f} bytes for each further task", flush=True)
        require(each <= 100, "at most 100 bytes for each further task")

    def values(self, count, pack=1):
        return HEAD.format(site=LARGE, pack=pack) + \
            f'[[level]]\nname = "channel"\nvalues = "channel{{{"0" * len(str(count - 1))}..{count - 1}}}"\n' + TOUCH

    def records(self):
        count = self.options.records
        with self.place(self.values(count)) as where:
            out = where / "out"
            plan = self.compile(where)
            row(f"the records of {count} tasks written",
                self.measured(self.record_tool, "out", plan, count // 10, count // 10 + 1, cwd=where)[0])
            (where / "live").touch()
            (where / "tables").mkdir()
            wfc, wfr = self.bin / "wfc", self.bin / "wfr"
            for what, bound, words, place in (
                    ("wfc status", 1, [wfc, "status", "--trust-records"], where),
                    ("wfc status workflow.toml", 0, [wfc, "status", "--trust-records", "workflow.toml"], where),
                    ("wfr verdict", 1, [wfr, "verdict", "--plan", plan], out),
                    ("wfr resume (slots, and every record)", 0,
                     [wfr, "resume", "--plan", plan, "--live", "../live", "--dir", "../tables",
                      "--trust-records"], out),
                    ("wfr verdict of the last job (settles what is lost)", 0,
                     ["/usr/bin/env", "PATH=/nonexistent", wfr, "verdict", "--plan", plan, "--run", "r1"], out),
                    ("wfc tune (every record)", 0, [wfc, "tune", "workflow.toml"], where)):
                # The last job's settles for good: what it does can be measured once.
                rounds = 1 if "--run" in words else 3
                seconds, peak = min(self.measured(*words, cwd=place) for _ in range(rounds))
                row(what, seconds, peak, f"{bound} s" if bound else "", 0 < bound < seconds)
            lines = run(wfc, "status", "--trust-records", cwd=where).stdout
            require(re.search(rf"{count - 19}/{count}, 19 failed", lines), f"status is right: {lines}")

    def job(self):
        count, packed = self.options.records, self.options.local // 10
        env = {name: value for name, value in os.environ.items() if not name.startswith("SLURM_")}
        with self.place(self.values(count)) as where:
            plan = self.compile(where)
            seconds, peak = min(self.measured(
                self.bin / "wfr", "job", "--plan", plan, "--array", "01-a", "--index", i, cwd=where / "out", env=env)
                for i in range(0, count, count // 5))
            row(f"wfr job, one task of {count}", seconds, peak, "16 MB", peak > 16)
        for size in (packed // 10, packed):
            with self.place(self.values(size, size)) as where:
                plan = self.compile(where)
                seconds, peak = self.measured(
                    self.bin / "wfr", "job", "--plan", plan, "--array", "01-a", cwd=where / "out",
                    env=dict(env, SLURM_JOB_ID="1", SLURM_CPUS_PER_TASK="2"))
                require(sum(1 for _ in (where / "data").glob("*/a.txt")) == size, f"{size} tasks of one job")
                row(f"wfr job, all of its {size} tasks", seconds, peak, "16 MB", peak > 16)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("build")
    arguments.add_argument("--parts", default="cluster,local,records,job")
    for name, value in (("nodes", 100), ("tasks", 20000), ("pack", 5), ("local", 100_000), ("records", 1_000_000)):
        arguments.add_argument("--" + name, type=int, default=value)
    options = arguments.parse_args()
    bench = Bench(options)
    try:
        for part in options.parts.split(","):
            getattr(bench, part)()
    finally:
        shutil.rmtree(bench.dir, ignore_errors=True)
    print(f"load {os.getloadavg()[0]:.1f} at the end\n\n| what | time | peak memory | bound |\n|---|---|---|---|")
    for cells in rows:
        print("| " + " | ".join(cells) + " |")
    for miss in misses:
        print("missed: " + miss, file=sys.stderr)
    return 1 if misses else 0


if __name__ == "__main__":
    sys.exit(main())
