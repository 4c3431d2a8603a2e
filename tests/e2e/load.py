#!/usr/bin/python3
"""Memory does not grow with what was done: `wfc status`, `wfr verdict` and `wfr resume` of many records, `wfc run` and one
job under Slurm's variables of many tasks, each with all and with a tenth of them. Bounds on memory and results, none
on time. WFC_LOAD_RECORDS, WFC_LOAD_TASKS: other counts. Arguments: BIN, record_tool, measure_tool.

tests/bench/load_bench.py measures the same at full size. Seen to fail: with all slots of a step in memory (72 bytes
a record, 24 are allowed); with a tally that keeps every end (245 bytes a task, 150 are allowed).
"""
import tempfile

from run_common import WFC, WFR, main, os, shutil, subprocess, sys

RECORD_TOOL, MEASURE_TOOL = map(os.path.abspath, sys.argv[2:4])
RECORDS = int(os.environ.get("WFC_LOAD_RECORDS", "200000"))
TASKS = int(os.environ.get("WFC_LOAD_TASKS", "4000"))
# Bytes a task: names, bits and counts; a slot has 64, a record of the log 160.
RECORD_BOUND = 24
# A run looks through its own log at the end: its pages are mapped, not allocated, and count while they are there.
TASK_BOUND = 350

WORKFLOW = """[workflow]
name = "load"
root = "data"
{site}
[jobs]
pack = {pack}
[[level]]
name = "channel"
{level}
[[step]]
name = "a"
each = "channel"
outputs = ["a.txt"]
argv = ["touch", "{{outputs}}"]
"""
SITE = """site = "large"
[site.large]
account = "test"
[site.large.limits]
max_array_size = 100000001
max_job_count = 1000000000"""


class Place:
    """A workflow of `count` tasks in jobs of `pack`; removed at the end."""

    def __init__(self, count, pack=1, site=SITE, on_disk=True):
        base = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        self.dir = tempfile.mkdtemp(prefix="wfc-load-", dir=base)
        self.count = count
        os.mkdir(self.dir + "/data")
        level = f'values = "channel{{{"0" * len(str(count - 1))}..{count - 1}}}"'
        if on_disk:
            level = 'match = "channel*"'
            for i in range(count):
                os.mkdir(f"{self.dir}/data/channel{i:06}")
        with open(self.dir + "/workflow.toml", "w", encoding="utf-8") as file:
            file.write(WORKFLOW.format(site=site, pack=pack, level=level))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.dir, ignore_errors=True)

    def run(self, *words, below="", expect=0, env=None):
        """(what it prints, peak memory in kB) of the command in this directory."""
        done = subprocess.run(words, cwd=self.dir + below, capture_output=True, text=True, timeout=280,
                              env=dict(os.environ, **(env or {})))
        assert done.returncode == expect, f"{words}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def peak(self, *words, **how):
        """Its peak memory in bytes."""
        return float(self.run(MEASURE_TOOL, "run", *words, **how).split()[-1]) * 1024 * 1024

    def compile(self):
        self.run(WFC, "compile", "workflow.toml")
        (plan,) = os.listdir(self.dir + "/out/plan")
        return plan

    def made(self):
        return sum(1 for _, _, names in os.walk(self.dir + "/data") for name in names if name == "a.txt")


def bounded(what, small, large, tasks, bound):
    """`tasks` more may cost `bound` bytes each."""
    each = (large - small) / tasks
    print(f"{what}: {large / 1e6:.1f} MB, {each:.1f} bytes for each of {tasks} more (at most {bound})", flush=True)
    assert each <= bound, f"{what}: {each:.1f} bytes a task"


def records():
    peaks = {"wfc status": [], "wfr verdict": [], "wfr resume": []}
    for count in (RECORDS // 10, RECORDS):
        with Place(count, on_disk=False) as place:
            plan = place.compile()
            # Ten have failed, ten were started and have not ended.
            place.run(RECORD_TOOL, "out", plan, str(count // 10), str(count // 10 + 1))
            # There are records and no files.
            status = [WFC, "status", "out", "--trust-records"]
            seen = place.run(*status)
            left = count // (count // 10 + 1)
            assert f"{count - 10 - left}/{count}, 10 failed" in seen, seen
            assert "failed: 10 tasks of `a`: exit status 1" in seen and "and 7 more" in seen, seen
            peaks["wfc status"].append(place.peak(*status))
            os.mkdir(place.dir + "/tables")
            with open(place.dir + "/live", "w", encoding="utf-8"):
                pass
            resume = [WFR, "resume", "--plan", plan, "--live", "../live", "--dir", "../tables", "--trust-records"]
            seen = place.run(*resume, below="/out")
            assert seen.split()[:3] == [str(10 + left), "0", "0"], seen
            peaks["wfr resume"].append(place.peak(*resume, below="/out"))
            # No Slurm is to be asked: what has no end is lost.
            verdict = [WFR, "verdict", "--plan", plan, "--run", "r1"]
            peaks["wfr verdict"].append(
                place.peak(*verdict, below="/out", expect=1, env={"PATH": "/nonexistent"}))
            seen = place.run(*status)
            assert f"{count - 10 - left}/{count}, {10 + left} failed" in seen, seen
    for what, (small, large) in peaks.items():
        bounded(what, small, large, RECORDS - RECORDS // 10, RECORD_BOUND)


def local_run():
    peaks = []
    for count in (TASKS // 10, TASKS):
        with Place(count, site="") as place:
            peaks.append(place.peak(WFC, "run", "workflow.toml", "-j2"))
            assert place.made() == count, f"{place.made()} of {count}"
            seen = place.run(WFC, "run", "workflow.toml", "-j2")
            assert f"{count} of {count} tasks done, {count} of them up to date" in seen, seen
    bounded("wfc run", *peaks, TASKS - TASKS // 10, TASK_BOUND)


def one_job():
    peaks = []
    for count in (TASKS // 10, TASKS):
        with Place(count, pack=count) as place:
            plan = place.compile()
            job = [WFR, "job", "--plan", plan, "--array", "01-a"]
            peaks.append(place.peak(*job, below="/out", env={"SLURM_JOB_ID": "1", "SLURM_CPUS_PER_TASK": "2"}))
            assert place.made() == count, f"{place.made()} of {count}"
            seen = place.run(WFR, "verdict", "--plan", plan, below="/out")
            assert "everything is up to date" in seen or "every task is done" in seen, seen
    bounded("wfr job", *peaks, TASKS - TASKS // 10, TASK_BOUND)


if __name__ == "__main__":
    main([records, local_run, one_job])
