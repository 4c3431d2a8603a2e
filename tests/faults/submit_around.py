#!/usr/bin/env python3
"""submit.sh and what is around it: output that goes nowhere, jobs of an earlier plan, finalizers that are owed; and by its
name alone `another_user`, which only root can make.

Seen to fail: without `trap '' PIPE` and with `say` that hands on its failure; with a dry run that does not look at other
plans; with finalizers that nobody submits where all tasks are blocked.
"""
import json
import os
import subprocess
import sys

from submission_common import STEPS, Count, Workspace, finishes, must


def lost_output(space):
    """What it says goes nowhere: a pipe that is closed at once or later, a full disk. The jobs are in nevertheless."""
    count = Count("output-lost")

    def closed_after(lines, both):
        space.fresh()
        process = subprocess.Popen(space.command(), env=space.environment(), stdin=subprocess.DEVNULL, text=True,
                                   stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT if both else subprocess.DEVNULL)
        for _ in range(lines):
            must(process.stdout.readline(), "it said less")
        process.stdout.close()
        must(process.wait(timeout=60) == 0, f"exit status {process.returncode}")
        must(space.check_one_each() == 0, "a job too many was submitted")

    def full():
        space.fresh()
        with open("/dev/full", "w", encoding="utf-8") as file:
            done = subprocess.run(space.command(), env=space.environment(), stdin=subprocess.DEVNULL, stdout=file,
                                  stderr=file, timeout=60, check=False)
        must(done.returncode == 0, f"exit status {done.returncode}")
        must(space.check_one_each() == 0, "a job too many was submitted")
    for lines, both in ((0, False), (1, False), (0, True), (7, True)):
        count.one(f"closed after {lines} lines", lambda lines=lines, both=both: closed_after(lines, both))
    count.one("a full disk", full)
    return count.end()


