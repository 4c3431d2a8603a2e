"""What the tests of submit.sh share: a workflow of 30 jobs, a stand-in for Slurm, and what must hold at the end."""
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

BIN = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "build/dev/bin")
KILL_AT = os.path.abspath(sys.argv[2] if len(sys.argv) > 2 else "build/dev/tests/faults/kill_at")
HERE = os.path.dirname(os.path.abspath(__file__))
SEED = int(os.environ.get("WFC_FAULT_SEED", "1"))
KILLED = 137
STEPS = 26


def report(name, survived, tried, seed=0):
    """The line that table.py reads."""
    print(f"fault: {name} survived {survived} of {tried} seed {seed}", flush=True)


class Broken(AssertionError):
    """A promise that does not hold."""


def must(condition, text):
    if not condition:
        raise Broken(text)


class Count:
    """Of one fault: how often it was made and survived."""

    def __init__(self, name, seed=0):
        self.name, self.seed, self.tried, self.survived = name, seed, 0, 0

    def one(self, what, action):
        self.tried += 1
        try:
            action()
            self.survived += 1
        except (Broken, subprocess.TimeoutExpired) as error:
            print(f"FAIL  {self.name}: {what}: {error}")

    def end(self):
        report(self.name, self.survived, self.tried, self.seed)
        return self.survived == self.tried


def finishes(space, *words, **extra):
    status, text = space.submit(*words, **extra)
    must(status == 0, f"exit status {status}: {text}")


def workflow_text():
    """26 steps of 2 sessions in three strands that meet, the verdict and three finalizers: 30 jobs."""
    lines = ['[workflow]', 'name = "thirty"', 'root = "data"', 'site = "test"', '[[level]]', 'name = "session"',
             'match = "session*"', '[defaults]', 'time = "10m"', 'mem = "100M"']
    for number in range(1, STEPS + 1):
        needs = [] if number in (1, 2, 3) else [number - 3] if number < STEPS else [number - 1, number - 2, number - 3]
        lines += ['[[step]]', f'name = "s{number:02}"', 'each = "session"']
        if needs:
            lines.append("needs = [" + ", ".join(f'"s{need:02}"' for need in needs) + "]")
        else:
            lines.append('inputs = ["raw.txt"]')
        if number % 2 == 0:
            lines.append('mem = "200M"')  # what is tested are sets of options
        lines.append(f"run = 'echo x >>ran.s{number:02}; test ! -e fail.s{number:02}; echo {number} >{{outputs}}'")
        lines.append(f'outputs = ["s{number:02}.txt"]')
    for name, when in (("always", "always"), ("good", "success"), ("bad", "failure")):
        lines += ['[[step]]', f'name = "{name}"', f'on = "{when}"', f"run = 'echo x >>ran.{name}'"]
    return "\n".join(lines + ["[site.test]", ""])


