#!/usr/bin/python3
"""Plans that nobody needs are removed: all but the last one, the one that submit.sh submits and those of live jobs. What was done
under them stays known. Whatever is in doubt stays: a queue that cannot be asked, a job that no journal names, who is at work.
Seen to fail: `wfc tune` forgot all runs of earlier plans."""
import fcntl
import struct

from run_common import WFC, Workspace, main, os, subprocess, time

WORKFLOW = """
[workflow]
name = "plans"
root = "data"
[[level]]
name = "s"
match = "*"
[[step]]
name = "one"
each = "s"
inputs = ["in.txt"]
outputs = ["one.txt"]
run = "cp {inputs} {outputs}; sleep 0.01"
[site.cluster]
partition = "main"
"""


class World:
    """A workflow that has run under one plan, an hour ago."""

    def __init__(self):
        self.space = Workspace(WORKFLOW)
        for name in ("a", "b"):
            self.space.write(f"data/{name}/in.txt", name)
        self.bin = self.space.path("bin").decode()
        os.mkdir(self.bin)
        self.env = {key: value for key, value in os.environ.items() if not key.startswith("SLURM_")}
        self.env["PATH"] = self.bin + ":/usr/bin:/bin"
        # Nobody is asked about plans that no job can have.
        self.squeue("echo asked >>asked; exit 1")
        self.limit = 10
        self.wfc("run", "workflow.toml")
        self.first = self.last()
        self.age(self.first)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.space.__exit__(*error)

    def wfc(self, *words, expect=0):
        done = subprocess.run([WFC, *words], cwd=self.space.dir, env=self.env, capture_output=True, timeout=60, check=False)
        text = (done.stdout + done.stderr).decode(errors="replace")
        assert done.returncode == expect, f"{words}: {done.returncode}\n{text}"
        return text

    def last(self):
        return self.space.read("out/state/last").decode().strip()

    def age(self, plan):
        """Carrying does not trust what was written in its own moment."""
        slots = self.space.path(f"out/state/{plan}/slots")
        for name in os.listdir(slots):
            os.utime(os.path.join(slots, name), (time.time() - 3600, time.time() - 3600))

    def change(self):
        """Another plan, in which nothing is stale."""
        self.limit += 1
        self.space.write("workflow.toml", WORKFLOW.replace('each = "s"', f'each = "s"\nlimit = {self.limit}'))

    def plans(self):
        return sorted(name.decode() for name in os.listdir(self.space.path("out/plan")))

    def run(self):
        self.change()
        self.wfc("run", "workflow.toml")
        self.age(self.last())

    def squeue(self, script):
        self.space.write("bin/squeue", "#!/bin/sh\n" + script + "\n")
        os.chmod(self.space.path("bin/squeue"), 0o755)

    def journal(self, text):
        self.space.write(f"out/state/{self.first}/journal", text)

    def stays(self, what):
        self.run()
        assert self.first in self.plans(), what

    def goes(self, what):
        self.run()
        assert self.plans() == [self.last()], f"{what}: {self.plans()}"


RELEASED = "run R1 submit 0123456789abcdef0123456789abcdef\nintent 01-one\nid 01-one 77\nall-in\nreleasing\nreleased\n"


def the_last_one_stays_and_its_results_stay_known():
    with World() as world:
        world.goes("nobody needs it")
        assert not world.space.exists("asked")
        why = world.space.why("one:a")
        assert "recorded: done" in why and "now: up to date" in why and "of cpu" in why, why
        text = world.wfc("tune", "workflow.toml")
        assert "one" in text and " 2 " in text, text
        # Back to what was: its plan is made again, its state is the old one, nothing runs.
        os.unlink(world.space.path("resources.lock.toml"))
        world.space.write("workflow.toml", WORKFLOW)
        assert "2 of them up to date" in world.wfc("run", "workflow.toml"), world.plans()
        assert world.last() == world.first
        assert "2/2" in world.wfc("status")


def what_somebody_has_put_there_stays():
    with World() as world:
        world.space.write(f"out/plan/{'a' * 32}/keep", "mine")
        world.space.write("out/plan/.removed-notes/keep", "mine")
        world.space.write(f"out/plan/{world.first}/notes.txt", "mine")
        world.run()
        assert world.space.read(f"out/plan/{'a' * 32}/keep") == b"mine"
        assert world.space.read("out/plan/.removed-notes/keep") == b"mine"
        assert world.space.read(f"out/plan/{world.first}/notes.txt") == b"mine"


