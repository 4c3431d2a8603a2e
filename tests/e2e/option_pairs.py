#!/usr/bin/python3
"""Every pair of the options that say how tasks are run, on one workflow: the results are always the same.

usage: option_pairs.py BIN [slurm]

By `wfc run`, or by `submit.sh` on the cluster of the environment, where all pairs are in the queue at once.
What a file must hold is computed here, without wfc."""
import itertools
import json
import re
import sys
import time

from run_common import Workspace, WFC, os, subprocess

SESSIONS = ["s1", "s2", "s3"]
CHANNELS = ["c1", "c2", "c3", "c4"]
PAIRS = [("c1", "c3"), ("c2", "c3"), ("c3", "c4")]

# Of each: lines for [jobs], for [defaults], and for the steps.
OPTIONS = {
    "per": {"jobs": 'per = "session"'},
    "pack": {"jobs": "pack = 2"},
    "split": {"jobs": 'split = "session"'},
    "target_time": {"jobs": 'target_time = "15m"'},
    "fuse": {"jobs": "fuse = true"},
    "limit": {"b": "limit = 2"},
    "temp": {"a": "temp = true"},
    "retry": {"defaults": 'retry = { times = 2, on = ["exit"] }'},
    "exclusive": {"a": "exclusive = true"},
    "pairs": {"b": 'pairs = "pairs.csv"'},
}
# These contradict each other, and wfc says so.
REFUSED = {("pack", "target_time"): "WFC2032"}


def workflow(chosen):
    def lines(part):
        return "".join(OPTIONS[name][part] + "\n" for name in chosen if part in OPTIONS[name])
    own = " {needs.b}" if "pairs" in chosen else ""
    # With `retry` the first attempt of each second task fails.
    fails = 'case $PWD in *c[24]) test -e ../tried.$(basename "$PWD") || ' \
            '{ touch ../tried.$(basename "$PWD"); exit 3; } ;; esac\n' if "retry" in chosen else ""
    return f"""
[workflow]
name = "{'_'.join(chosen)}"
root = "data"
[[level]]
name = "session"
match = "s*"
[[level]]
name = "channel"
match = "c*"
[jobs]
time = "30m"
{lines("jobs")}
[defaults]
estimate = "5m"
time = "8m"
mem = "100M"
{lines("defaults")}
[[step]]
name = "a"
each = "channel"
inputs = ["raw.txt"]
outputs = ["a.txt"]
run = "cat {{inputs}} {{inputs}} >{{outputs}}"
{lines("a")}
[[step]]
name = "b"
each = "channel"
needs = ["a"]
outputs = ["b.txt"]
run = '''
{fails}echo b "$(basename "$PWD")" | cat - {{needs.a}}{own} >{{outputs}}
'''
{lines("b")}
[[step]]
name = "c"
each = "session"
needs = ["b"]
outputs = ["c.txt"]
run = "cat {{needs.b}} >{{outputs}}"
[[step]]
name = "d"
needs = ["c"]
outputs = ["d.txt"]
run = "cat {{needs.c}} >{{outputs}}"
"""


def expected(chosen, kept):
    """{path below data: content} of all results; `kept`: those of a temporary step too."""
    files = {}
    for session in SESSIONS:
        for channel in CHANNELS:
            raw = f"raw {session} {channel}\n"
            if "temp" not in chosen or kept:
                files[f"{session}/{channel}/a.txt"] = raw * 2
            earlier = [one for one, then in PAIRS if then == channel] if "pairs" in chosen else []
            files[f"{session}/{channel}/b.txt"] = f"b {channel}\n" + raw * 2 + "".join(
                files[f"{session}/{one}/b.txt"] for one in earlier)
        files[f"{session}/c.txt"] = "".join(files[f"{session}/{one}/b.txt"] for one in CHANNELS)
    files["d.txt"] = "".join(files[f"{session}/c.txt"] for session in SESSIONS)
    return files


class Pair(Workspace):
    def __init__(self, chosen):
        super().__init__(workflow(chosen))
        self.chosen = chosen
        self.kept = False  # a step in another job reads what the temporary one makes
        for session in SESSIONS:
            for channel in CHANNELS:
                self.write(f"data/{session}/{channel}/raw.txt", f"raw {session} {channel}\n")
        if "pairs" in chosen:
            self.write("pairs.csv", "from,to\n" + "".join(
                f"{session}/{one},{session}/{then}\n" for session in SESSIONS for one, then in PAIRS))

    def call(self, *words, expect=0):
        done = subprocess.run(words, cwd=self.dir, capture_output=True, text=True, errors="replace",
                              timeout=200)
        assert done.returncode == expect, (self.chosen, words, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def check(self):
        made = {name.decode(): content.decode() for name, content in self.files().items()
                if not re.search(rb"raw\.txt$|tried\.", name)}
        want = expected(self.chosen, self.kept)
        assert made == want, (self.chosen, sorted(set(made) ^ set(want)) or
                              [name for name in want if made[name] != want[name]])
        tried = sum(b"tried." in name for name in self.files())
        assert tried == (len(SESSIONS) * 2 if "retry" in self.chosen else 0), (self.chosen, tried)
        again = self.call(WFC, "run", "-n", "workflow.toml", "--json")
        assert json.loads(again)["runs"] == [], (self.chosen, again)


def refused(pair):
    code = REFUSED.get(pair.chosen)
    if code:
        assert code in pair.call(WFC, "compile", "workflow.toml", expect=1), pair.chosen
    return bool(code)


def locally(pairs):
    for pair in pairs:
        if not refused(pair):
            pair.call(WFC, "run", "-j", "4", "workflow.toml")
            pair.check()


def on_slurm(pairs):
    pairs = [pair for pair in pairs if not refused(pair)]
    for pair in pairs:
        pair.kept = "WFC3122" in pair.call(WFC, "compile", "workflow.toml")
        pair.call(WFC, "verify", "out")
        pair.call("out/submit.sh", "--no-test")
    until = time.time() + 450
    while subprocess.run(["squeue", "-h"], capture_output=True, check=True).stdout:
        assert time.time() < until, "the queue is not empty"
        time.sleep(0.5)
    for pair in pairs:
        pair.check()


def main():
    begun = time.time()
    pairs = [Pair(chosen) for chosen in itertools.combinations(OPTIONS, 2)]
    try:
        (on_slurm if sys.argv[2:] == ["slurm"] else locally)(pairs)
    finally:
        for pair in pairs:
            pair.__exit__()
    print(f"{len(pairs)} pairs of options, {len(REFUSED)} of them refused ({time.time() - begun:.0f} s)")


main()