class Workspace:
    """A compiled workflow in a directory of its own, and the stand-in's commands."""

    def __init__(self):
        base = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        self.dir = tempfile.mkdtemp(prefix="wfc-faults-", dir=base)
        self.out = os.path.join(self.dir, "out")
        self.stub = os.path.join(self.dir, "stub")
        self.ledger_file = os.path.join(self.stub, "ledger")
        for session in ("session1", "session2"):
            os.makedirs(os.path.join(self.dir, "data", session))
            with open(os.path.join(self.dir, "data", session, "raw.txt"), "w", encoding="utf-8") as file:
                file.write(session + "\n")
        with open(os.path.join(self.dir, "workflow.toml"), "w", encoding="utf-8") as file:
            file.write(workflow_text())
        self.compile()
        os.mkdir(self.stub)
        commands = os.path.join(self.dir, "commands")
        os.mkdir(commands)
        for name in ("sbatch", "squeue", "scancel", "scontrol", "sinfo", "tick"):
            os.symlink(os.path.join(HERE, "slurm_stub", "slurm"), os.path.join(commands, name))
        # Nothing here takes time, so nobody waits.
        os.symlink("/bin/true", os.path.join(commands, "sleep"))
        self.env = {key: value for key, value in os.environ.items()
                    if not key.startswith(("SLURM_", "SBATCH_", "STUB"))}
        self.env.update(PATH=commands + ":/usr/bin:/bin", STUB=self.stub, LC_ALL="C",
                        STUB_REAL_SLEEP=shutil.which("sleep"))
        self.read_submit()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.dir, ignore_errors=True)

    def compile(self):
        done = subprocess.run([os.path.join(BIN, "wfc"), "compile", "workflow.toml"], cwd=self.dir,
                              capture_output=True, text=True, check=False)
        must(done.returncode == 0, done.stdout + done.stderr)

    def read_submit(self):
        with open(os.path.join(self.out, "submit.sh"), encoding="utf-8") as file:
            text = file.read()
        self.plan = re.search(r"^readonly plan=(\w+)", text, re.M)[1]
        # {script: [KIND:SCRIPT...]}
        self.waits = {words[0]: words[3:] for words in
                      (line.split() for line in re.findall(r"^job (\S+ \d+ .*)$", text, re.M))}
        self.state_dir = os.path.join(self.out, "state", self.plan)
        self.journal_file = os.path.join(self.state_dir, "journal")
        self.env["STUB_JOURNAL"] = self.journal_file

    def fresh(self):
        """As if nothing had ever been submitted."""
        for name in ("state", "logs"):
            shutil.rmtree(os.path.join(self.out, name), ignore_errors=True)
        # Results without records would be somebody else's.
        for where, _, names in os.walk(os.path.join(self.dir, "data")):
            for name in names:
                if name != "raw.txt":
                    os.unlink(os.path.join(where, name))
        shutil.rmtree(self.stub, ignore_errors=True)
        os.mkdir(self.stub)

    def save(self, name):
        """A copy of all that a submission changes."""
        for part in ("out/state", "stub"):
            target = os.path.join(self.dir, name, part)
            shutil.rmtree(target, ignore_errors=True)
            if os.path.isdir(os.path.join(self.dir, part)):
                shutil.copytree(os.path.join(self.dir, part), target)

    def restore(self, name):
        for part in ("out/state", "stub"):
            target = os.path.join(self.dir, part)
            shutil.rmtree(target, ignore_errors=True)
            if os.path.isdir(os.path.join(self.dir, name, part)):
                shutil.copytree(os.path.join(self.dir, name, part), target)

    def command(self, *options):
        return ["/bin/bash", os.path.join(self.out, "submit.sh"), *options]

    def environment(self, **extra):
        return {**self.env, **extra}

    def submit(self, *options, timeout=60, **extra):
        """(exit status, what it said)"""
        done = subprocess.run(self.command(*options), env=self.environment(**extra), stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, errors="replace", timeout=timeout, check=False)
        return done.returncode, done.stdout + done.stderr

    def killed_at(self, point, *options, words=(), **extra):
        """Kills submit.sh before its effect number `point` (0: never). (exit status, effects)"""
        log = os.path.join(self.dir, "effects")
        done = subprocess.run([KILL_AT, *words, str(point), log, *self.command(*options)],
                              env=self.environment(**extra), stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, errors="replace", timeout=120, check=False)
        with open(log, encoding="utf-8", errors="replace") as file:
            return done.returncode, file.read().splitlines()

    def tick(self, times=1):
        for _ in range(times):
            subprocess.run(["tick"], env=self.env, check=True, executable=os.path.join(self.dir, "commands", "tick"))

    def put(self, line):
        with open(self.ledger_file, "a", encoding="utf-8") as file:
            file.write(line + "\n")

    def ledger(self):
        return Ledger(self.ledger_file)

    def in_flight(self):
        """Requests that were sent, and of which the controller has not decided yet."""
        ledger = self.ledger()
        return [request for request in ledger.sent if request not in ledger.decided]

    def journal(self, length=None):
        return Journal(self.journal_file, length)

    def run_job(self, key, number, run):
        """What Slurm would do with an array of two, or a single job: its script, for real."""
        script = os.path.join("jobs", key.split("+")[0] + ".sbatch")
        spec = self.ledger().jobs[number]["request"]["spec"] or ""
        with open(os.path.join(self.out, script), encoding="utf-8") as file:
            array = "--array" in file.read()
        must(not spec, "only whole arrays")
        for index in (0, 1) if array else (None,):
            extra = {"SLURM_JOB_ID": number, "SLURM_CPUS_PER_TASK": "1"}
            if index is not None:
                extra.update(SLURM_ARRAY_JOB_ID=number, SLURM_ARRAY_TASK_ID=str(index))
            subprocess.run(["/bin/bash", script, "--run", run], cwd=self.out, env=self.environment(**extra),
                           capture_output=True, check=False)

    def items_of_last_run(self):
        """{key: dependencies} of the journal's last run, as they were submitted."""
        ids = self.journal().ids
        jobs, keys = self.ledger().jobs, {number: key for key, number in ids.items()}
        items = {}
        for key, number in ids.items():
            words = [word.split(":") for word in jobs[number]["request"]["dep"].split(",") if word]
            items[key] = [f"{kind}:{keys[on]}" if on in keys else f"{kind}:={on}" for kind, on in words]
        return items

    def check_one_each(self, items=None):
        """What must hold when everything has been submitted and run. `items`: {key: [KIND:KEY or KIND:=ID]}."""
        ledger = self.ledger()
        before = -1
        while before != len(ledger.lines):
            before = len(ledger.lines)
            self.tick()
            ledger = self.ledger()
        return OneEach(self, ledger, self.journal(), items or self.waits).check()


