#!/usr/bin/env python3
"""Kills submit.sh, with all that it has started, before each of its effects; run again, it must end with one job each.

An effect is every program that it starts or that ends, every file or directory that is made, written, renamed or removed
(kill_at.cpp). When sbatch dies after it has sent its request, each thing that may come of it is tried: it is
lost; accepted; accepted only when submit.sh has looked, found nothing and submitted again; only after the release; only
when all is over.

The sweeps `again` and `waiting` test the scripts with sbatch --test-only, the others do not (--no-test).

WFC_FAULT_ROUNDS: how many points of each kind, spread evenly (default 10); `all` visits each one.
WFC_FAULT_SEED: where the second kill of the same submission falls.
Seen to fail: without clear_extras (a held duplicate that comes after the release stays for ever); with a part of the
tests after the cancelling.
"""
import os
import random
import subprocess
import sys

from submission_common import KILLED, SEED, Broken, Workspace, must, report

ROUNDS = os.environ.get("WFC_FAULT_ROUNDS", "10")
OUTCOMES = ("lost", "accepted", "again", "release", "end")


def points_of(total, share=1.0):
    """Points from 1 to `total`."""
    if ROUNDS == "all":
        return range(1, total + 1)
    count = min(total, max(2, round(int(ROUNDS) * share)))
    return sorted({1 + (2 * i + 1) * total // (2 * count) for i in range(count)})


def accept(space, request):
    numbers = [int(number) for number in space.ledger().jobs] or [1000]
    space.put(f"job {max(numbers) + 1} {request}")


def finish(space, options, **extra):
    """Runs it until it is content, as a user would."""
    for _ in range(3):
        status, text = space.submit(*options, **extra)
        if status == 0:
            return
    raise Broken(f"it does not finish: {text}")


class Sweep:
    """One kind of submission, killed at many points."""

    def __init__(self, space, name, start, again, check, words=("--no-test",)):
        self.space, self.name, self.check = space, name, check
        self.start, self.again, self.words = start, again, list(words)
        self.tried = self.survived = self.twice = 0
        self.random = random.Random(SEED)

    def run(self, share=1.0):
        space = self.space
        space.restore(self.name)
        status, effects = space.killed_at(0, *self.start)
        must(status == 0, f"{self.name}: exit status {status} without a kill")
        self.again()
        self.check()
        # The first job is sent, and not accepted yet: a duplicate of it would be held.
        sent = next((i for i, line in enumerate(effects) if line.endswith("commands/sbatch")), len(effects))
        for point in sorted({*points_of(len(effects), share), min(len(effects), sent + 4)}):
            space.restore(self.name)
            status, done = space.killed_at(point, *self.start)
            if status != KILLED:
                continue
            self.outcomes(point, done[-1] if done else "")
        report(f"killed-{self.name}", self.survived, self.tried)
        report(f"killed-twice-{self.name}", *self.counts_twice(share))

    def outcomes(self, point, effect):
        space = self.space
        open_requests = space.in_flight()
        space.save("at")
        for outcome in OUTCOMES if open_requests else ("-",):
            space.restore("at")
            self.one(f"{self.name} killed at {point} ({effect}), request: {outcome}", open_requests, outcome)

    def one(self, what, open_requests, outcome, **extra):
        space = self.space
        self.tried += 1
        try:
            for request in open_requests:
                if outcome == "lost":
                    space.put(f"drop {request}")
                elif outcome == "accepted":
                    accept(space, request)
                elif outcome in ("again", "release"):
                    extra["STUB_LATE"] = f"{request}:{outcome}"
            self.again(**extra)
            # What has not come yet comes now; whoever runs it once more clears it away.
            late = space.in_flight()
            for request in late:
                accept(space, request)
            if outcome != "-" or late:
                finish(space, self.words)
            self.check()
            self.survived += 1
        except (Broken, subprocess.TimeoutExpired) as error:
            print(f"FAIL  {what}: {error}")

    def counts_twice(self, share):
        """The submission that goes on is killed too."""
        space, survived, tried = self.space, 0, 0
        space.restore(self.name)
        total = len(space.killed_at(0, *self.start)[1])
        for point in points_of(total, share / 4):
            first = self.random.randint(1, total)
            space.restore(self.name)
            space.killed_at(first, *self.start)
            for request in space.in_flight():
                accept(space, request)
            space.killed_at(max(1, abs(total - first) * point // total), *self.words)
            for request in space.in_flight():
                accept(space, request)
            tried += 1
            try:
                self.again()
                finish(space, self.words)
                self.check()
                survived += 1
            except (Broken, subprocess.TimeoutExpired) as error:
                print(f"FAIL  {self.name} killed at {first}, then at {point}: {error}")
        self.survived, self.tried = self.survived + survived, self.tried + tried
        return survived, tried, SEED


def sweep_submit(space):
    space.fresh()
    space.save("submit")

    def check():
        space.check_one_each()

    def again(**extra):
        finish(space, ["--no-test"], **extra)

    sweep = Sweep(space, "submit", ["--no-test"], again, check)
    sweep.run()
    return sweep


def sweep_resume(space):
    """After a failure: the tasks are really run, once, before."""
    space.fresh()
    with open(os.path.join(space.dir, "data", "session1", "fail.s05"), "w", encoding="utf-8"):
        pass
    finish(space, ["--no-test"])
    space.check_one_each()
    journal = space.journal()
    for key, number in journal.ids.items():
        space.run_job(key, number, journal.run)
    space.save("resume")
    finish(space, ["--no-test"])
    items = space.items_of_last_run()
    must(len(items) > 10, f"only {len(items)} jobs to resume")

    def check():
        space.check_one_each(items)

    def again(**extra):
        finish(space, ["--no-test"], **extra)
        if space.journal().kind != "resume":
            finish(space, ["--no-test"], **extra)

    sweep = Sweep(space, "resume", ["--no-test"], again, check)
    sweep.run(0.5)
    return sweep


def sweep_again(space):
    """The same call again, after a complete run and a changed input: just what is stale is submitted."""
    space.fresh()
    finish(space, ["--no-test"])
    space.check_one_each()
    journal = space.journal()
    for key, number in journal.ids.items():
        space.run_job(key, number, journal.run)
    with open(os.path.join(space.dir, "data", "session1", "raw.txt"), "a", encoding="utf-8") as file:
        file.write("more\n")
    space.save("again")
    before = len(space.ledger().jobs)
    finish(space, [])
    items = space.items_of_last_run()
    must(len(items) > 10 and len(space.ledger().jobs) == before + len(items), f"{len(items)} jobs for what is stale")

    def check():
        space.check_one_each(items)

    def again(**extra):
        finish(space, [], **extra)

    sweep = Sweep(space, "again", [], again, check, [])
    sweep.run(0.5)
    return sweep


def sweep_waiting(space):
    """Again while a job is at work and others wait for it: these make way for new ones, but not before all has been tested."""
    space.fresh()
    with open(os.path.join(space.dir, "data", "session1", "fail.s02"), "w", encoding="utf-8") as file:
        file.write("")
    at_work = "1001"
    space.env["STUB_STAYS"] = at_work
    finish(space, ["--no-test"])
    journal = space.journal()
    must(journal.ids["01-s01"] == at_work, "the first job is another one")
    before = -1
    while before != len(space.ledger().lines):
        before = len(space.ledger().lines)
        space.tick()
    for key, number in journal.ids.items():
        if "end" in space.ledger().jobs[number]:
            space.run_job(key, number, journal.run)
    os.unlink(os.path.join(space.dir, "data", "session1", "fail.s02"))
    waiting = set(space.ledger().queued()) - {at_work}
    must(len(waiting) > 10, f"only {len(waiting)} jobs wait")
    space.save("waiting")
    finish(space, [])
    tests = len(space.ledger().tests)
    must(tests > 1, f"only {tests} scripts were tested")
    items = space.items_of_last_run()
    must(len(items) > 10, f"only {len(items)} jobs for what is missing")
    must(any(f"afterany:={at_work}" in waits for waits in items.values()), "nothing waits for the job at work")

    def tested_first():
        """Whatever is cancelled, all the tests came before."""
        ledger = space.ledger()
        for number in waiting:
            cancel = ledger.jobs[number].get("cancel", len(ledger.lines))
            before = sum(test < cancel for test in ledger.tests)
            must(before >= tests or cancel == len(ledger.lines),
                 f"job {number} was cancelled after {before} of {tests} tests")

    def again(**extra):
        finish(space, [], **extra)
        tested_first()

    def check():
        space.env.pop("STUB_STAYS")
        try:
            space.check_one_each(items)
        finally:
            space.env["STUB_STAYS"] = at_work

    sweep = Sweep(space, "waiting", [], again, check, [])
    sweep.run(0.5)
    refused_or_away(space, waiting, sweep)
    space.env.pop("STUB_STAYS")
    return sweep


def refused_or_away(space, waiting, sweep):
    """What --test-only may answer. Where it ends the call, the queue is as it was; the next one finishes."""
    away, survived, tried = "sbatch: error: Batch job submission failed: ", 0, 0
    for first, last, text, goes_on in (
            (1, 2, away + "Unable to contact slurm controller (connect failure)", True),
            (2, 5, away + "Socket timed out on send/recv operation", True),
            (1, 99, away + "Unable to contact slurm controller (connect failure)", False),
            (2, 99, "allocation failure: Socket timed out on send/recv operation", False),
            (1, 99, "allocation failure: Invalid account or account/partition combination specified", False)):
        tried += 1
        try:
            space.restore("waiting")
            queue = set(space.ledger().queued())
            status, said = space.submit(STUB_TEST=f"{first}:{last}:1:{text}")
            must((status == 0) == goes_on, f"exit status {status}: {said}")
            must(goes_on or set(space.ledger().queued()) == queue, "jobs were cancelled or submitted")
            passing = "Invalid account" not in text
            must(passing == ("Slurm does not answer" in said or goes_on), f"it said: {said}")
            must(passing == ("trying again" in said), f"it said: {said}")
            must(passing or ("sbatch refused jobs/" in said and "workflow.toml:" in said), f"it said: {said}")
            sweep.again()
            sweep.check()
            survived += 1
        except (Broken, subprocess.TimeoutExpired) as error:
            print(f"FAIL  {text} from {first} to {last}: {error}")
    report("test-only-fails", survived, tried)
    sweep.survived, sweep.tried = sweep.survived + survived, sweep.tried + tried


def sweep_cancel(space):
    """--cancel of a submission that was interrupted before its release; then the next call."""
    space.fresh()
    total = len(space.killed_at(0, "--no-test")[1])
    space.fresh()
    space.killed_at(total * 3 // 5, "--no-test")
    for request in space.in_flight():
        space.put(f"drop {request}")
    space.save("cancel")
    held = len(space.ledger().queued())
    must(held > 10, f"only {held} jobs to cancel")
    finish(space, ["--cancel"])
    finish(space, ["--no-test"])
    items = space.items_of_last_run()

    def again(**extra):
        finish(space, ["--cancel"], **extra)
        must(not space.ledger().queued(), f"left in the queue: {space.ledger().queued()}")
        must(not any("start" in job for job in space.ledger().jobs.values()), "a cancelled job has started")
        # Nothing is to be resumed where nothing was submitted for good.
        finish(space, ["--no-test"], **extra)

    def check():
        space.check_one_each(items)

    def resumed(**extra):
        if "released" not in space.journal().marks:
            again(**extra)

    sweep = Sweep(space, "cancel", ["--cancel"], resumed, check)
    sweep.run(0.3)
    return sweep


def main():
    which = sys.argv[3:] or ["submit", "resume", "again", "cancel"]
    with Workspace() as space:
        sweeps = [{"submit": sweep_submit, "resume": sweep_resume, "again": sweep_again, "waiting": sweep_waiting,
                   "cancel": sweep_cancel}[name](space)
                  for name in which]
    return 0 if all(sweep.survived == sweep.tried for sweep in sweeps) else 1


if __name__ == "__main__":
    sys.exit(main())
