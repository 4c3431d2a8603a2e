"""What the tests of a failing runtime share: a workflow of 200 tasks with every kind of output, what it
makes undisturbed, and what must hold after any fault."""
import hashlib
import os
import random
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

BIN = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "build/bin")
WFC = os.path.join(BIN, "wfc")
WFR = os.path.join(BIN, "wfr")
SEED = int(os.environ.get("WFC_FAULT_SEED", "1"))

# Each task says in the ledger that it begins, and holds a lock of its own while any process of it
# lives: two at once would show. `{params.word}` changes every output.
BEGIN = "exec 9>>{params.place}/locks/$WFC_STEP.%s; flock -n 9 || echo \"overlap $WFC_TASK\" >> " \
        "{params.place}/ledger; echo \"begin $WFC_TASK\" >> {params.place}/ledger; "

WORKFLOW = """
[workflow]
name = "faults"
root = "data"
[params]
word = "first"
place = "."
[[level]]
name = "session"
match = "s*"
[[level]]
name = "channel"
match = "c*"

[[step]]
name = "one"
each = "channel"
inputs = ["in.txt"]
outputs = ["one.txt", "one.side.txt"]
run = '''%(channel)secho {params.word} > {outputs}; head -c 3000 in.txt | tee -a {outputs} > /dev/null
tail -c +3001 in.txt | tee -a {outputs} > /dev/null'''

[[step]]
name = "two"
each = "channel"
needs = ["one"]
outputs = ["parts/"]
run = '''%(channel)smkdir {outputs}; cp one.txt {outputs}/a.txt; tr a b < one.side.txt > {outputs}/b.txt'''

[[step]]
name = "three"
each = "session"
needs = ["two"]
outputs = ["piece-*.txt"]
run = '''%(session)scat c*/parts/a.txt | split -b 30000 --additional-suffix=.txt - three.
i=0; for f in three.*; do mv "$f" "piece-{params.word}-$((i++)).txt"; done'''

[[step]]
name = "four"
each = "session"
needs = ["three"]
outputs = ["place.txt"]
run = '''%(session)secho {params.word} > place.txt; cat {needs.three} >> place.txt'''

[[step]]
name = "all"
needs = ["four"]
outputs = ["all.txt"]
run = '''%(all)scat {needs.four} > {outputs}'''
"""


def workflow():
    return WORKFLOW % {"channel": BEGIN % "{session}.{channel}", "session": BEGIN % "{session}",
                       "all": BEGIN % "all"}