def earlier_plan(space):
    """Jobs of an earlier plan: a dry run is refused as a submission is, or says what it would cancel; it touches nothing."""
    count = Count("earlier-plan")

    def plan_again(word):
        file = os.path.join(space.dir, "workflow.toml")
        with open(file, encoding="utf-8") as stream:
            text = stream.read()
        with open(file, "w", encoding="utf-8") as stream:
            stream.write(text.replace("echo 1 >", f"echo {word} >"))
        space.compile()
        space.read_submit()
        return file, text

    def beside(start, check):
        space.fresh()
        start()
        file, text = plan_again("again")
        try:
            before = -1
            while before != len(space.ledger().lines):
                before = len(space.ledger().lines)
                space.tick()
            queue = space.ledger().queued()
            must(queue, "nothing of the earlier plan is in the queue")
            check(queue)
        finally:
            space.env.pop("STUB_STAYS", None)
            with open(file, "w", encoding="utf-8") as stream:
                stream.write(text)
            space.compile()
            space.read_submit()

    def released():
        space.env["STUB_STAYS"] = "1001"
        finishes(space, "--no-test")

    def refused(queue):
        answers = {words: space.submit(*words) for words in ((), ("--dry-run",), ("--dry-run", "--json"))}
        must(len(set(answers.values())) == 1, f"different answers: {answers}")
        status, text = answers[()]
        must(status == 1 and f"still has {len(queue)} jobs in the queue" in text, f"exit status {status}: {text}")
        must(space.ledger().queued() == queue, "the queue has changed")

    def held():
        total = len(space.killed_at(0, "--no-test")[1])
        space.fresh()
        space.killed_at(total // 2, "--no-test")
        for request in space.in_flight():
            space.put(f"drop {request}")

    def cancelled(queue):
        status, text = space.submit("--dry-run")
        must(status == 0 and f"{len(queue)} held jobs" in text and "would be cancelled" in text,
             f"exit status {status}: {text}")
        must(space.ledger().queued() == queue, "the queue has changed")
        finishes(space, "--no-test")
        must(not set(space.ledger().queued()) & set(queue), "the held jobs are still there")
    count.one("released", lambda: beside(released, refused))
    count.one("held", lambda: beside(held, cancelled))
    return count.end()


def owed_finalizers(space):
    """All tasks are blocked, and finalizers that apply have not run: they are submitted with the verdict, once."""
    count = Count("finalizers-owed")
    closing = {key for key in space.waits if not key[3:] in {f"s{number:02}" for number in range(1, STEPS + 1)}}

    def run_all(but=()):
        journal = space.journal()
        for key, number in journal.ids.items():
            if key not in but:
                space.run_job(key, number, journal.run)

    def one(owed):
        space.fresh()
        finishes(space, "--no-test")
        space.check_one_each()
        run_all(but=[key for key in closing if key.endswith(owed)])
        inputs = [os.path.join(space.dir, "data", session, "raw.txt") for session in ("session1", "session2")]
        for name in inputs:
            os.rename(name, name + ".away")
        try:
            before = len(space.ledger().jobs)
            status, text = space.submit("--no-test")
            must(status == 0 and "no task to run" in text, f"exit status {status}: {text}")
            must(len(space.ledger().jobs) == before + len(closing), f"submitted: {space.items_of_last_run()}")
            must(set(space.items_of_last_run()) == closing, f"submitted: {space.items_of_last_run()}")
            space.check_one_each(space.items_of_last_run())
            run_all()
            status, text = space.submit("--no-test")
            must(status == 0 and "nothing to submit" in text, f"exit status {status}: {text}")
            must(len(space.ledger().jobs) == before + len(closing), "submitted again")
        finally:
            for name in inputs:
                os.rename(name + ".away", name)
    for owed in ("always", "bad"):
        count.one(f"all is blocked, `{owed}` has not run", lambda owed=owed: one(owed))
    return count.end()


def another_user(space):
    """A directory is its owner's: somebody else is told whose, and may look. The owner goes on."""
    count, names = Count("two-users"), {f"s{number:02}" for number in range(1, STEPS + 1)}

    def one():
        space.fresh()
        total = len(space.killed_at(0)[1])
        space.fresh()
        space.killed_at(total // 2, STUB_USER="1234")
        for request in space.in_flight():
            space.put(f"drop {request}")
        queue = space.ledger().queued()
        state = os.path.join(space.out, "state")
        for where in (state, space.journal_file):
            os.chown(where, 1234, 1234)
        for words in ([], ["--resume"], ["--cancel"]):
            status, text = space.submit(*words)
            must(status == 1 and "(1234), and only its owner" in text, f"{words}: it said: {text}")
        status, text = space.submit("--dry-run")
        # What is in the queue already is not submitted again: the owner's jobs are seen.
        must(status == 0 and len(text.splitlines()) == len(space.waits) - len(space.journal().ids), f"it said: {text}")
        status, text = space.submit("--dry-run", "--json")
        answer = json.loads(text)
        steps = sum(key[3:] in names for key in space.journal().ids)
        must(len(answer["live"]) == 2 * steps and len(answer["runs"]) == 2 * (STEPS - steps), f"it said: {text}")
        must(space.ledger().queued() == queue, "the owner's jobs were touched")
        os.chown(state, 0, 0)
        # A journal that somebody else has written is not believed.
        status, text = space.submit()
        must(status == 1 and "belongs to the user 1234" in text, f"it said: {text}")
        must(space.ledger().queued() == queue, "jobs were touched by another's journal")
        os.chown(space.journal_file, 0, 0)
        with open(space.ledger_file, encoding="utf-8") as file:
            ledger = file.read()
        with open(space.ledger_file, "w", encoding="utf-8") as file:
            file.write(ledger.replace(" user=1234 ", " user=0 "))
        finishes(space)
        must(space.check_one_each() == 0, "the owner's jobs were not seen")
    count.one("half of it", one)
    return count.end()


def main():
    if sys.argv[3:] == ["another_user"] and os.geteuid() != 0:
        print("skipped: only root can give files to another user")
        return 77
    parts = {part.__name__: part for part in (lost_output, earlier_plan, owed_finalizers)}
    with Workspace() as space:
        good = [{**parts, "another_user": another_user}[name](space) for name in sys.argv[3:] or parts]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