class Ledger:
    """What the stand-in has recorded."""

    def __init__(self, name):
        self.lines, self.sent, self.decided, self.jobs, self.tests = [], {}, {}, {}, []
        if os.path.exists(name):
            with open(name, encoding="utf-8") as file:
                self.lines = [line.split() for line in file]
        for place, words in enumerate(self.lines):
            what, number = words[0], words[1]
            if what == "test":
                self.tests.append(place)
            elif what == "sent":
                self.sent[number] = dict(word.split("=", 1) for word in words[2:])
            elif what == "drop":
                self.decided[number] = None
            elif what == "job":
                self.decided[words[2]] = number
                self.jobs[number] = {"request": self.sent[words[2]], "job": place}
            elif what == "start":
                must("start" not in self.jobs[number], f"job {number} started twice")
                self.jobs[number].update(start=place, length=int(words[2]))
            else:
                self.jobs[number].setdefault(what, place)

    def queued(self):
        return [number for number, job in self.jobs.items() if "cancel" not in job and "end" not in job]


class Journal:
    """The last run of submit.sh's journal."""

    def __init__(self, name, length=None):
        self.run, self.kind, self.ids, self.marks = "", "", {}, set()
        self.text = ""
        if os.path.exists(name):
            with open(name, encoding="utf-8", errors="replace") as file:
                self.text = file.read()[:length]
        for line in self.text.split("\n")[:-1]:
            words = line.split(" ")
            if words[-1] == "torn":
                continue
            if words[0] == "run" and len(words) == 4:
                self.run, self.kind, self.ids, self.marks = words[1], words[2], {}, set()
            elif words[0] == "id" and len(words) == 3:
                self.ids[words[1]] = words[2]
            elif words[0] == "lost":
                self.ids.pop(words[1], None)
            else:
                self.marks.add(words[0])


class OneEach:
    """Exactly one job each, none lost, none early."""

    def __init__(self, space, ledger, journal, items):
        self.space, self.ledger, self.journal, self.items = space, ledger, journal, items

    def check(self):
        journal, ledger = self.journal, self.ledger
        must("released" in journal.marks, "the journal does not say `released`")
        must(set(journal.ids) == set(self.items), f"jobs of the journal: {sorted(journal.ids)}")
        must(len(set(journal.ids.values())) == len(self.items), "an id twice in the journal")
        for key, number in journal.ids.items():
            must(number in ledger.jobs, f"{key}: the journal's job {number} is none")
            self.own_job(key, ledger.jobs[number])
        own = set(journal.ids.values())
        foreign = 0
        for number, job in ledger.jobs.items():
            if number not in own:
                foreign += 1
                self.foreign_job(number, job)
        must(not ledger.queued(), f"left in the queue: {ledger.queued()}")
        return foreign

    def own_job(self, key, job):
        request, waits = job["request"], self.items[key]
        must(request["tag"].split(":")[1:3] == [self.journal.run, key], f"{key}: tag {request['tag']}")
        fixed = [wait.split(":=") for wait in waits if ":=" in wait]
        want = sorted([f"{kind}:{number}" for kind, number in fixed] +
                      [":".join((wait.split(":")[0], self.journal.ids[wait.split(":")[1]]))
                       for wait in waits if ":=" not in wait])
        must(sorted(filter(None, request["dep"].split(","))) == want,
             f"{key}: waits for {request['dep']}, not for {want}")
        must(bool(request["held"]) == (len(fixed) == len(waits)), f"{key}: held: {request['held']}")
        if any(wait.startswith("afternotok") for wait in waits):
            must("start" not in job, f"{key} has started after a success")
            return
        must("cancel" not in job, f"{key} was cancelled")
        must("start" in job and "end" in job, f"{key} has not run")
        at_start = Journal(self.space.journal_file, job["length"])
        must(at_start.run == self.journal.run and at_start.ids.get(key) == self.journal.ids[key],
             f"{key} has started before it was the journal's")
        must("releasing" in at_start.marks, f"{key} has started before the release")
        for wait in waits:
            if ":=" in wait:
                continue
            other = self.ledger.jobs[self.journal.ids[wait.split(":")[1]]]
            must(other.get("end", len(self.ledger.lines)) < job["start"], f"{key} has started before {wait}")

    def foreign_job(self, number, job):
        """Cancelled, or started without being the journal's: then wfr does nothing."""
        if "start" not in job:
            must("cancel" in job, f"job {number} ({job['request']['tag']}) is left over")
            return
        at_start = Journal(self.space.journal_file, job["length"])
        tag = job["request"]["tag"].split(":")
        if tag[1] != self.journal.run:
            return  # of an earlier run, which was looked at in its turn
        works = (tag[1] == at_start.run and at_start.ids.get(tag[2]) == number and "releasing" in at_start.marks)
        must(not works, f"job {number} ({tag}) has worked, and is not the journal's")


def journals(space):
    return glob.glob(os.path.join(space.out, "state", "*", "journal"))