class Place:
    """A directory with the workflow; removed at the end. `sessions` times `channels` + 2 tasks each."""

    def __init__(self, sessions=9, channels=10, text=None):
        base = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        base = os.environ.get("WFC_FAULT_DIR", base)
        self.dir = tempfile.mkdtemp(prefix="wfc-faults-", dir=base)
        self.env = dict(os.environ)
        os.makedirs(self.path("locks"))
        with open(self.path("workflow.toml"), "w", encoding="utf-8") as file:
            file.write(text or workflow())
        for session in range(sessions):
            for channel in range(channels):
                where = self.path(f"data/s{session}/c{channel}")
                os.makedirs(where)
                with open(where + "/in.txt", "w", encoding="utf-8") as file:
                    file.write(f"{session}.{channel} " + "abcde" * 1200)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.dir, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.dir, name)

    def words(self, word="first", jobs=4):
        return [WFC, "run", "workflow.toml", "-j", str(jobs), "--set", f"word={word}", "--set",
                f"place={self.dir}"]

    def start(self, word="first", env=None, jobs=4):
        return subprocess.Popen(self.words(word, jobs), cwd=self.dir, env=env or self.env,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, start_new_session=True)

    def run(self, word="first", env=None, jobs=4):
        done = subprocess.run(self.words(word, jobs), cwd=self.dir, env=env or self.env,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=300)
        return done.returncode, (done.stdout + done.stderr).decode(errors="replace")

    def begun(self):
        """The tasks of the ledger so far, in order; no two of one task at once."""
        try:
            with open(self.path("ledger"), encoding="utf-8") as file:
                lines = file.read().split("\n")
        except FileNotFoundError:
            return []
        overlaps = [line for line in lines if line.startswith("overlap")]
        assert not overlaps, f"two at once: {overlaps[:5]}"
        return [line.split(" ", 1)[1] for line in lines if line.startswith("begin")]

    def outputs(self):
        """{relative path: digest} below data/, without the inputs and what is temporary."""
        found = {}
        top = self.path("data")
        for where, dirs, names in os.walk(top):
            dirs[:] = [name for name in dirs if not name.startswith(".wfr.")]
            for name in names:
                if name == "in.txt" or name.startswith("three."):
                    continue
                with open(os.path.join(where, name), "rb") as file:
                    digest = hashlib.md5(file.read()).hexdigest()
                found[os.path.relpath(os.path.join(where, name), top)] = digest
        return found

    def done(self, since=0.0):
        """{step: set of task indices whose slot says done since then}, of the plan run last."""
        found = {}
        try:
            with open(self.path("out/state/last"), encoding="utf-8") as file:
                plan = file.read().strip()
            slots = self.path(f"out/state/{plan}/slots")
            for name in os.listdir(slots):
                if not name.endswith(".slots") or name.startswith("."):
                    continue
                with open(os.path.join(slots, name), "rb") as file:
                    data = file.read()
                step = name[:-len(".slots")]
                found[step] = {i for i in range(len(data) // 64) if data[i * 64] == 1 and
                               struct.unpack_from("<q", data, i * 64 + 40)[0] >= since * 1e9}
        except FileNotFoundError:
            pass
        return found

    def leftovers(self):
        found = []
        for where, dirs, names in os.walk(self.path("data")):
            found += [os.path.join(where, name) for name in dirs + names
                      if name.startswith(".wfr.") and name != ".wfr.claims"]
        return found


def undisturbed(sessions=9, channels=10):
    """{word: what the workflow makes}, each from an empty start."""
    made = {}
    for word in ("first", "second"):
        with Place(sessions, channels) as place:
            status, text = place.run(word)
            assert status == 0, text
            made[word] = place.outputs()
            assert not place.leftovers(), place.leftovers()
    return made


def check_whole(outputs, made, in_place=("place.txt",)):
    """Every file under a final name is one of those that undisturbed runs make, in whole, and each
    directory of one version."""
    versions = {}
    for name, digest in outputs.items():
        if os.path.basename(name).startswith(in_place):
            continue
        good = [word for word, files in made.items() if files.get(name) == digest]
        assert good, f"neither old nor new: {name}"
        if "/parts/" in name:
            versions.setdefault(os.path.dirname(name), []).append((name, good))
    for where, files in versions.items():
        assert len(files) == 2 and set(files[0][1]) & set(files[1][1]), f"half a directory: {where}"


def check_complete(place, expected):
    """After a run that has ended well: exactly what an undisturbed run makes, and nothing else."""
    outputs = place.outputs()
    different = sorted(set(outputs.items()) ^ set(expected.items()))
    assert not different, f"not what an undisturbed run makes: {different[:6]}"
    left = place.leftovers()
    assert not left, f"left behind: {left[:5]}"


def tasks_of(step, done, sessions, channels):
    """The names of the tasks of a step with these indices."""
    if step in ("one", "two"):
        return {f"{step}:s{i // channels}/c{i % channels}" for i in done}
    return {f"{step}:s{i}" for i in done} if step in ("three", "four") else {step for _ in done}


__all__ = ["BIN", "Place", "SEED", "WFC", "WFR", "check_complete", "check_whole", "os", "random",
           "shutil", "signal", "struct", "subprocess", "sys", "tasks_of", "time", "undisturbed",
           "workflow"]