def the_plan_of_submit_sh_stays():
    with World() as world:
        world.wfc("compile", "workflow.toml", "--site", "cluster")
        submitted = (set(world.plans()) - {world.first}).pop()
        world.run()
        assert world.plans() == sorted([submitted, world.last()]), world.plans()
        os.chmod(world.space.path("out/submit.sh"), 0)
        world.run()
        assert submitted in world.plans()


def live_jobs_and_doubts():
    with World() as world:
        world.journal(RELEASED)
        world.squeue("exit 1")
        world.stays("squeue fails")
        world.squeue("echo '77|/somewhere'")
        world.stays("its job is in the queue")
        world.squeue(f"echo '12|{world.space.dir}/out'")
        world.stays("a job of this directory that no journal names")
        world.squeue("echo '12|/somewhere/else'")
        world.goes("its jobs have ended")


def an_interrupted_submission():
    with World() as world:
        world.squeue("exit 0")
        world.journal("run R1 submit 0123456789abcdef0123456789abcdef\nintent 01-one\n")
        world.stays("it may be finished")
        world.journal("run R1 submit 0123456789abcdef0123456789abcdef\nintent 01-one\ncancelled\n")
        world.goes("it is cleared away")


def who_is_at_work():
    with World() as world:
        os.makedirs(world.space.path("out/state/lock"))
        world.stays("submit.sh is at work")
        os.rmdir(world.space.path("out/state/lock"))
        # A job by hand: the runtime holds its tasks.
        slots = world.space.path(f"out/state/{world.first}/slots/one.slots")
        with open(slots, "r+b") as file:
            fcntl.fcntl(file, 37, struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 64, 0))  # F_OFD_SETLK
            world.stays("somebody holds its tasks")
        world.goes("nobody does")
        # `wfr carry`, as submit.sh calls it, beside a `wfc run`.
        before = world.last()
        world.change()
        world.space.write("data/a/in.txt", "more")
        world.wfc("compile", "workflow.toml", "--site", "cluster")
        submitted = (set(world.plans()) - {before}).pop()
        with open(world.space.path("out/state/run.lock"), "r+b") as file:
            fcntl.lockf(file, fcntl.LOCK_EX)  # of the process, as `wfc run` holds it
            carry(world, submitted)
            assert before in world.plans()
        carry(world, submitted)
        assert world.plans() == [submitted], world.plans()


def carry(world, plan):
    done = subprocess.run([world.space.path("out/bin/wfr"), "carry", plan], cwd=world.space.path("out"), env=world.env,
                          capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def what_a_killed_removal_has_left_goes():
    with World() as world:
        world.space.write(f"out/plan/.removed-{'0' * 32}/plan.wfp", "x")
        world.goes("and what was left")


def what_was_written_just_now_is_not_taken_for_carried():
    with World() as world:
        slots = world.space.path(f"out/state/{world.first}/slots")
        for name in os.listdir(slots):
            os.utime(os.path.join(slots, name))
        world.stays("a slot may have come in the same moment")


def a_verdict_takes_both_and_needs_a_plan():
    with World() as world:
        for subject in ("workflow.toml", "out"):
            assert "every task is done" in world.wfc("verdict", subject)
        world.space.write("data/c/in.txt", "c")
        # The workflow has a task more than the run that the directory holds.
        assert "1 task is not done" in world.wfc("verdict", "workflow.toml", expect=1)
        assert "every task is done" in world.wfc("verdict", "out")
        os.unlink(world.space.path(f"out/plan/{world.first}/plan.wfp"))
        text = world.wfc("verdict", "out", expect=2)
        assert "wfc verdict: error: " in text and "plan.wfp" in text, text
        world.wfc("verdict", "nowhere.toml", expect=2)


if __name__ == "__main__":
    main([the_last_one_stays_and_its_results_stay_known, what_somebody_has_put_there_stays, the_plan_of_submit_sh_stays, live_jobs_and_doubts, an_interrupted_submission,
          who_is_at_work, what_a_killed_removal_has_left_goes, what_was_written_just_now_is_not_taken_for_carried,
          a_verdict_takes_both_and_needs_a_plan])
